// SPDX-License-Identifier: GPL-3.0-or-later
//! `rpm`: what the header of a package file says.
//!
//! rpm would read a file that is not a package as a list of files and addresses (a "manifest"), and it treats names as
//! patterns. So the caller passes only packages, under names of its own.

use super::{ExecError, Limit, Run};
use crate::types::{Invalid, Nevra};
use std::path::Path;
use std::sync::atomic::AtomicBool;

/// The relevant parts of a header. They are not proven.
#[derive(Debug)]
pub struct Header {
    /// The name of the package.
    pub nevra: Result<Nevra, Invalid>,
    /// Whether it is a source package.
    pub is_source: bool,
    /// The signed header, in base64, without its first eight bytes, which are [`MAGIC`].
    pub signed: String,
    /// The signatures over it, OpenPGP packets in base64.
    pub signatures: Vec<String>,
    /// The ID of the key that a signature names, in hex digits.
    pub key_id: Option<String>,
}

/// The beginning of a header in a package file (rpm's docs/manual/format_header.md), which is signed with it.
pub const MAGIC: [u8; 8] = [0x8e, 0xad, 0xe8, 0x01, 0, 0, 0, 0];

/// Neither base64 nor a part of a NEVRA has this character, so a header that contains one has too many fields.
const BETWEEN: char = '!';
const QUESTION: &str = "%{NAME}!%{EPOCHNUM}!%{VERSION}!%{RELEASE}!%{ARCH}!%|SOURCEPACKAGE?{source}:{binary}|!%{HEADERIMMUTABLE:base64}!%{RSAHEADER:base64}!%{DSAHEADER:base64}!%{RSAHEADER:pgpsig}!%{DSAHEADER:pgpsig}";

/// More than any header has: the largest ones list a hundred thousand files.
const MAX_HEADER_BYTES: usize = 256 << 20;

/// `rpm` or `rpmkeys` with a database and a home of its own below `place`: no macro of the user and no key of the
/// system has an effect.
pub(super) fn rpm(program: &'static str, place: &Path) -> Run {
    Run::new(program, "rpm")
        .env("HOME", place)
        .env("XDG_CONFIG_HOME", place)
        .arg("--define")
        .arg(format!("_dbpath {}", place.display()))
        // Nothing is left out, with any macros of the system.
        .args(["--define", "_pkgverify_flags 0x0"])
}

/// Reads the header of the package `file`. `place` is an empty folder.
///
/// # Errors
/// When rpm is missing or refuses the header; it checks the header's digests, but not its signature. When `stop` is set
/// meanwhile.
pub fn header(place: &Path, file: &Path, stop: &AtomicBool) -> Result<Header, ExecError> {
    let output = rpm("rpm", place)
        .args(["--query", "--nomanifest", "--queryformat", QUESTION, "--package"])
        .path(file)
        .output(Limit::CHECK.bytes(MAX_HEADER_BYTES), stop)?;
    let text = String::from_utf8(output.stdout).map_err(|_| wrong(HeaderError::NotText))?;
    parse(&text).map_err(wrong)
}

#[expect(clippy::needless_pass_by_value, reason = "map_err gives it")]
fn wrong(error: HeaderError) -> ExecError {
    ExecError::Output { program: "rpm", problem: error.to_string() }
}

/// Why an answer of rpm is refused.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
enum HeaderError {
    #[error("a header that is not UTF-8")]
    NotText,
    #[error("a header of {0} fields")]
    Fields(usize),
    #[error("the epoch {0:.20?}")]
    Epoch(String),
}

fn parse(text: &str) -> Result<Header, HeaderError> {
    let fields: Vec<&str> = text.split(BETWEEN).collect();
    let [name, epoch, version, release, arch, kind, signed, rsa, dsa, rsa_words, dsa_words] = fields.as_slice() else {
        return Err(HeaderError::Fields(fields.len()));
    };
    let there = |field: &&&str| **field != "(none)" && !field.is_empty();
    let epoch = epoch.parse().map_err(|_| HeaderError::Epoch((*epoch).to_owned()))?;
    let base64 = |field: &str| field.split_ascii_whitespace().collect::<String>();
    Ok(Header {
        nevra: Nevra::new(name, epoch, version, release, arch),
        is_source: *kind != "binary",
        signed: base64(signed),
        signatures: [rsa, dsa].into_iter().filter(there).map(|field| base64(field)).collect(),
        key_id: [rsa_words, dsa_words].into_iter().filter(there).find_map(|words| key_id(words)),
    })
}

/// `RSA/SHA256, Tue Nov 24 15:00:00 2026, Key ID 5b106c736fedfc85`
fn key_id(words: &str) -> Option<String> {
    let (_, id) = words.rsplit_once("Key ID ")?;
    let id = id.trim();
    (id.len() <= 40 && id.bytes().all(|b| b.is_ascii_hexdigit())).then(|| id.to_ascii_uppercase())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_of_a_header() {
        let text = "hello!0!1.0!1.el10!x86_64!binary!AAAA\nBBBB\n!(none)!iHUE\nYBg=\n!(none)!EdDSA/SHA256, Tue Nov 24 15:08:34 2026, Key ID ed6645a7adb8cc2a";
        let header = parse(text).unwrap();
        assert_eq!(header.nevra.unwrap().file_name(), "hello-1.0-1.el10.x86_64.rpm");
        assert_eq!((header.signed.as_str(), header.signatures), ("AAAABBBB", vec!["iHUEYBg=".to_owned()]));
        assert_eq!((header.is_source, header.key_id.as_deref()), (false, Some("ED6645A7ADB8CC2A")));
        let header = parse("../x!0!1!1!x!source!A!(none)!(none)!(none)!(none)").unwrap();
        assert!(header.nevra.is_err() && header.is_source && header.signatures.is_empty() && header.key_id.is_none());
        for bad in ["", "hello", "a!0!1!1!x86_64!x86_64!binary!A!(none)!(none)!(none)!(none)", "a!x!1!1!x!b!A!B!C!D!E"]
        {
            assert!(parse(bad).is_err(), "{bad}");
        }
    }
}
