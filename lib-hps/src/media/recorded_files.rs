// SPDX-License-Identifier: GPL-3.0-or-later
//! Compares a published folder with its record: every file is read, and there must be no other file.

use super::brought::{Brought, BroughtError};
use super::record_error::RecordError;
use super::settled;
use crate::types::Sha256Digest;
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};

/// A file as it was published.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct RecordedFile {
    pub(super) sha256: Sha256Digest,
    /// Where this is recorded.
    pub(super) size: Option<u64>,
}

/// The files of a folder, by their paths below it.
pub(super) type RecordedFiles = BTreeMap<String, RecordedFile>;

/// Compares a folder with its record, and checks that only root can change it. Returns the faults, a line each. Files
/// with names in `apart` may be missing and are not compared, but they must be files. `progress` gets the number of
/// files so far, and their total.
///
/// # Errors
/// When `stop` is set meanwhile.
pub(super) fn compare(
    folder: &Path,
    expected: &RecordedFiles,
    apart: &[&str],
    stop: &AtomicBool,
    progress: &mut dyn FnMut(u64, Option<u64>),
) -> Result<Vec<String>, RecordError> {
    let (mut there, mut wrong) = (BTreeSet::new(), Vec::new());
    walk(folder, "", &mut there, &mut wrong);
    let mut seen = 0u64;
    for path in there.iter().filter(|path| !apart.contains(&path.as_str())) {
        if stop.load(Ordering::Relaxed) {
            return Err(RecordError::Stopped);
        }
        let Some(expected_of) = expected.get(path) else {
            wrong.push(format!("{path} was not there when it was published"));
            continue;
        };
        wrong.extend(wrong_of(&folder.join(path), expected_of).map(|why| format!("{path} {why}")));
        seen += 1;
        progress(seen, Some(expected.len() as u64));
    }
    wrong.extend(expected.keys().filter(|path| !there.contains(*path)).map(|path| format!("{path} is missing")));
    Ok(wrong)
}

/// The faults of one file.
fn wrong_of(path: &Path, expected: &RecordedFile) -> Option<String> {
    let file = match Brought::open(path) {
        Ok(brought) => brought.into_file(),
        Err(error) => return Some(format!("cannot be read: {}", one_line(&error))),
    };
    match Sha256Digest::hash_reader(file) {
        Ok((found, _)) if found != expected.sha256 => Some(format!("has SHA-256 {found}, not {}", expected.sha256)),
        Ok((_, size)) => {
            let other = expected.size.filter(|expected| *expected != size);
            other.map(|expected| format!("has {size} bytes, not {expected}"))
        }
        Err(error) => Some(format!("cannot be read: {error}")),
    }
}

fn one_line(error: &BroughtError) -> String {
    match error {
        BroughtError::Io(error) => error.reason().to_string(),
        other => other.to_string(),
    }
}

fn walk(folder: &Path, below: &str, files: &mut BTreeSet<String>, wrong: &mut Vec<String>) {
    // A user who can change a folder can replace each file in it.
    if let Some(why) = settled::wrong_of(folder) {
        wrong.push(format!("{} {why}", if below.is_empty() { "its folder" } else { below.trim_end_matches('/') }));
    }
    let entries = match std::fs::read_dir(folder) {
        Ok(entries) => entries,
        Err(error) => return wrong.push(format!("{} cannot be listed: {error}", folder.display())),
    };
    for entry in entries {
        let entry = match entry {
            Ok(entry) => entry,
            Err(error) => return wrong.push(format!("{} cannot be listed: {error}", folder.display())),
        };
        let path = format!("{below}{}", entry.file_name().to_string_lossy());
        match entry.file_type() {
            Ok(kind) if kind.is_dir() => walk(&entry.path(), &format!("{path}/"), files, wrong),
            Ok(kind) if kind.is_file() => {
                wrong.extend(settled::wrong_of(&entry.path()).map(|why| format!("{path} {why}")));
                files.insert(path);
            }
            _ => wrong.push(format!("{path} is a link or a device, which is not allowed there")),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whatever_is_not_as_it_was_is_said() {
        let root = tempfile::tempdir().unwrap();
        let at = |name: &str| root.path().join(name);
        let mut expected = RecordedFiles::new();
        std::fs::create_dir(at("folder")).unwrap();
        for name in ["good", "changed", "folder/gone", "longer", "apart"] {
            std::fs::write(at(name), name).unwrap();
            let of = RecordedFile { sha256: Sha256Digest::hash(name.as_bytes()), size: Some(name.len() as u64) };
            expected.insert(name.to_owned(), of);
        }
        expected.remove("apart");
        let compare = |expected: &RecordedFiles| {
            compare(root.path(), expected, &["apart"], &AtomicBool::new(false), &mut |_, _| {}).unwrap()
        };
        assert_eq!(compare(&expected), Vec::<String>::new());
        std::fs::write(at("changed"), "chanGed").unwrap();
        std::fs::remove_file(at("folder/gone")).unwrap();
        std::fs::write(at("folder/new"), "").unwrap();
        std::os::unix::fs::symlink("good", at("link")).unwrap();
        std::fs::remove_file(at("apart")).unwrap();
        std::os::unix::fs::symlink("good", at("apart")).unwrap();
        expected.get_mut("longer").unwrap().size = Some(7);
        let mut wrong = compare(&expected);
        wrong.sort();
        let words = ["apart is a link", "changed has SHA-256", "folder/gone is missing", "folder/new was not there"];
        let words = words.into_iter().chain(["link is a link", "longer has 6 bytes, not 7"]);
        assert!(wrong.iter().zip(words).all(|(line, word)| line.starts_with(word)) && wrong.len() == 6, "{wrong:?}");
        let stopped = super::compare(root.path(), &expected, &[], &AtomicBool::new(true), &mut |_, _| {});
        assert!(matches!(stopped, Err(RecordError::Stopped)));
    }
}
