// SPDX-License-Identifier: GPL-3.0-or-later
//! The repository of one distro, and how it changes while others read it.
//!
//! Everything is made in a hidden folder beside it: links to all its packages, their metadata, the inventory. Then the
//! new packages are put in place, then the new metadata, under names that no reader knows yet. At last one rename
//! replaces `repomd.xml`, which names all of these. A reader of the old one still finds its files for a day.

use super::inventory::KIND;
use super::repomd::{self, MetaFile};
use super::{AcceptedKeys, Change, Inventory, LOCK, MARK, Package, PackageError, REPO, keys, refused};
use crate::exec::{createrepo_c, modifyrepo_c};
use crate::files::{Access, Base, Folder, IoError, write_atomic};
use crate::media::brought::Brought;
use crate::media::lock::Lock;
use crate::media::retired;
use crate::media::settled;
use crate::media::vendor::ReleaseKey;
use crate::media::work_folder::hidden;
use crate::types::{Distro, Fingerprint, Sha256Digest};
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::atomic::AtomicBool;

/// The beginning of the name of a folder in which a repository is made.
const HIDDEN: &str = ".work-";

/// The repository of one distro, locked: no other run changes it while this exists.
#[derive(Debug)]
pub struct Repository {
    distro: Distro,
    packages: PathBuf,
    place: PathBuf,
    #[expect(dead_code, reason = "closing it is what unlocks")]
    lock: Lock,
}

impl Repository {
    /// Locks it, and removes the remains of a killed run, and files that have been out of the metadata for a day.
    ///
    /// # Errors
    /// [`LockError::Busy`](crate::media::LockError::Busy), or when the folder cannot be written.
    pub fn lock(packages: &Path, base: &Base, distro: &Distro) -> Result<Self, PackageError> {
        let place = packages.join(distro.as_str());
        settled::make_folder(&place)?;
        settled::only_root_publishes_in(&place, base)?;
        let lock = Lock::take(&place.join(LOCK))?;
        let repository = Self { distro: distro.clone(), packages: packages.to_path_buf(), place, lock };
        for name in Folder::open(&repository.place)?.all_names()? {
            if name.starts_with(HIDDEN) {
                let path = repository.place.join(name);
                crate::media::stale_folders::remove_folder(&path).map_err(IoError::during("remove", &path))?;
            }
        }
        // A repository of another program is not changed.
        if let Some(inventory) = Inventory::read(packages, distro)? {
            repository.retire(&inventory)?;
        }
        Ok(repository)
    }

    /// Its contents.
    ///
    /// # Errors
    /// See [`Inventory::read`].
    pub fn inventory(&self) -> Result<Inventory, PackageError> {
        Ok(Inventory::read(&self.packages, &self.distro)?.unwrap_or_else(|| Inventory::empty(&self.distro)))
    }

    /// Its accepted keys.
    ///
    /// # Errors
    /// See [`AcceptedKeys::gather`].
    pub fn keys(&self, pinned: Option<ReleaseKey>, stop: &AtomicBool) -> Result<AcceptedKeys, PackageError> {
        AcceptedKeys::gather(pinned, &self.place, self.workshop()?, stop)
    }

    /// Accepts the key in a file from now on. Returns its fingerprint, and whether it is new.
    ///
    /// # Errors
    /// When the file has no key, or one that has expired or was revoked.
    pub fn accept_key(&self, file: &Path, stop: &AtomicBool) -> Result<(Fingerprint, bool), PackageError> {
        keys::accept(file, &self.place, self.workshop()?.path(), stop)
    }

    /// A hidden folder to work in, removed with all its content when this is dropped.
    ///
    /// # Errors
    /// When it cannot be made.
    pub fn workshop(&self) -> Result<tempfile::TempDir, PackageError> {
        Ok(hidden(HIDDEN, &self.place).map_err(IoError::during("create a folder in", &self.place))?)
    }

    /// Whether a package of the inventory is unchanged.
    ///
    /// # Errors
    /// [`PackageError::Refused`] when it is not, or cannot be read.
    pub fn holds(&self, package: &Package) -> Result<(), PackageError> {
        let path = self.repo().join(package.nevra.file_name());
        // A link, or a name in a folder that others can change, would be another file when it is published again.
        if let Some(why) = settled::wrong_of(&path) {
            return Err(refused(
                path.display(),
                format!("{why}; remove it with --remove {}, and add it again", package.nevra),
            ));
        }
        let found = Brought::open(&path).map_err(std::io::Error::other);
        let found = found.and_then(|brought| Sha256Digest::hash_reader(brought.into_file()));
        let problem = match found {
            Ok((digest, _)) if digest == package.sha256 => return Ok(()),
            Ok(_) => "has changed since it was added".to_owned(),
            Err(error) => format!("cannot be read ({error})"),
        };
        Err(refused(path.display(), format!("{problem}; remove it with --remove {}, and add it again", package.nevra)))
    }

    /// Makes the change, in a folder of the workshop first. Readers see the old state or the new one.
    ///
    /// # Errors
    /// When a step fails; the old state is then still published.
    pub fn apply(&self, change: &Change<'_>, workshop: &Path, stop: &AtomicBool) -> Result<Inventory, PackageError> {
        let before = self.inventory()?;
        let after = after(&before, change);
        let (repo, stage) = (self.repo(), workshop.join("stage"));
        std::fs::create_dir(&stage).map_err(IoError::during("create", &stage))?;
        let staged = Folder::open(&stage)?;
        let gone: BTreeSet<String> = change.remove.iter().map(|package| package.nevra.file_name()).collect();
        for package in &before.packages {
            let name = package.nevra.file_name();
            if !gone.contains(&name) {
                // New metadata must not vouch for unverified bytes.
                self.holds(package)?;
                Folder::open(&repo)?.link_to(&name, &staged, &name)?;
            }
        }
        for verified in &change.add {
            settled::on_disk(verified.path())?;
            let (folder, name) = Folder::open_parent(verified.path())?;
            folder.link_to(name, &staged, verified.package().nevra.file_name())?;
        }
        createrepo_c::create(&stage, stop)?;
        let meta = stage.join(repomd::FOLDER);
        let inventory = workshop.join("inventory.toml");
        std::fs::write(&inventory, after.to_text()).map_err(IoError::during("write", &inventory))?;
        modifyrepo_c::add(&inventory, KIND, &meta, stop)?;
        self.put_in_place(&staged, change)?;
        self.retire(&after)?;
        Ok(after)
    }

    /// New files go beside the old ones; the last rename makes them count.
    fn put_in_place(&self, staged: &Folder, change: &Change<'_>) -> Result<(), PackageError> {
        let from = staged.path().join(repomd::FOLDER);
        let files = repomd::read(staged.path())?.ok_or_else(|| refused(from.display(), "createrepo_c made none"))?;
        let repo = settled::make_folder(&self.repo())?;
        let to = settled::make_folder(&self.repo().join(repomd::FOLDER))?;
        let metadata = Folder::open(&from)?;
        for package in change.added() {
            let name = package.nevra.file_name();
            staged.move_to(&name, &repo, &name)?;
        }
        repo.sync()?;
        for MetaFile { name, .. } in &files {
            settled::on_disk(&from.join(name))?;
            metadata.move_to(name, &to, name)?;
        }
        to.sync()?;
        settled::on_disk(&from.join(repomd::FILE))?;
        metadata.move_to(repomd::FILE, &to, repomd::FILE)?;
        to.sync()?;
        Ok(Folder::open(&self.place)?.sync()?)
    }

    /// Files that the metadata no longer names stay for another day. It also publishes the repository if a killed run
    /// has not.
    fn retire(&self, after: &Inventory) -> Result<(), PackageError> {
        let mark = self.repo().join(MARK);
        if !mark.exists() {
            write_atomic(&mark, b"", Access::World)?;
        }
        Ok(retired::retire(&self.unnamed(after)?)?)
    }

    /// The packages and files of metadata that are there and no longer count.
    fn unnamed(&self, inventory: &Inventory) -> Result<Vec<PathBuf>, PackageError> {
        let repo = self.repo();
        let mut named: BTreeSet<String> = inventory.packages.iter().map(|p| p.nevra.file_name()).collect();
        named.extend(repomd::read(&repo)?.into_iter().flatten().map(|file| file.name));
        named.insert(repomd::FILE.to_owned());
        let in_folder = |folder: PathBuf| -> Result<Vec<(String, PathBuf)>, PackageError> {
            let names = Folder::open(&folder)?.all_names()?.into_iter();
            Ok(names.map(|name| (name.clone(), folder.join(name))).collect())
        };
        let packages = in_folder(repo.clone())?.into_iter().filter(|(name, _)| name.ends_with(".rpm"));
        let all = packages.chain(in_folder(repo.join(repomd::FOLDER))?);
        Ok(all.filter(|(name, path)| !named.contains(name) && path.is_file()).map(|(_, path)| path).collect())
    }

    pub(super) fn repo(&self) -> PathBuf {
        self.place.join(REPO)
    }
}

fn after(before: &Inventory, change: &Change<'_>) -> Inventory {
    let mut after = before.clone();
    after.packages.retain(|package| !change.remove.contains(package));
    after.packages.extend(change.added().cloned());
    after.packages.sort_by(|a, b| a.nevra.cmp(&b.nevra));
    after
}
