// SPDX-License-Identifier: GPL-3.0-or-later
//! Folders of small files, and the lines in them.

use super::findings::Findings;
use hps::store::read_plain;
use hps::types::MacAddr;
use std::path::Path;

/// The names in a folder, sorted, without hidden ones; a folder that cannot be read is a problem.
pub(super) fn names(folder: &Path, findings: &mut Findings) -> Vec<String> {
    let listed = std::fs::read_dir(folder).and_then(|entries| {
        entries.map(|entry| Ok(entry?.file_name().to_string_lossy().into_owned())).collect::<std::io::Result<Vec<_>>>()
    });
    match listed {
        Ok(mut names) => {
            names.retain(|name| !name.starts_with('.'));
            names.sort();
            names
        }
        Err(error) => {
            findings.problem(folder, None, format!("cannot list: {error}"), "reload makes missing folders");
            Vec::new()
        }
    }
}

/// Whether a folder is missing. If that cannot be checked, the folder counts as there; listing it then reports the
/// problem.
pub(super) fn is_missing(folder: &Path) -> bool {
    folder.metadata().is_err_and(|error| error.kind() == std::io::ErrorKind::NotFound)
}

/// The MAC of a file called `<mac>.toml`, in the spelling of the programs.
pub(super) fn mac_of_file(name: &str) -> Option<MacAddr> {
    let stem = name.strip_suffix(".toml")?;
    stem.parse::<MacAddr>().ok().filter(|mac| mac.to_string() == stem)
}

/// No record is larger.
const MAX_RECORD_BYTES: u64 = 1 << 20;

/// The line of a key.
pub(super) fn line_of(file: &Path, key: &str) -> Option<usize> {
    let text = String::from_utf8(read_plain(file, MAX_RECORD_BYTES).ok()?).ok()?;
    let found = text
        .lines()
        .position(|line| line.trim_start().strip_prefix(key).is_some_and(|rest| rest.trim_start().starts_with('=')))?;
    Some(found + 1)
}
