// SPDX-License-Identifier: GPL-3.0-or-later
//! An installation tree out of a verified ISO: its listing is looked through before anything is extracted, every file of it
//! after, and what it says of itself must be what was expected.

use super::brought::Brought;
use super::inventory::{self, Digests, Origin};
use super::tree_info::TreeInfo;
use super::verify::VerifiedIso;
use super::{Release, settled, space};
use crate::exec::ExecError;
use crate::exec::xorriso::{self, Entry, Image, Kind};
use crate::files::{Folder, IoError, free_space};
use crate::types::{Distro, Sha256Digest, Timestamp};
use std::collections::{BTreeSet, HashSet};
use std::path::{Path, PathBuf};
use std::sync::atomic::AtomicBool;

/// How the name of a folder begins in which a tree is made.
pub(super) const HIDDEN: &str = ".tree-";

/// Why a tree is not published.
#[derive(Debug, thiserror::Error)]
pub enum TreeError {
    /// The system refused an operation.
    #[error(transparent)]
    Io(#[from] IoError),
    /// It is no installation tree, or not the one that was expected.
    #[error("{}: {problem}; it is not published", path.display())]
    Content {
        /// The ISO.
        path: PathBuf,
        /// What is wrong.
        problem: String,
    },
    /// The disk is too small.
    #[error("{}: {needed} are needed for the tree, and {free} are free", path.display())]
    Space {
        /// The folder.
        path: PathBuf,
        /// How much, in words.
        needed: String,
        /// How much there is, in words.
        free: String,
    },
    /// It could not be extracted.
    #[error(transparent)]
    Exec(#[from] ExecError),
}

/// No tree has more entries; a full Rocky Linux DVD has about ten thousand.
const MAX_ENTRIES: usize = 50_000;
/// A `.treeinfo` has a few kilobytes.
const MAX_TREE_INFO_BYTES: u64 = 1 << 20;

/// The ISO, looked through and named.
#[derive(Debug)]
pub(super) struct Opened<'a> {
    iso: &'a VerifiedIso,
    info: TreeInfo,
    files: BTreeSet<String>,
    size: u64,
}

impl<'a> Opened<'a> {
    /// Looks through the listing, and reads `.treeinfo` by way of `folder`.
    pub(super) fn open(iso: &'a VerifiedIso, folder: &Path, stop: &AtomicBool) -> Result<Self, TreeError> {
        let wrong = |problem: String| TreeError::Content { path: iso.path().to_path_buf(), problem };
        let image = Image { file: iso.file(), name: iso.path() };
        let entries = xorriso::list(image, MAX_ENTRIES, stop).map_err(|error| match error {
            ExecError::Output { problem, .. } => wrong(format!("its listing has {problem}")),
            other => other.into(),
        })?;
        let size = look_through(&entries, iso.size()).map_err(wrong)?;
        let file = folder.join("treeinfo");
        xorriso::extract(image, "/.treeinfo", &file, stop)?;
        // It was a file in the listing, and came out into a folder of root's.
        let text = Brought::text(&file, MAX_TREE_INFO_BYTES).map_err(|error| wrong(error.to_string()))?;
        std::fs::remove_file(&file).map_err(IoError::during("remove", &file))?;
        let info = TreeInfo::parse(&text).map_err(|error| wrong(error.to_string()))?;
        check_release(iso, &info.distro).map_err(wrong)?;
        let files = entries.into_iter().filter(|entry| entry.kind == Kind::File);
        let files = files.map(|entry| entry.path.trim_start_matches('/').to_owned()).collect();
        Ok(Self { iso, info, files, size })
    }

    /// What it is a tree of.
    pub(super) fn distro(&self) -> &Distro {
        &self.info.distro
    }

    /// Extracts it to `tree`, which must not exist, with its inventory, all of it on the disk.
    pub(super) fn extract(&self, tree: &Path, now: Timestamp, stop: &AtomicBool) -> Result<Origin, TreeError> {
        let wrong = |problem: String| TreeError::Content { path: self.iso.path().to_path_buf(), problem };
        let parent = tree.parent().unwrap_or(tree);
        let free = free_space(parent)?;
        let needed = self.size.saturating_add(space::RESERVE);
        if free < needed {
            let words = space::in_words;
            return Err(TreeError::Space { path: parent.to_path_buf(), needed: words(needed), free: words(free) });
        }
        xorriso::extract(Image { file: self.iso.file(), name: self.iso.path() }, "/", tree, stop)?;
        let mut digests = Digests::new();
        let size = settle(tree, "", &mut digests, stop)?;
        if !self.files.iter().eq(digests.keys()) {
            return Err(wrong("other files came out of it than it lists".to_owned()));
        }
        for (path, expected) in &self.info.checksums {
            match digests.get(path) {
                Some(found) if found == expected => {}
                Some(found) => {
                    return Err(wrong(format!(".treeinfo says {path} has SHA-256 {expected}, and it has {found}")));
                }
                // An ISO inside the ISO: some trees list it, and the media made of them leave it out.
                None if path == "images/boot.iso" => {}
                None => return Err(wrong(format!(".treeinfo lists {path}, which is not there"))),
            }
        }
        for name in ["images/pxeboot/vmlinuz", "images/pxeboot/initrd.img"] {
            if !digests.contains_key(name) {
                return Err(wrong(format!("it has no {name}")));
            }
        }
        let origin = Origin::of(self.iso, &self.info.distro, digests.len(), size, now);
        let folder = Folder::open(tree)?;
        folder.create(inventory::NAME, inventory::to_text(&origin, &digests).as_bytes(), 0o600)?;
        folder.sync()?;
        Ok(origin)
    }
}

/// What was signed as one release must be that release.
fn check_release(iso: &VerifiedIso, distro: &Distro) -> Result<(), String> {
    let Some(release_id) = iso.release_id() else { return Ok(()) };
    let expected = release_id.vendor.distro(release_id.release, &release_id.cpu).map_err(|e| e.to_string())?;
    if expected == *distro {
        return Ok(());
    }
    Err(format!(".treeinfo says that it is {distro}, and {expected} was expected"))
}

/// Files and folders alone, with plain names, in a bounded number and size. Returns the size of all files.
fn look_through(entries: &[Entry], iso_size: u64) -> Result<u64, String> {
    let mut paths = HashSet::new();
    let mut size = 0u64;
    for entry in entries {
        let path = entry.path.as_str();
        if entry.kind == Kind::Other {
            return Err(format!("it holds {path:.200}, a link or a device, which no tree has"));
        }
        let plain = |part: &str| !part.is_empty() && part != "." && part != "..";
        let below = path.strip_prefix('/').unwrap_or_default();
        // A backslash begins the code of whatever is no printable ASCII.
        if path != "/" && (path.contains('\\') || !path.is_ascii() || !below.split('/').all(plain)) {
            return Err(format!("it holds {path:.200}, a name that no tree has"));
        }
        if below == inventory::NAME || !paths.insert(path) {
            return Err(format!("it holds {path:.200}, which must not be there"));
        }
        if below == ".treeinfo" && (entry.kind != Kind::File || entry.size > MAX_TREE_INFO_BYTES) {
            return Err("its .treeinfo is none".to_owned());
        }
        size = size.saturating_add(entry.size);
    }
    if !paths.contains("/.treeinfo") {
        return Err("it has no .treeinfo, so it is no installation tree".to_owned());
    }
    // Names may share their bytes on an ISO, and a small one could fill a disk.
    if size > iso_size.saturating_mul(2) {
        return Err(format!("its files have {} together, more than it can hold", space::in_words(size)));
    }
    Ok(size)
}

/// Everything is a file or a folder, which everybody may read and root alone change, whoever had it on the ISO, and which is on the disk.
/// Returns the size.
fn settle(folder: &Path, below: &str, digests: &mut Digests, stop: &AtomicBool) -> Result<u64, TreeError> {
    let own = settled::folder(folder)?;
    let mut size = 0u64;
    for entry in std::fs::read_dir(folder).map_err(IoError::during("list", folder))? {
        let entry = entry.map_err(IoError::during("list", folder))?;
        let path = entry.path();
        let name = format!("{below}{}", entry.file_name().to_string_lossy());
        let kind = entry.file_type().map_err(IoError::during("read", &path))?;
        if stop.load(std::sync::atomic::Ordering::Relaxed) {
            return Err(ExecError::Stopped { program: "publishing" }.into());
        }
        if kind.is_dir() {
            size = size.saturating_add(settle(&path, &format!("{name}/"), digests, stop)?);
        } else if kind.is_file() {
            let file = settled::file(&path).map_err(IoError::during("set owner and mode of", &path))?;
            let (digest, bytes) = Sha256Digest::of_reader(&file).map_err(IoError::during("read", &path))?;
            file.sync_all().map_err(IoError::during("sync", &path))?;
            digests.insert(name, digest);
            size = size.saturating_add(bytes);
        } else {
            let problem = "a link or a device, which no tree has".to_owned();
            return Err(TreeError::Content { path, problem });
        }
    }
    own.sync()?;
    Ok(size)
}

/// The release in a distro string, where it is one and not a line.
pub(super) fn release_of(distro: &Distro) -> Option<Release> {
    distro.version().parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(kind: Kind, size: u64, path: &str) -> Entry {
        Entry { kind, size, path: path.to_owned() }
    }

    #[test]
    fn a_listing_holds_nothing_odd() {
        let with = |more: &[Entry]| {
            let mut entries = vec![entry(Kind::Folder, 0, "/"), entry(Kind::File, 100, "/.treeinfo")];
            entries.extend(more.iter().cloned());
            look_through(&entries, 1000)
        };
        assert_eq!(with(&[entry(Kind::Folder, 0, "/a b"), entry(Kind::File, 7, "/a b/it's+~.rpm")]), Ok(107));
        for (what, bad) in [
            ("a link", entry(Kind::Other, 0, "/link")),
            ("a control character", entry(Kind::File, 0, "/a\\033[m")),
            ("the folder above", entry(Kind::File, 0, "/../etc/passwd")),
            ("the folder above at the end", entry(Kind::Folder, 0, "/a/..")),
            ("nothing between slashes", entry(Kind::File, 0, "/a//b")),
            ("our inventory", entry(Kind::File, 0, "/.hps-inventory")),
            ("a name twice", entry(Kind::Folder, 0, "/.treeinfo")),
            ("more than it can hold", entry(Kind::File, 2000, "/big")),
        ] {
            assert!(with(&[bad]).is_err(), "{what}");
        }
        assert!(look_through(&[entry(Kind::Folder, 0, "/")], 1000).is_err(), "no .treeinfo");
    }
}
