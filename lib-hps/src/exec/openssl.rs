// SPDX-License-Identifier: GPL-3.0-or-later
//! `openssl`: the certificate of the page, and the hashes of passwords.

use super::{ExecError, Limit, Run};
use crate::types::Timestamp;
use rustix::fs::MemfdFlags;
use std::fs::File;
use std::io::{Seek as _, Write as _};
use std::net::Ipv4Addr;
use std::path::Path;
use std::sync::atomic::AtomicBool;

const PROGRAM: &str = "openssl";
const PACKAGE: &str = "openssl";
/// Browsers accept no certificate that is valid for longer (825 days).
const DAYS: &str = "825";

/// What a person and a check want to know of a certificate.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CertificateFacts {
    /// SHA-256 of the certificate, as browsers show it: `AB:CD:...`.
    pub fingerprint: String,
    /// When it ends.
    pub ends: Timestamp,
}

/// Makes a key, and a certificate that it signs itself, in one text.
///
/// # Errors
/// When openssl is missing or fails.
pub fn self_signed(name: &str, address: Ipv4Addr, stop: &AtomicBool) -> Result<Vec<u8>, ExecError> {
    let names = format!("subjectAltName=DNS:{name},IP:{address}");
    let run = Run::new(PROGRAM, PACKAGE)
        .args(["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", DAYS])
        .args(["-subj", &format!("/CN={name}"), "-addext", &names, "-keyout", "/dev/stdout", "-out", "/dev/stdout"]);
    Ok(run.output(Limit::CHECK, stop)?.stdout)
}

/// The facts of the first certificate in a file.
///
/// # Errors
/// When openssl is missing, or the file has no certificate.
pub fn certificate_facts(file: &Path, stop: &AtomicBool) -> Result<CertificateFacts, ExecError> {
    let run = Run::new(PROGRAM, PACKAGE)
        .args(["x509", "-noout", "-fingerprint", "-sha256", "-enddate", "-dateopt", "iso_8601", "-in"])
        .path(file);
    let text = run.text(Limit::CHECK, stop)?;
    read_facts(&text).ok_or_else(|| ExecError::Output { program: PROGRAM, problem: "no certificate in it".to_owned() })
}

/// `sha256 Fingerprint=AB:CD:...` and `notAfter=2027-01-01 00:00:00Z`.
fn read_facts(text: &str) -> Option<CertificateFacts> {
    let value = |name: &str| text.lines().find_map(|line| Some(line.split_once(name)?.1.trim().to_owned()));
    let ends = value("notAfter=")?.replacen(' ', "T", 1).parse().ok()?;
    Some(CertificateFacts { fingerprint: value("Fingerprint=")?, ends })
}

/// The hash of a password for crypt(5), by SHA-512 with a random salt. The password is in no argument.
///
/// # Errors
/// When openssl is missing or fails.
pub fn password_hash(password: &str, stop: &AtomicBool) -> Result<String, ExecError> {
    let start = |source| ExecError::Start { program: PROGRAM, source };
    let input = in_memory(password.as_bytes()).map_err(start)?;
    let run = Run::new(PROGRAM, PACKAGE).args(["passwd", "-6", "-stdin"]).input(input);
    Ok(run.text(Limit::CHECK, stop)?.trim().to_owned())
}

/// What it reads is never in a file with a name.
fn in_memory(bytes: &[u8]) -> std::io::Result<File> {
    let mut file = File::from(rustix::fs::memfd_create("password", MemfdFlags::CLOEXEC)?);
    file.write_all(bytes)?;
    file.write_all(b"\n")?;
    file.rewind()?;
    Ok(file)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_facts_are_those_that_openssl_prints() {
        let text = "sha256 Fingerprint=AB:CD\nnotAfter=2027-03-04 05:06:07Z\n";
        let facts = read_facts(text).unwrap();
        assert_eq!((facts.fingerprint.as_str(), facts.ends.to_string().as_str()), ("AB:CD", "2027-03-04T05:06:07Z"));
        assert_eq!(read_facts("notAfter=x\n"), None);
    }

    #[test]
    fn a_certificate_of_our_own_has_its_facts_and_its_key() {
        let (folder, stop) = (tempfile::tempdir().unwrap(), AtomicBool::new(false));
        let pem = self_signed("ips", "10.0.0.1".parse().unwrap(), &stop).unwrap();
        let text = String::from_utf8(pem.clone()).unwrap();
        assert!(text.contains("BEGIN PRIVATE KEY") && text.contains("BEGIN CERTIFICATE"), "{text}");
        std::fs::write(folder.path().join("web.pem"), pem).unwrap();
        let facts = certificate_facts(&folder.path().join("web.pem"), &stop).unwrap();
        assert_eq!(facts.fingerprint.len(), 95);
        assert!(facts.ends > Timestamp::now());
    }
}
