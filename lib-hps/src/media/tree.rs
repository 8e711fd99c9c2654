// SPDX-License-Identifier: GPL-3.0-or-later
//! An installation tree from a verified ISO. Its listing is checked before anything is extracted, and every file
//! afterwards. Its own description must match what was expected.

use super::brought::Brought;
use super::inventory::{self, Digests, TreeOrigin};
use super::iso::VerifiedIso;
use super::listing::{MAX_TREE_INFO_BYTES, look_through};
use super::tree_info::TreeInfo;
use super::{Release, settled, space};
use crate::exec::ExecError;
use crate::exec::xorriso::{self, EntryKind, Image};
use crate::files::{Folder, IoError, free_space};
use crate::types::{Distro, Invalid, Sha256Digest, Timestamp};
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::atomic::AtomicBool;

/// The beginning of the name of a folder in which a tree is made.
pub(super) const HIDDEN: &str = ".tree-";

/// Why a tree is not published.
#[derive(Debug, thiserror::Error)]
pub enum TreeError {
    /// The system refused an operation.
    #[error(transparent)]
    Io(#[from] IoError),
    /// It is not an installation tree, or not the expected one.
    #[error("{}: {problem}; it was not published", path.display())]
    Content {
        /// The ISO.
        path: PathBuf,
        /// What is wrong.
        problem: String,
    },
    /// The disk is too small.
    #[error("{}: {needed} are needed for the tree, but {free} are free", path.display())]
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

/// The ISO, checked and named.
#[derive(Debug)]
pub(super) struct Opened<'a> {
    iso: &'a VerifiedIso,
    info: TreeInfo,
    files: BTreeSet<String>,
    size: u64,
}

impl<'a> Opened<'a> {
    /// Checks the listing, and reads `.treeinfo` through `folder`.
    pub(super) fn open(iso: &'a VerifiedIso, folder: &Path, stop: &AtomicBool) -> Result<Self, TreeError> {
        let wrong = |problem: String| TreeError::Content { path: iso.path().to_path_buf(), problem };
        let image = Image { file: iso.file(), name: iso.path() };
        let entries = xorriso::list(image, MAX_ENTRIES, stop).map_err(|error| match error {
            ExecError::Output { problem, .. } => wrong(format!("its listing has {problem}")),
            other => other.into(),
        })?;
        let size = look_through(&entries, iso.size()).map_err(|error| wrong(error.to_string()))?;
        let file = folder.join("treeinfo");
        xorriso::extract(image, "/.treeinfo", &file, stop)?;
        // It was a file in the listing, and was extracted into a folder of root.
        let text = Brought::text(&file, MAX_TREE_INFO_BYTES).map_err(|error| wrong(error.to_string()))?;
        std::fs::remove_file(&file).map_err(IoError::during("remove", &file))?;
        let info = TreeInfo::parse(&text).map_err(|error| wrong(error.to_string()))?;
        check_release(iso, &info.distro).map_err(|error| wrong(error.to_string()))?;
        let files = entries.into_iter().filter(|entry| entry.kind == EntryKind::File);
        let files = files.map(|entry| entry.path.trim_start_matches('/').to_owned()).collect();
        Ok(Self { iso, info, files, size })
    }

    /// Its system.
    pub(super) fn distro(&self) -> &Distro {
        &self.info.distro
    }

    /// Extracts it to `tree`, which must not exist, with its inventory, all of it on the disk.
    pub(super) fn extract(&self, tree: &Path, now: Timestamp, stop: &AtomicBool) -> Result<TreeOrigin, TreeError> {
        let wrong = |problem: String| TreeError::Content { path: self.iso.path().to_path_buf(), problem };
        let parent = tree.parent().unwrap_or(tree);
        let free = free_space(parent)?;
        let needed = self.size.saturating_add(space::RESERVE);
        if free < needed {
            let words = space::format_size;
            return Err(TreeError::Space { path: parent.to_path_buf(), needed: words(needed), free: words(free) });
        }
        xorriso::extract(Image { file: self.iso.file(), name: self.iso.path() }, "/", tree, stop)?;
        let mut digests = Digests::new();
        let size = settle(tree, "", &mut digests, stop)?;
        if !self.files.iter().eq(digests.keys()) {
            return Err(wrong("the extracted files differ from its listing".to_owned()));
        }
        for (path, expected) in &self.info.checksums {
            match digests.get(path) {
                Some(found) if found == expected => {}
                Some(found) => {
                    return Err(wrong(format!("{path} has SHA-256 {found}, but .treeinfo has {expected} for it")));
                }
                // An ISO inside the ISO: some trees list it, and the media made from them leave it out.
                None if path == "images/boot.iso" => {}
                None => return Err(wrong(format!(".treeinfo lists {path}, which is missing"))),
            }
        }
        for name in ["images/pxeboot/vmlinuz", "images/pxeboot/initrd.img"] {
            if !digests.contains_key(name) {
                return Err(wrong(format!("it has no {name}")));
            }
        }
        let origin = TreeOrigin::for_iso(self.iso, &self.info.distro, digests.len(), size, now);
        let folder = Folder::open(tree)?;
        folder.create(inventory::NAME, inventory::to_text(&origin, &digests).as_bytes(), 0o600)?;
        folder.sync()?;
        Ok(origin)
    }
}

/// Why the release of a tree is not the signed one.
#[derive(Debug, thiserror::Error)]
enum WrongRelease {
    #[error(transparent)]
    Invalid(#[from] Invalid),
    #[error("its .treeinfo names {found}; expected {expected}")]
    Other { found: Distro, expected: Distro },
}

/// The release must be the one that was signed.
fn check_release(iso: &VerifiedIso, distro: &Distro) -> Result<(), WrongRelease> {
    let Some(release_id) = iso.release_id() else { return Ok(()) };
    let expected = release_id.vendor.distro(release_id.release, &release_id.cpu)?;
    if expected == *distro {
        return Ok(());
    }
    Err(WrongRelease::Other { found: distro.clone(), expected })
}

/// Each file and folder becomes readable for all users and changeable only for root, whatever owner it had on the ISO,
/// and is on the disk. Returns the size.
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
            let (digest, bytes) = Sha256Digest::hash_reader(&file).map_err(IoError::during("read", &path))?;
            file.sync_all().map_err(IoError::during("sync", &path))?;
            digests.insert(name, digest);
            size = size.saturating_add(bytes);
        } else {
            let problem = "a link or a device, which a tree must not have".to_owned();
            return Err(TreeError::Content { path, problem });
        }
    }
    own.sync()?;
    Ok(size)
}

/// The release in a distro string, if it is one and not a line.
pub(super) fn release_of(distro: &Distro) -> Option<Release> {
    distro.version().parse().ok()
}
