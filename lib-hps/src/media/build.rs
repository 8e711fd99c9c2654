// SPDX-License-Identifier: GPL-3.0-or-later
//! Publishing a build. It is made in a hidden folder beside its place, and is complete and on the disk before one
//! rename makes it visible. It becomes current when `current.toml` is replaced. An earlier build stays, because
//! machines may be fetching it.

use super::build_error::BuildError;
use super::build_files::{CURRENT, HIDDEN, LOCK, MANIFEST, NEXT};
use super::builds::{self, builds_of, current};
use super::lock::Lock;
use super::work_folder::{hidden, let_through};
use super::{File, Item, Manifest, settled, space, stale_folders};
use crate::exec::apt;
use crate::files::{Access, Base, Folder, IoError, free_space, is_temporary, write_atomic};
use crate::types::{Distro, Line, Sha256Digest, Timestamp};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::atomic::AtomicBool;
use std::time::{Duration, UNIX_EPOCH};

/// The folder of one system, locked: no other run builds or removes in it while this exists.
#[derive(Debug)]
pub struct Builder {
    distros: PathBuf,
    distro: Distro,
    folder: Folder,
    finished: Option<Item>,
    #[expect(dead_code, reason = "dropping it is what unlocks")]
    lock: Lock,
}

impl Builder {
    /// Locks the folder, completes a build that a killed run had begun to make current, and removes its other remains.
    ///
    /// # Errors
    /// [`LockError::Busy`](super::LockError::Busy), or when the folder cannot be made.
    pub fn lock(distros: &Path, base: &Base, distro: &Distro, now: Timestamp) -> Result<Self, BuildError> {
        let folder = distros.join(distro.as_str());
        std::fs::create_dir_all(&folder).map_err(IoError::during("create", &folder))?;
        settled::only_root_publishes_in(&folder, base)?;
        // Its own entry must survive a power loss, like its content.
        Folder::open_named(distros)?.sync()?;
        let lock = Lock::take(&folder.join(LOCK))?;
        let folder = Folder::open_named(&folder)?;
        let mut builder = Self { distros: distros.to_path_buf(), distro: distro.clone(), folder, finished: None, lock };
        builder.finished = builder.finish(now)?;
        let mounts = stale_folders::mounts();
        for name in builder.folder.all_names()? {
            if name.starts_with(HIDDEN) || is_temporary(&name) {
                stale_folders::remove(&builder.folder.path().join(name), &mounts)?;
            }
        }
        Ok(builder)
    }

    /// The build that a killed run had put in place but not made current: now it is current.
    pub fn finished(&self) -> Option<&Item> {
        self.finished.as_ref()
    }

    /// A hidden folder to work in, removed with all its content when this is dropped. Roots of systems are made in it,
    /// with folders that all users may write. So no other user may enter it, except the user that apt downloads as.
    ///
    /// # Errors
    /// When it cannot be made, or `stop` is set meanwhile.
    pub fn workshop(&self, stop: &AtomicBool) -> Result<tempfile::TempDir, BuildError> {
        let folder =
            hidden(HIDDEN, self.folder.path()).map_err(IoError::during("create a folder in", self.folder.path()))?;
        // If that user cannot be let in, for example on a file system without ACLs, apt downloads as root.
        if let Some(user) = apt::download_user(stop)?.filter(|_| rustix::process::geteuid().is_root()) {
            let_through(folder.path(), user).map_err(IoError::during("let apt's user through", folder.path()))?;
        }
        Ok(folder)
    }

    /// Checks that this many bytes are free.
    ///
    /// # Errors
    /// [`BuildError::Space`].
    pub fn ask_space(&self, needed: u64) -> Result<(), BuildError> {
        let free = free_space(self.folder.path())?;
        if free >= needed {
            return Ok(());
        }
        let words = space::format_size;
        Err(BuildError::Space { path: self.folder.path().to_path_buf(), needed: words(needed), free: words(free) })
    }

    /// Runs the work that writes to this folder by other programs, and stops it before it uses the disk's reserve.
    ///
    /// # Errors
    /// [`BuildError::Full`], otherwise the error of the work.
    pub fn in_room<T, E>(
        &self,
        stop: &AtomicBool,
        work: impl FnOnce(&AtomicBool) -> Result<T, E>,
    ) -> Result<Result<T, E>, BuildError> {
        match space::guarded(self.folder.path(), stop, work) {
            (Err(_), true) => Err(BuildError::Full {
                path: self.folder.path().to_path_buf(),
                kept: space::format_size(space::RESERVE),
            }),
            (result, _) => Ok(result),
        }
    }

    /// The name of a build that is made now: a time later than the names of all others, whatever the clock shows.
    ///
    /// # Errors
    /// When the folder cannot be listed.
    pub fn next_name(&self, now: Timestamp) -> Result<Line, BuildError> {
        let times = self.folder.all_names()?.into_iter().filter_map(|name| name.parse::<Timestamp>().ok());
        let after = times.max().map(|last| Timestamp::from_unix(i64::try_from(last.as_unix()).unwrap_or(i64::MAX) + 1));
        Ok(Line::lossy(&after.map_or(now, |after| after.max(now)).compact()))
    }

    /// Makes a folder of the workshop, with all its files, the build of the manifest, and makes that build current.
    ///
    /// # Errors
    /// When a step fails. The old build is then current, or the next [`Self::lock`] completes this one.
    pub fn publish(&self, staged: &Path, manifest: &Manifest, now: Timestamp) -> Result<(), BuildError> {
        let text = manifest.to_text();
        write_atomic(&staged.join(MANIFEST), text.as_bytes(), Access::World)?;
        settled::folder(staged)?.sync()?;
        write_atomic(&self.folder.path().join(NEXT), text.as_bytes(), Access::World)?;
        let (workshop, name) = Folder::open_parent(staged)?;
        workshop.move_to(name, &self.folder, manifest.build.as_str())?;
        self.folder.sync()?;
        self.make_current(now)
    }

    /// Makes the build of [`NEXT`] the current one. The folder of the build before it gets the time at which that
    /// ended.
    fn make_current(&self, now: Timestamp) -> Result<(), BuildError> {
        if let Some(before) = current(self.folder.path()).ok().flatten() {
            let place = self.folder.path().join(before.build.as_str());
            let time = UNIX_EPOCH + Duration::from_secs(now.as_unix());
            match std::fs::File::open(&place).and_then(|f| f.set_modified(time).and_then(|()| f.sync_all())) {
                Err(error) if error.kind() != io::ErrorKind::NotFound => {
                    return Err(IoError::new("set the time of", &place, error).into());
                }
                _ => {}
            }
        }
        self.folder.rename(NEXT, CURRENT)?;
        Ok(self.folder.sync()?)
    }

    /// Completes what a run that was killed between its renames had begun.
    fn finish(&self, now: Timestamp) -> Result<Option<Item>, BuildError> {
        let text = builds::text(&self.folder.path().join(NEXT)).unwrap_or_default();
        let Ok(manifest) = Manifest::parse(&text) else { return Ok(None) };
        let item = Item::build(&self.distro, manifest.build.as_str());
        let Some(item) =
            item.filter(|_| manifest.distro == self.distro && builds::is_whole(self.folder.path(), &manifest))
        else {
            return Ok(None);
        };
        self.make_current(now)?;
        Ok(Some(item))
    }

    /// Removes a build: first from sight, by one rename. The caller checks whether it may be removed.
    ///
    /// # Errors
    /// When it cannot be removed.
    pub fn remove(&self, item: &Item) -> Result<(), BuildError> {
        let place = item.place(&self.distros);
        let name = item.build_name().map(Line::as_str).unwrap_or_default();
        if current(self.folder.path()).is_ok_and(|now| now.is_some_and(|now| Some(&now.build) == item.build_name())) {
            self.folder.remove(CURRENT)?;
            self.folder.sync()?;
        }
        let hidden = format!("{HIDDEN}{name}");
        self.folder.rename(name, &hidden).map_err(IoError::instead("remove", &place))?;
        self.folder.sync()?;
        stale_folders::remove(&self.folder.path().join(hidden), &stale_folders::mounts())
    }

    /// The builds to remove if the current one and `keep` older ones stay.
    ///
    /// # Errors
    /// When the folder cannot be listed.
    pub fn too_many(&self, keep: usize) -> Result<Vec<Item>, BuildError> {
        let builds = builds_of(&self.distros, &self.distro).map_err(IoError::during("list", self.folder.path()))?;
        let older = builds.into_iter().filter(|build| !build.current);
        Ok(older.skip(keep).map(|build| build.item).collect())
    }
}

/// Describes a finished file of a build: it belongs to root, all users may read it, it is on the disk, and its digest
/// is computed.
///
/// # Errors
/// When it cannot be read.
pub fn describe(path: &Path, unpacked: Option<u64>) -> Result<File, BuildError> {
    let file = settled::on_disk(path)?;
    let (sha256, size) = Sha256Digest::hash_reader(file).map_err(IoError::during("read", path))?;
    let name = path.file_name().map(|n| n.to_string_lossy().into_owned()).unwrap_or_default();
    Ok(File { file: name, sha256, size, unpacked })
}

#[cfg(test)]
#[path = "build_tests.rs"]
mod tests;
