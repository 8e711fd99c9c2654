// SPDX-License-Identifier: GPL-3.0-or-later
//! `rpmkeys`: whether every digest and every signature of a package is good.
//!
//! Its exit code says too little: it is 0 for an unsigned package with correct digests, and for a signature by an
//! expired key. So each line of its output is read. gpgv decides who signed, and whether that key still counts.

use super::rpm::rpm;
use super::{ExecError, Limit, Run};
use std::path::Path;
use std::process::ExitStatus;
use std::sync::atomic::AtomicBool;

/// Why a package was checked and does not count.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum BadPackage {
    /// rpmkeys printed another file's name first.
    #[error("rpmkeys did not name the package")]
    NotNamed,
    /// A line that is not `OK`.
    #[error("rpmkeys said: {0:.200}")]
    NotOk(String),
    /// A line about something else.
    #[error("rpmkeys spoke of {0:.80}, which is not known here")]
    Unknown(String),
    /// No line about a signature.
    #[error("its header is not signed")]
    NotSigned,
    /// No digest that a signature covers.
    #[error("it has no SHA-256 digest of its {0}: it was built for an rpm that is too old")]
    NoDigest(&'static str),
    /// rpmkeys failed.
    #[error("rpmkeys ended with {0}")]
    Exit(ExitStatus),
}

/// It has a line for each digest and signature.
const MAX_OUTPUT_BYTES: usize = 1 << 20;

/// Makes a database in the empty folder `database` with only this key.
///
/// # Errors
/// When rpmkeys is missing, refuses the key, or is stopped.
pub fn import(database: &Path, key: &Path, stop: &AtomicBool) -> Result<(), ExecError> {
    rpmkeys(database).arg("--import").path(key).output(Limit::CHECK, stop).map(drop)
}

fn rpmkeys(database: &Path) -> Run {
    rpm("rpmkeys", database).args(["--define", "_pkgverify_level all"])
}

/// Checks the package `file` with the keys of `database`. The outer error is about the call, the inner one about the
/// package.
///
/// # Errors
/// See above.
pub fn check(database: &Path, file: &Path, stop: &AtomicBool) -> Result<Result<(), BadPackage>, ExecError> {
    let output = rpmkeys(database)
        .args(["--checksig", "--verbose"])
        .arg(file)
        .ended(Limit::READ.bytes(MAX_OUTPUT_BYTES), stop)?;
    let judged = judge(&String::from_utf8_lossy(&output.stdout), &file.display().to_string());
    Ok(judged.and_then(|()| match output.status.success() {
        true => Ok(()),
        false => Err(BadPackage::Exit(output.status)),
    }))
}

/// The name of the file, then lines of `    WHAT: OK`. These must be among them: a signature over the header, and the
/// digests of header and payload. The second is in the signed header.
fn judge(text: &str, file: &str) -> Result<(), BadPackage> {
    let mut lines = text.lines();
    if lines.next() != Some(format!("{file}:").as_str()) {
        return Err(BadPackage::NotNamed);
    }
    let (mut signatures, mut header, mut payload) = (0, 0, 0);
    for line in lines {
        let line = line.trim_start();
        let Some((what, "OK")) = line.split_once(": ") else {
            return Err(BadPackage::NotOk(line.to_owned()));
        };
        match what {
            _ if what.starts_with("Header V") && what.contains(" Signature, key ID ") => signatures += 1,
            "Header SHA256 digest" => header += 1,
            "Payload SHA256 digest" | "Payload SHA256 ALT digest" => payload += 1,
            // Older ones besides them: more than needed.
            "Header SHA1 digest" | "MD5 digest" => {}
            _ if what.starts_with('V') && what.contains(" Signature, key ID ") => {}
            _ => return Err(BadPackage::Unknown(what.to_owned())),
        }
    }
    match (signatures, header, payload) {
        (0, ..) => Err(BadPackage::NotSigned),
        (_, 0, _) => Err(BadPackage::NoDigest("header")),
        (_, _, 0) => Err(BadPackage::NoDigest("payload")),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const GOOD: &str = "/w/0.rpm:\n    Header V4 EdDSA/SHA256 Signature, key ID adb8cc2a: OK\n    Header SHA256 digest: OK\n    Header SHA1 digest: OK\n    Payload SHA256 digest: OK\n    MD5 digest: OK\n";

    #[test]
    fn every_line_must_be_good_and_a_signature_among_them() {
        let judge = |text: &str| judge(text, "/w/0.rpm");
        assert_eq!(judge(GOOD), Ok(()));
        let without =
            |word: &str| GOOD.lines().filter(|l| !l.contains(word)).map(|l| format!("{l}\n")).collect::<String>();
        for (what, text) in [
            ("nothing", String::new()),
            ("digests alone", without("Signature")),
            ("no digest of the payload", without("Payload")),
            ("no digest of the header", without("Header SHA256")),
            ("a key that is not there", GOOD.replace("adb8cc2a: OK", "adb8cc2a: NOKEY")),
            ("a key without trust", GOOD.replace("adb8cc2a: OK", "adb8cc2a: NOTTRUSTED")),
            ("another body", GOOD.replace("Payload SHA256 digest: OK", "Payload SHA256 digest: BAD (Expected a != b)")),
            ("a bad line beside it", format!("{GOOD}    RSA signature: NOTFOUND\n")),
            ("a line of tomorrow", format!("{GOOD}    Tomorrow: OK\n")),
            ("another file", GOOD.replace("/w/0.rpm", "/w/1.rpm")),
            ("two files", format!("{GOOD}{GOOD}")),
            ("a signature over the whole alone", GOOD.replace("Header V4", "V4")),
        ] {
            assert!(judge(&text).is_err(), "{what}");
        }
    }
}
