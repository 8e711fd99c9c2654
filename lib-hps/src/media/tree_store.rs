// SPDX-License-Identifier: GPL-3.0-or-later
//! Publishing and removing trees.
//!
//! A run that changes something holds the lock, and only one does. A tree appears by one rename and goes by one. So a run that dies
//! leaves whole trees, and hidden folders which the next run removes.

use super::inventory::Origin;
use super::leftovers;
use super::lock::{Lock, LockError};
use super::release::Release;
use super::settled;
use super::space;
use super::tree::{HIDDEN, Opened, TreeError};
use super::trees::{Standing, line_with, newest_release, standing};
use super::vendor::Vendor;
use super::verify::VerifiedIso;
use super::work_folder::hidden;
use crate::files::{Base, FileError, Folder, IoError};
use crate::types::{Distro, Timestamp};
use std::os::unix::fs::DirBuilderExt as _;
use std::path::{Path, PathBuf};
use std::sync::atomic::AtomicBool;

const GONE: &str = ".gone-";
const ISOS: &str = ".iso";
const LOCK: &str = ".media.lock";

/// Why no tree was published or removed.
#[derive(Debug, thiserror::Error)]
pub enum TreeStoreError {
    /// Another run holds it, or the lock cannot be had.
    #[error(transparent)]
    Lock(#[from] LockError),
    /// The disk is too small.
    #[error("{}: no room for the tree beside the {kept} that must stay free; make room, or remove an older tree (--list, --remove)", path.display())]
    Full {
        /// The folder of trees.
        path: PathBuf,
        /// What must stay free, in words.
        kept: String,
    },
    /// Others than root can change the folder.
    #[error(transparent)]
    Open(#[from] FileError),
    /// Something that is no tree has the name of one.
    #[error("{0}")]
    InTheWay(String),
    /// The system refused an operation.
    #[error(transparent)]
    Io(#[from] IoError),
    /// The tree is none, or could not be made.
    #[error(transparent)]
    Tree(#[from] TreeError),
}

/// What publishing came to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PublishOutcome {
    /// The tree is new.
    New(Origin),
    /// A tree of this name was published before, and stays as it is.
    Before(Distro),
}

/// A verified ISO that was looked through and is not published yet.
#[derive(Debug)]
pub struct Unpublished<'a> {
    folder: tempfile::TempDir,
    opened: Opened<'a>,
}

impl Unpublished<'_> {
    /// What it is a tree of.
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
    /// Takes it, and removes what a run that was killed has left.
    ///
    /// # Errors
    /// [`LockError::Busy`], or when the folder cannot be written.
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
                leftovers::remove_folder(&entry.path()).map_err(IoError::during("remove", &entry.path()))?;
            }
        }
        Ok(store)
    }

    /// Where ISOs are put while they come: a hidden folder that only root reads, on the file system of the trees.
    ///
    /// # Errors
    /// When it cannot be made.
    pub fn isos(&self) -> Result<PathBuf, TreeStoreError> {
        let path = self.distros.join(ISOS);
        std::fs::DirBuilder::new()
            .recursive(true)
            .mode(0o700)
            .create(&path)
            .map_err(IoError::during("create", &path))?;
        settled::only_root_publishes_in(&path, &self.base)?;
        Ok(path)
    }

    /// Looks through an ISO, and reads the name that its `.treeinfo` gives.
    ///
    /// # Errors
    /// When it is no tree, or holds what no tree has.
    pub fn open<'a>(&self, iso: &'a VerifiedIso, stop: &AtomicBool) -> Result<Unpublished<'a>, TreeStoreError> {
        // Served to nobody (0700), renamed at the end, removed when anything fails.
        let folder = hidden(HIDDEN, &self.distros).map_err(IoError::during("create a folder in", &self.distros))?;
        let opened = Opened::open(iso, folder.path(), stop)?;
        Ok(Unpublished { folder, opened })
    }

    /// Publishes the tree of an ISO. Nothing is visible before all of it is.
    ///
    /// # Errors
    /// When it cannot be extracted, or something stands in its place; nothing is changed then.
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
            Standing::Tree => return Ok(PublishOutcome::Before(opened.distro().clone())),
            Standing::Other(what) => return Err(TreeStoreError::InTheWay(format!("{}: {what}", place.display()))),
        }
        let tree = folder.path().join("tree");
        let full = || TreeStoreError::Full { path: self.distros.clone(), kept: space::in_words(space::RESERVE) };
        let origin = match space::guarded(&self.distros, stop, |stop| opened.extract(&tree, now, stop)) {
            (Err(_), true) => return Err(full()),
            (origin, _) => origin?,
        };
        Folder::open(folder.path())?.move_to("tree", &self.folder, opened.distro().as_str())?;
        self.folder.sync()?;
        Ok(PublishOutcome::New(origin))
    }

    /// Removes a tree: first out of sight, by one rename. Whether one may is for the caller to know.
    ///
    /// # Errors
    /// When it cannot be removed.
    pub fn remove(&self, distro: &Distro) -> Result<(), TreeStoreError> {
        let place = self.distros.join(distro.as_str());
        let hidden = self.distros.join(format!("{GONE}{distro}"));
        let gone = self.folder.rename(distro.as_str(), format!("{GONE}{distro}"));
        gone.map_err(IoError::instead("remove", &place))?;
        self.folder.sync()?;
        // Of a link the link goes.
        let is_folder = std::fs::symlink_metadata(&hidden).map_err(IoError::during("read", &hidden))?.is_dir();
        let removed = if is_folder { std::fs::remove_dir_all(&hidden) } else { std::fs::remove_file(&hidden) };
        Ok(removed.map_err(IoError::during("remove", &hidden))?)
    }

    /// The trees of the same line that are too many when the newest and `keep` older ones stay.
    ///
    /// # Errors
    /// When the folder cannot be listed.
    pub fn too_many(&self, of: &Distro, keep: usize) -> Result<Vec<Distro>, TreeStoreError> {
        let line = line_with(&self.distros, of).map_err(IoError::during("list", &self.distros))?;
        Ok(line.into_iter().skip(keep.saturating_add(1)).collect())
    }

    /// Ends with the ISO of a tree that is published: gives it its name where it is to be kept, else removes it.
    ///
    /// # Errors
    /// When it cannot be renamed or removed.
    pub fn put_away(&self, iso: VerifiedIso, keep: bool) -> Result<Option<PathBuf>, TreeStoreError> {
        let from = iso.path().to_path_buf();
        if !keep {
            std::fs::remove_file(&from).map_err(IoError::during("remove", &from))?;
            return Ok(None);
        }
        let to = self.distros.join(ISOS).join(iso.name());
        iso.file().sync_all().map_err(IoError::during("sync", &from))?;
        iso.renamed(&to).map_err(IoError::during("rename", &from))?;
        Ok(Some(to))
    }

    /// Removes parts and verified ISOs, of this maker, of releases that are published or older than what is: they are of no
    /// use any more. ISOs that were kept stay.
    ///
    /// # Errors
    /// When one cannot be removed.
    pub fn sweep(&self, vendor: Vendor) -> Result<(), TreeStoreError> {
        self.sweep_where(vendor, |release, cpu| {
            let newest = newest_release(&self.distros, vendor, cpu, Some(release.major));
            Ok(newest.map_err(IoError::during("list", &self.distros))?.is_some_and(|newest| newest >= release))
        })
        .map(drop)
    }

    /// The same of what is older than a release of its line that is to come, where the disk is too small for both. Whether
    /// there was any.
    ///
    /// # Errors
    /// When one cannot be removed.
    pub fn make_way_for(&self, vendor: Vendor, coming: Release) -> Result<bool, TreeStoreError> {
        self.sweep_where(vendor, |release, _| Ok(release.major == coming.major && release < coming))
    }

    fn sweep_where(
        &self,
        vendor: Vendor,
        is_old: impl Fn(Release, &str) -> Result<bool, TreeStoreError>,
    ) -> Result<bool, TreeStoreError> {
        let folder = self.isos()?;
        let mut any = false;
        for entry in std::fs::read_dir(&folder).map_err(IoError::during("list", &folder))? {
            let path = entry.map_err(IoError::during("list", &folder))?.path();
            let name = path.file_name().unwrap_or_default().to_string_lossy();
            let stem = [".part", ".part.toml", ".proven"].into_iter().find_map(|end| name.strip_suffix(end));
            let Some((maker, release, cpu, _)) = stem.and_then(Vendor::of_iso) else { continue };
            if maker == vendor && is_old(release, &cpu)? {
                std::fs::remove_file(&path).map_err(IoError::during("remove", &path))?;
                any = true;
            }
        }
        Ok(any)
    }
}

#[cfg(test)]
#[path = "tree_store_tests.rs"]
mod tests;
