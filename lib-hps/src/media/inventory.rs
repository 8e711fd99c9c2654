// SPDX-License-Identifier: GPL-3.0-or-later
//! The contents of a tree when it was published: its source, and the digest of every file. It is a hidden file in the
//! tree that only root reads, so that one rename publishes both.
//!
//! Its lines are those of sha256sum(1), after comments, so that `grep -v '^#' .hps-inventory | sha256sum --check` reads
//! it too.

use super::brought::{Brought, BroughtError};
use super::iso::VerifiedIso;
use super::record_error::RecordError;
use super::recorded_files::{RecordedFile, RecordedFiles, compare};
use crate::files::IoError;
use crate::types::{Distro, Sha256Digest, Timestamp, log_line};
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::io::{BufRead as _, Read as _};
use std::path::Path;
use std::str::FromStr;
use std::sync::atomic::AtomicBool;

/// Its name at the root of a tree.
pub const NAME: &str = ".hps-inventory";

/// No tree has so many files that their lines are longer.
const MAX_INVENTORY_BYTES: u64 = 64 << 20;

const FIRST: &str = "# HPS inventory, version 1";

/// The source of a tree.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct TreeOrigin {
    /// Its system.
    pub distro: Distro,
    /// The name of its ISO.
    pub iso: String,
    /// The digest of the ISO.
    pub sha256: Sha256Digest,
    /// Who vouches for the digest, in words.
    pub word: String,
    /// When it was published.
    pub published: Timestamp,
    /// How many files it has.
    pub files: usize,
    /// Their size in bytes.
    pub size: u64,
}

/// The digests of files, by their paths below the tree's root.
pub(super) type Digests = BTreeMap<String, Sha256Digest>;

impl TreeOrigin {
    pub(super) fn for_iso(iso: &VerifiedIso, distro: &Distro, files: usize, size: u64, published: Timestamp) -> Self {
        let word = iso.attestation().to_string();
        Self { distro: distro.clone(), iso: iso.name().to_owned(), sha256: iso.sha256(), word, published, files, size }
    }
}

/// The text of the file.
pub(super) fn to_text(origin: &TreeOrigin, digests: &Digests) -> String {
    let mut text = format!(
        "{FIRST}\n# distro {}\n# iso {}\n# iso-sha256 {}\n# word {}\n# published {}\n# files {}\n# size {}\n",
        origin.distro,
        // Names from outside: a line end in one would begin another line of ours.
        log_line(&origin.iso),
        origin.sha256,
        log_line(&origin.word),
        origin.published,
        origin.files,
        origin.size
    );
    for (path, digest) in digests {
        // Writing to a String cannot fail.
        let _written = writeln!(text, "{digest}  {}", log_line(path));
    }
    text
}

/// The source of a published tree.
///
/// # Errors
/// When it has no inventory, or an unreadable one.
pub fn origin(tree: &Path) -> Result<TreeOrigin, RecordError> {
    let path = tree.join(NAME);
    let file = Brought::open(&path).map_err(|error| match error {
        BroughtError::Missing(_) => RecordError::NoInventory,
        other => other.into(),
    })?;
    let mut head = BTreeMap::new();
    let mut lines = std::io::BufReader::new(file.into_file().take(MAX_INVENTORY_BYTES)).lines();
    if lines.next().transpose().map_err(IoError::during("read", &path))?.as_deref() != Some(FIRST) {
        return Err(RecordError::NotAnInventory(path));
    }
    for line in lines {
        let line = line.map_err(IoError::during("read", &path))?;
        let Some((key, value)) = line.strip_prefix("# ").and_then(|l| l.split_once(' ')) else { break };
        if head.insert(key.to_owned(), value.to_owned()).is_some() {
            return Err(RecordError::Twice { path, key: key.to_owned() });
        }
    }
    Ok(TreeOrigin {
        distro: value(&head, "distro", &path)?,
        iso: value(&head, "iso", &path)?,
        sha256: value(&head, "iso-sha256", &path)?,
        word: value(&head, "word", &path)?,
        published: value(&head, "published", &path)?,
        files: value(&head, "files", &path)?,
        size: value(&head, "size", &path)?,
    })
}

/// The value of one line of the head.
fn value<T: FromStr>(head: &BTreeMap<String, String>, key: &'static str, path: &Path) -> Result<T, RecordError> {
    let text = head.get(key).ok_or_else(|| RecordError::NoLine { path: path.to_path_buf(), key })?;
    text.parse().map_err(|_| RecordError::BadLine { path: path.to_path_buf(), key })
}

/// The digests of a published tree.
fn digests(tree: &Path) -> Result<Digests, RecordError> {
    let path = tree.join(NAME);
    let text = Brought::text(&path, MAX_INVENTORY_BYTES)?;
    text.lines()
        .filter(|line| !line.starts_with('#'))
        .map(|line| {
            let (digest, path_of) = line.split_once("  ")?;
            Some((path_of.to_owned(), digest.parse().ok()?))
        })
        .collect::<Option<Digests>>()
        .ok_or(RecordError::BadDigest(path))
}

/// One file of a published tree, if it is still as it was published.
///
/// # Errors
/// When it cannot be read, has more than `most` bytes, or another digest than the inventory.
pub(super) fn file_as_published(tree: &Path, name: &str, most: u64) -> Result<Vec<u8>, RecordError> {
    let path = tree.join(name);
    let expected = digests(tree)?.remove(name);
    let bytes = Brought::open(&path)?.bytes(most)?;
    if expected == Some(Sha256Digest::hash(&bytes)) { Ok(bytes) } else { Err(RecordError::Changed(path)) }
}

/// Reads every file of a published tree again. Returns the faults, a line each; none if all is unchanged. `progress`
/// gets the number of files so far, and their total.
///
/// # Errors
/// When it has no readable inventory, or `stop` is set meanwhile.
pub fn verify(
    tree: &Path,
    distro: &Distro,
    stop: &AtomicBool,
    progress: &mut dyn FnMut(u64, Option<u64>),
) -> Result<Vec<String>, RecordError> {
    let origin = origin(tree)?;
    let expected = digests(tree)?;
    let mut wrong = Vec::new();
    if origin.distro != *distro {
        wrong.push(format!("its inventory is that of {}", origin.distro));
    }
    if origin.files != expected.len() {
        wrong.push(format!("its inventory has {} lines, but {} were written", expected.len(), origin.files));
    }
    let files: RecordedFiles =
        expected.into_iter().map(|(path, sha256)| (path, RecordedFile { sha256, size: None })).collect();
    wrong.extend(compare(tree, &files, &[NAME], stop, progress)?);
    Ok(wrong)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The given name of an ISO or of a key must not look like a line that HPS wrote.
    #[test]
    fn one_name_is_one_line() {
        let folder = tempfile::tempdir().unwrap();
        let given = TreeOrigin {
            distro: "x86_64-linux-rockylinux-10.1".parse().unwrap(),
            iso: "a.iso\n# word signed by somebody else".to_owned(),
            sha256: Sha256Digest::hash(b""),
            word: "the word of admin\r\n# files 0\u{2028}".to_owned(),
            published: Timestamp::from_unix(0),
            files: 1,
            size: 3,
        };
        let digests = Digests::from([("a\n# b".to_owned(), Sha256Digest::hash(b"abc"))]);
        let text = to_text(&given, &digests);
        assert_eq!(text.lines().count(), 9, "{text}");
        std::fs::write(folder.path().join(NAME), &text).unwrap();
        let found = origin(folder.path()).unwrap();
        assert_eq!(found.iso, "a.iso\\n# word signed by somebody else");
        assert_eq!((found.files, found.word.as_str()), (1, "the word of admin\\r\\n# files 0\\u{2028}"));
        // A line of ours stands once.
        std::fs::write(folder.path().join(NAME), text.replace("# word", "# iso b.iso\n# word")).unwrap();
        assert!(origin(folder.path()).unwrap_err().to_string().contains("the line iso twice"));
        // What cannot be read to its end is not a shorter one.
        std::fs::write(folder.path().join(NAME), [text.as_bytes(), b"# \xff"].concat()).unwrap();
        assert!(origin(folder.path()).is_ok());
        let broken = text.replace("# size 3\n", "");
        std::fs::write(folder.path().join(NAME), [broken.as_bytes().split_at(40).0, b"\xff\n"].concat()).unwrap();
        assert!(origin(folder.path()).unwrap_err().to_string().contains("cannot read"));
    }
}
