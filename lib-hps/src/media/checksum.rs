// SPDX-License-Identifier: GPL-3.0-or-later
//! The CHECKSUM file of a release: `SHA256 (name) = digest` lines as BSD's sha256(1) writes them, with sizes in comments.

use crate::types::Sha256Digest;

/// The entry of a CHECKSUM file for one file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Entry {
    /// Its digest.
    pub sha256: Sha256Digest,
    /// Its size in bytes, if a comment has it.
    pub size: Option<u64>,
}

/// Why a CHECKSUM file has no entry for a name.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ChecksumError {
    /// No line names the file.
    #[error("it has no line for {0}")]
    NoLine(String),
    /// A line names the file and has no digest.
    #[error("its line for {0} has no SHA-256 digest")]
    NoDigest(String),
    /// Two lines name the file.
    #[error("it has more than one line for {0}")]
    TwoLines(String),
    /// A comment names the file and has no size.
    #[error("its comment on {0} has no size")]
    NoSize(String),
    /// Two comments name the file.
    #[error("it has more than one comment on {0}")]
    TwoComments(String),
}

/// The entry of exactly this name.
///
/// # Errors
/// When there is none, or more than one, or a line that names the file is not of the form.
pub fn entry(text: &str, name: &str) -> Result<Entry, ChecksumError> {
    let mut found: Option<Sha256Digest> = None;
    let mut size: Option<u64> = None;
    let (digest_of, size_of) = (format!("SHA256 ({name}) = "), format!("# {name}: "));
    for line in text.lines() {
        let line = line.strip_suffix('\r').unwrap_or(line);
        if let Some(digest) = line.strip_prefix(&digest_of) {
            let digest = digest.parse().map_err(|_| ChecksumError::NoDigest(name.to_owned()))?;
            if found.replace(digest).is_some() {
                return Err(ChecksumError::TwoLines(name.to_owned()));
            }
        } else if let Some(comment) = line.strip_prefix(&size_of) {
            let bytes = comment.strip_suffix(" bytes").and_then(|n| n.parse().ok());
            let bytes = bytes.ok_or_else(|| ChecksumError::NoSize(name.to_owned()))?;
            if size.replace(bytes).is_some() {
                return Err(ChecksumError::TwoComments(name.to_owned()));
            }
        }
    }
    found.map(|sha256| Entry { sha256, size }).ok_or_else(|| ChecksumError::NoLine(name.to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    const NAME: &str = "Rocky-10.1-x86_64-minimal.iso";

    fn text() -> String {
        format!(
            "# {NAME}: 1234 bytes\nSHA256 ({NAME}) = {}\n# Rocky-10.1-x86_64-boot.iso: 5 bytes\nSHA256 (Rocky-10.1-x86_64-boot.iso) = {}\n",
            "a".repeat(64),
            "b".repeat(64)
        )
    }

    #[test]
    fn the_one_line_of_exactly_this_name() {
        let entry_of = |text: &str| entry(text, NAME);
        let good = entry_of(&text()).unwrap();
        assert_eq!((good.sha256.to_string(), good.size), ("a".repeat(64), Some(1234)));
        assert_eq!(entry_of(&text().replace('\n', "\r\n")).unwrap(), good);
        assert_eq!(entry_of(&text().replace(&format!("# {NAME}: 1234 bytes\n"), "")).unwrap().size, None);
        for (what, bad) in [
            ("no line", text().replace(NAME, "other.iso")),
            ("twice", text() + &text()),
            ("only in a comment", format!("# SHA256 ({NAME}) = {}\n", "a".repeat(64))),
            ("a longer name", text().replace(&format!("({NAME})"), &format!("(x{NAME})"))),
            ("a short digest", text().replace(&"a".repeat(64), "aa")),
            ("more behind the digest", text().replace(&"a".repeat(64), &format!("{} x", "a".repeat(64)))),
            ("another algorithm", text().replace("SHA256 (", "SHA1 (")),
            ("no size", text().replace("1234 bytes", "many bytes")),
        ] {
            assert!(entry_of(&bad).is_err(), "{what}");
        }
    }

    proptest::proptest! {
        #[test]
        fn whatever_the_file_holds(text: String, name: String) {
            let _whatever = entry(&text, &name);
        }
    }
}
