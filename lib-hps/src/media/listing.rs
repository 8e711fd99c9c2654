// SPDX-License-Identifier: GPL-3.0-or-later
//! The listing of an ISO, checked before anything is extracted.

use super::{inventory, space};
use crate::exec::xorriso::{Entry, EntryKind};
use std::collections::HashSet;

/// A `.treeinfo` has a few kilobytes.
pub(super) const MAX_TREE_INFO_BYTES: u64 = 1 << 20;

/// Why an ISO with this listing is not an installation tree.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(super) enum ListingError {
    #[error("it has {0:.200}, a link or a device, which a tree must not have")]
    NoFile(String),
    #[error("it has {0:.200}, a name that a tree must not have")]
    Name(String),
    #[error("it has {0:.200}, which must not be there")]
    Unexpected(String),
    #[error("its .treeinfo is not a file of its kind")]
    BadTreeInfo,
    #[error("it has no .treeinfo, so it is not an installation tree")]
    NoTreeInfo,
    #[error("its files have {} together, more than the ISO itself", space::format_size(*.0))]
    Size(u64),
}

/// Only files and folders, with plain names, in a limited number and size. Returns the size of all files.
pub(super) fn look_through(entries: &[Entry], iso_size: u64) -> Result<u64, ListingError> {
    let mut paths = HashSet::new();
    let mut size = 0u64;
    for entry in entries {
        let path = entry.path.as_str();
        if entry.kind == EntryKind::Other {
            return Err(ListingError::NoFile(path.to_owned()));
        }
        let plain = |part: &str| !part.is_empty() && part != "." && part != "..";
        let below = path.strip_prefix('/').unwrap_or_default();
        // A backslash begins the code of a character outside of printable ASCII.
        if path != "/" && (path.contains('\\') || !path.is_ascii() || !below.split('/').all(plain)) {
            return Err(ListingError::Name(path.to_owned()));
        }
        if below == inventory::NAME || !paths.insert(path) {
            return Err(ListingError::Unexpected(path.to_owned()));
        }
        if below == ".treeinfo" && (entry.kind != EntryKind::File || entry.size > MAX_TREE_INFO_BYTES) {
            return Err(ListingError::BadTreeInfo);
        }
        size = size.saturating_add(entry.size);
    }
    if !paths.contains("/.treeinfo") {
        return Err(ListingError::NoTreeInfo);
    }
    // Names may share their bytes on an ISO, so a small one could fill a disk.
    if size > iso_size.saturating_mul(2) {
        return Err(ListingError::Size(size));
    }
    Ok(size)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(kind: EntryKind, size: u64, path: &str) -> Entry {
        Entry { kind, size, path: path.to_owned() }
    }

    #[test]
    fn a_listing_holds_nothing_odd() {
        let with = |more: &[Entry]| {
            let mut entries = vec![entry(EntryKind::Folder, 0, "/"), entry(EntryKind::File, 100, "/.treeinfo")];
            entries.extend(more.iter().cloned());
            look_through(&entries, 1000)
        };
        assert_eq!(with(&[entry(EntryKind::Folder, 0, "/a b"), entry(EntryKind::File, 7, "/a b/it's+~.rpm")]), Ok(107));
        for (what, bad) in [
            ("a link", entry(EntryKind::Other, 0, "/link")),
            ("a control character", entry(EntryKind::File, 0, "/a\\033[m")),
            ("the folder above", entry(EntryKind::File, 0, "/../etc/passwd")),
            ("the folder above at the end", entry(EntryKind::Folder, 0, "/a/..")),
            ("nothing between slashes", entry(EntryKind::File, 0, "/a//b")),
            ("our inventory", entry(EntryKind::File, 0, "/.hps-inventory")),
            ("a name twice", entry(EntryKind::Folder, 0, "/.treeinfo")),
            ("more than it can hold", entry(EntryKind::File, 2000, "/big")),
        ] {
            assert!(with(&[bad]).is_err(), "{what}");
        }
        assert!(look_through(&[entry(EntryKind::Folder, 0, "/")], 1000).is_err(), "no .treeinfo");
    }
}
