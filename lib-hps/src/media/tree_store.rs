// SPDX-License-Identifier: GPL-3.0-or-later
//! Publishing and removing trees.
//!
//! A run that changes something holds the lock, and only one does. One rename makes a tree visible, and one removes it.
//! So a run that dies leaves whole trees, and hidden folders that the next run removes.

use super::inventory::TreeOrigin;
use super::iso::VerifiedIso;
use super::iso_folder::IsoFolder;
use super::lock::Lock;
use super::settled;
use super::space;
use super::stale_folders;
use super::tree::{HIDDEN, Opened};
use super::tree_store_error::TreeStoreError;
use super::trees::{Standing, line_with, standing};
use super::work_folder::hidden;
use crate::files::{Base, Folder, IoError};
use crate::types::{Distro, Timestamp};
use std::path::{Path, PathBuf};
use std::sync::atomic::AtomicBool;

const GONE: &str = ".gone-";
const LOCK: &str = ".media.lock";

/// The result of publishing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PublishOutcome {
    /// The tree is new.
    New(TreeOrigin),
    /// A tree of this name was published before, and was not changed.
    AlreadyPublished(Distro),
}

/// A verified and checked ISO that is not published yet.
#[derive(Debug)]
pub struct Unpublished<'a> {
    folder: tempfile::TempDir,
    opened: Opened<'a>,
}

impl Unpublished<'_> {
    /// Its system.
    pub fn distro(&self) -> &Distro {
        self.opened.distro()
    }
}

/// The folder of published trees, locked.
#[derive(Debug)]
pub struct TreeStore {
    distros: PathBuf,
    folder: Folder,
    base: Base,
    #[expect(dead_code, reason = "dropping it is what unlocks")]
    lock: Lock,
}

impl TreeStore {
    /// Locks it, and removes the remains of a killed run.
    ///
    /// # Errors
    /// [`super::LockError::Busy`], or when the folder cannot be written.
    pub fn lock(distros: &Path, base: &Base) -> Result<Self, TreeStoreError> {
        settled::only_root_publishes_in(distros, base)?;
        let lock = Lock::take(&distros.join(LOCK))?;
        let folder = Folder::open_named(distros)?;
        let store = Self { distros: distros.to_path_buf(), folder, base: base.clone(), lock };
        for entry in std::fs::read_dir(distros).map_err(IoError::during("list", distros))? {
            let entry = entry.map_err(IoError::during("list", distros))?;
            let name = entry.file_name();
            let name = name.to_string_lossy();
            if name.starts_with(HIDDEN) || name.starts_with(GONE) {
                stale_folders::remove_folder(&entry.path()).map_err(IoError::during("remove", &entry.path()))?;
            }
        }
        Ok(store)
    }

    /// Where ISOs are put while they come.
    ///
    /// # Errors
    /// When it cannot be made.
    pub fn isos(&self) -> Result<IsoFolder<'_>, TreeStoreError> {
        IsoFolder::open(&self.distros, &self.base)
    }

    /// Checks an ISO, and reads the name from its `.treeinfo`.
    ///
    /// # Errors
    /// When it is not a tree, or has something that a tree must not have.
    pub fn open<'a>(&self, iso: &'a VerifiedIso, stop: &AtomicBool) -> Result<Unpublished<'a>, TreeStoreError> {
        // Not served (0700), renamed at the end, removed when anything fails.
        let folder = hidden(HIDDEN, &self.distros).map_err(IoError::during("create a folder in", &self.distros))?;
        let opened = Opened::open(iso, folder.path(), stop)?;
        Ok(Unpublished { folder, opened })
    }

    /// Publishes the tree of an ISO. It becomes visible only as a whole.
    ///
    /// # Errors
    /// When it cannot be extracted, or something is in its place; then nothing was changed.
    pub fn publish(
        &self,
        unpublished: Unpublished<'_>,
        now: Timestamp,
        stop: &AtomicBool,
    ) -> Result<PublishOutcome, TreeStoreError> {
        let Unpublished { folder, opened } = unpublished;
        let place = self.distros.join(opened.distro().as_str());
        match standing(&self.distros, opened.distro()).map_err(IoError::during("read", &place))? {
            Standing::Nothing => {}
            Standing::Tree => return Ok(PublishOutcome::AlreadyPublished(opened.distro().clone())),
            Standing::Other(what) => return Err(TreeStoreError::InTheWay(format!("{}: {what}", place.display()))),
        }
        let tree = folder.path().join("tree");
        let full = || TreeStoreError::Full { path: self.distros.clone(), kept: space::format_size(space::RESERVE) };
        let origin = match space::guarded(&self.distros, stop, |stop| opened.extract(&tree, now, stop)) {
            (Err(_), true) => return Err(full()),
            (origin, _) => origin?,
        };
        Folder::open(folder.path())?.move_to("tree", &self.folder, opened.distro().as_str())?;
        self.folder.sync()?;
        Ok(PublishOutcome::New(origin))
    }

    /// Removes a tree: first from sight, by one rename. The caller checks whether it may be removed.
    ///
    /// # Errors
    /// When it cannot be removed.
    pub fn remove(&self, distro: &Distro) -> Result<(), TreeStoreError> {
        let place = self.distros.join(distro.as_str());
        let hidden = self.distros.join(format!("{GONE}{distro}"));
        let gone = self.folder.rename(distro.as_str(), format!("{GONE}{distro}"));
        gone.map_err(IoError::instead("remove", &place))?;
        self.folder.sync()?;
        // For a link, the link is removed.
        let is_folder = std::fs::symlink_metadata(&hidden).map_err(IoError::during("read", &hidden))?.is_dir();
        let removed = if is_folder { std::fs::remove_dir_all(&hidden) } else { std::fs::remove_file(&hidden) };
        Ok(removed.map_err(IoError::during("remove", &hidden))?)
    }

    /// The trees of the same line to remove if the newest and `keep` older ones stay.
    ///
    /// # Errors
    /// When the folder cannot be listed.
    pub fn too_many(&self, of: &Distro, keep: usize) -> Result<Vec<Distro>, TreeStoreError> {
        let line = line_with(&self.distros, of).map_err(IoError::during("list", &self.distros))?;
        Ok(line.into_iter().skip(keep.saturating_add(1)).collect())
    }
}

#[cfg(test)]
#[path = "tree_store_tests.rs"]
mod tests;
