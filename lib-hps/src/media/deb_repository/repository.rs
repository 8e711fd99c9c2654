// SPDX-License-Identifier: GPL-3.0-or-later
//! The repository of one Debian release, and how it changes while hosts read it.
//!
//! Everything is made in a hidden folder beside it: links to all its packages, and the index by apt-ftparchive. Then the
//! new packages are put in place, then the list of packages under its digest. At last one rename replaces `InRelease`,
//! which is signed and names that digest. Files of the old state stay for a day.

use super::deb::{self, Deb, Origin, POOL};
use super::index::{self, COMPONENT, IN_RELEASE, IndexPaths, PACKAGES};
use super::packages_key::PackagesKey;
use super::{DebRepositoryError, refused};
use crate::exec::apt::Archive;
use crate::exec::apt_ftparchive;
use crate::exec::apt_index::Candidate;
use crate::files::{Access, Base, Folder, IoError, Trust, read_trusted, write_atomic};
use crate::media::brought::{Brought, BroughtError};
use crate::media::lock::Lock;
use crate::media::packages::{FOLDER_OF_KEYS, LOCK, MARK, REPO};
use crate::media::proven_package::PackageSource;
use crate::media::retired;
use crate::media::settled;
use crate::media::space;
use crate::media::work_folder::hidden;
use crate::types::{Distro, Sha256Digest};
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::atomic::AtomicBool;

/// The beginning of the name of a folder in which a repository is made.
const HIDDEN: &str = ".work-";
/// The public key of the site, which the answer files of hosts have.
const SITE_KEY: &str = "site.asc";

/// The names of packages of Debian that the site wants besides those of its images, one in a line.
const WANTED: &str = "wanted.list";
/// Some hundred bytes.
const MAX_KEY_BYTES: u64 = 64 << 10;
/// Names of thousands of packages.
const MAX_WANTED_BYTES: u64 = 1 << 20;

/// Reads the list in the folder of a distro.
fn wanted(place: &Path, base: &Base) -> Result<BTreeSet<String>, DebRepositoryError> {
    match read_trusted(&place.join(WANTED), base, Trust::Root, MAX_WANTED_BYTES) {
        Ok(bytes) => Ok(String::from_utf8_lossy(&bytes).lines().map(str::to_owned).collect()),
        Err(error) if error.is_not_found() => Ok(BTreeSet::new()),
        Err(error) => Err(error.into()),
    }
}

/// A verified package that is not published yet.
#[derive(Debug)]
pub struct NewDeb {
    pub(super) deb: Deb,
    pub(super) path: PathBuf,
}

impl NewDeb {
    /// What it is.
    pub fn deb(&self) -> &Deb {
        &self.deb
    }

    /// Its file.
    pub fn path(&self) -> &Path {
        &self.path
    }
}

/// The repository, locked: no other run changes it while this exists.
#[derive(Debug)]
pub struct DebRepository {
    place: PathBuf,
    paths: IndexPaths,
    #[expect(dead_code, reason = "closing it is what unlocks")]
    lock: Lock,
}

impl DebRepository {
    /// Locks it, and removes the remains of a killed run, and files that have been out of the index for a day.
    ///
    /// # Errors
    /// [`LockError::Busy`](crate::media::LockError::Busy), or when the folder cannot be written.
    pub fn lock(packages: &Path, base: &Base, distro: &Distro) -> Result<Self, DebRepositoryError> {
        let paths = IndexPaths::for_distro(distro)?;
        let place = packages.join(distro.as_str());
        settled::make_folder(&place)?;
        settled::only_root_publishes_in(&place, base)?;
        let lock = Lock::take(&place.join(LOCK))?;
        let repository = Self { place, paths, lock };
        for name in Folder::open(&repository.place)?.all_names()? {
            if name.starts_with(HIDDEN) {
                let path = repository.place.join(name);
                crate::media::stale_folders::remove_folder(&path).map_err(IoError::during("remove", &path))?;
            }
        }
        if index::read(&repository.repo(), &repository.paths)?.is_some() {
            repository.retire()?;
            repository.mark()?;
        } else if repository.repo().join(MARK).exists() {
            let problem = "it has no index of packages".to_owned();
            return Err(DebRepositoryError::Damaged { path: repository.repo(), problem });
        }
        Ok(repository)
    }

    /// Its packages; empty if nothing is published.
    ///
    /// # Errors
    /// When the index cannot be read.
    pub fn packages(&self) -> Result<Vec<Deb>, DebRepositoryError> {
        Ok(index::read(&self.repo(), &self.paths)?.map(|(_, debs)| debs).unwrap_or_default())
    }

    /// Whether something is published, signed by the key with this public part.
    ///
    /// # Errors
    /// When the public key cannot be read.
    pub fn is_signed_by(&self, public_key: &str) -> Result<bool, DebRepositoryError> {
        let path = self.public_key();
        let known = match Brought::text(&path, MAX_KEY_BYTES) {
            Ok(text) => text == public_key,
            Err(BroughtError::Missing(_)) => false,
            Err(error) => return Err(error.into()),
        };
        Ok(known && self.repo().join(MARK).exists())
    }

    /// A hidden folder to work in, removed with all its content when this is dropped.
    ///
    /// # Errors
    /// When it cannot be made.
    pub fn workshop(&self) -> Result<tempfile::TempDir, DebRepositoryError> {
        Ok(hidden(HIDDEN, &self.place).map_err(IoError::during("create a folder in", &self.place))?)
    }

    /// What these archives offer, fetched to a folder of the repository.
    ///
    /// # Errors
    /// When the archives cannot be reached or proven.
    pub fn source(
        &self,
        archives: &[Archive],
        settings: &[String],
        stop: &AtomicBool,
    ) -> Result<PackageSource, DebRepositoryError> {
        Ok(PackageSource::open_in(self.workshop()?, archives, self.paths.architecture(), settings, stop)?)
    }

    /// Fetches packages of the archives to a folder that only root can enter. `progress` gets the number of packages so
    /// far, and their total.
    ///
    /// # Errors
    /// When one cannot be fetched, or is not what the index names, or `stop` is set meanwhile.
    pub fn fetch(
        source: &PackageSource,
        candidates: &[Candidate],
        to: &Path,
        stop: &AtomicBool,
        progress: &mut dyn FnMut(u64, Option<u64>),
    ) -> Result<Vec<NewDeb>, DebRepositoryError> {
        // A few at a time: until they are copied, their bytes are on the disk twice.
        const AT_ONCE: usize = 16;
        let mut fetched = Vec::new();
        for some in candidates.chunks(AT_ONCE) {
            source.copy_all(some, to, stop)?;
            fetched.extend(some.iter().map(|one| NewDeb { deb: Deb::from_candidate(one), path: to.join(&one.file) }));
            progress(fetched.len() as u64, Some(candidates.len() as u64));
        }
        Ok(fetched)
    }

    /// The file of a published package.
    pub fn file(&self, deb: &Deb) -> PathBuf {
        self.repo().join(deb.path())
    }

    /// The names of packages of Debian that the site wants besides those of its images.
    ///
    /// # Errors
    /// When the list cannot be read, or another user could have written it.
    pub fn wanted(&self, base: &Base) -> Result<BTreeSet<String>, DebRepositoryError> {
        wanted(&self.place, base)
    }

    /// Replaces that list.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn set_wanted(&self, names: &BTreeSet<String>) -> Result<(), DebRepositoryError> {
        let text: String = names.iter().map(|name| format!("{name}\n")).collect();
        Ok(write_atomic(&self.place.join(WANTED), text.as_bytes(), Access::World)?)
    }

    /// Publishes exactly these packages: those that are published already, and `new` ones. Readers see the old state or
    /// the new one.
    ///
    /// # Errors
    /// When a step fails; the old state is then still published. A published package that has changed is refused.
    pub fn publish(
        &self,
        after: &[Deb],
        new: &[NewDeb],
        key: &PackagesKey,
        workshop: &Path,
        stop: &AtomicBool,
    ) -> Result<(), DebRepositoryError> {
        let stage = workshop.join("stage");
        for origin in Origin::ALL {
            settled::make_folder(&stage.join(POOL).join(origin.as_str()))?;
            settled::make_folder(&self.repo().join(POOL).join(origin.as_str()))?;
        }
        for deb in after {
            let added = new.iter().find(|new| new.deb == *deb);
            let from = added.map_or_else(|| self.repo().join(deb.path()), |new| new.path.clone());
            settled::on_disk(&from)?;
            let (folder, name) = Folder::open_parent(&from)?;
            let (to, as_name) = (stage.join(deb.path()), deb.file_name());
            folder.link_to(name, &Folder::open_parent(&to)?.0, as_name)?;
        }
        let list = apt_ftparchive::packages(&stage, POOL, stop)?;
        self.expect(&list, after)?;
        let binary = stage.join(self.paths.dist()).join(self.paths.binary());
        settled::make_folder(&binary)?;
        let written = binary.join(PACKAGES);
        std::fs::write(&written, &list).map_err(IoError::during("write", &written))?;
        let release = apt_ftparchive::release(&stage.join(self.paths.dist()), &self.fields(), stop)?;
        let digest = Sha256Digest::hash(list.as_bytes());
        if self.paths.digest_of_list(&release) != Some(digest) {
            return Err(refused(written.display(), "apt-ftparchive names another digest of it"));
        }
        let (public_key, signed) = key.sign(&release, stop)?;
        self.put_in_place(&stage, new, digest, &signed, &public_key)?;
        self.retire()
    }

    /// apt-ftparchive has read every package: the list must have exactly what was verified.
    fn expect(&self, list: &str, after: &[Deb]) -> Result<(), DebRepositoryError> {
        let found = deb::parse(list).map_err(|problem| refused("the list of apt-ftparchive", problem))?;
        let mut wanted = after.to_vec();
        deb::sort(&mut wanted);
        if found == wanted {
            return Ok(());
        }
        let changed = wanted.iter().find(|deb| !found.contains(deb)).or_else(|| found.first());
        let path = self.repo().join(changed.map(Deb::path).unwrap_or_default());
        Err(refused(
            path.display(),
            "it is not as it was published; remove this file, then run build-repository again, which fetches it; add a package of the site again",
        ))
    }

    fn fields(&self) -> [(&'static str, &'static str); 7] {
        [
            ("Origin", "HPS"),
            ("Label", "HPS"),
            ("Suite", self.paths.suite()),
            ("Codename", self.paths.suite()),
            ("Architectures", self.paths.architecture()),
            ("Components", COMPONENT),
            ("Acquire-By-Hash", "yes"),
        ]
    }

    /// New files go beside the old ones; the last rename makes them count.
    fn put_in_place(
        &self,
        stage: &Path,
        new: &[NewDeb],
        digest: Sha256Digest,
        signed: &str,
        public_key: &str,
    ) -> Result<(), DebRepositoryError> {
        let repo = self.repo();
        for new in new {
            let (from, to) = (stage.join(new.deb.path()), repo.join(new.deb.path()));
            let (from_folder, name) = Folder::open_parent(&from)?;
            from_folder.move_to(name, &Folder::open_parent(&to)?.0, new.deb.file_name())?;
        }
        for origin in Origin::ALL {
            Folder::open(&repo.join(POOL).join(origin.as_str()))?.sync()?;
        }
        settled::make_folder(&repo.join(self.paths.by_hash()))?;
        let list = stage.join(self.paths.dist()).join(self.paths.binary()).join(PACKAGES);
        settled::on_disk(&list)?;
        let by_hash = Folder::open(&repo.join(self.paths.by_hash()))?;
        let (folder, name) = Folder::open_parent(&list)?;
        folder.move_to(name, &by_hash, digest.to_string())?;
        by_hash.sync()?;
        // Before hosts are told of the repository.
        settled::make_folder(&self.place.join(FOLDER_OF_KEYS))?;
        write_atomic(&self.public_key(), public_key.as_bytes(), Access::World)?;
        write_atomic(&repo.join(self.paths.dist()).join(IN_RELEASE), signed.as_bytes(), Access::World)?;
        self.mark()
    }

    /// From now on the answer files of hosts name it.
    fn mark(&self) -> Result<(), DebRepositoryError> {
        let mark = self.repo().join(MARK);
        if !mark.exists() {
            write_atomic(&mark, b"", Access::World)?;
        }
        Ok(())
    }

    /// Files that the index no longer names stay for a day.
    fn retire(&self) -> Result<(), DebRepositoryError> {
        let Some((digest, debs)) = index::read(&self.repo(), &self.paths)? else { return Ok(()) };
        let mut named: BTreeSet<PathBuf> = debs.iter().map(|deb| self.repo().join(deb.path())).collect();
        named.insert(self.repo().join(self.paths.by_hash()).join(digest.to_string()));
        let pools = Origin::ALL.map(|origin| format!("{POOL}/{origin}"));
        let mut unnamed = Vec::new();
        for folder in pools.into_iter().chain([self.paths.by_hash()]) {
            let folder = self.repo().join(folder);
            let names = Folder::open(&folder)?.all_names()?;
            unnamed.extend(names.into_iter().map(|name| folder.join(name)).filter(|path| !named.contains(path)));
        }
        Ok(retired::retire(&unnamed)?)
    }

    /// Whether this much more fits on the disk.
    ///
    /// # Errors
    /// When it does not, or the folder cannot be read.
    pub fn ask_space(&self, bytes: u64) -> Result<(), DebRepositoryError> {
        if space::has_room(&self.place, bytes)? {
            return Ok(());
        }
        let (needed, kept) = (space::format_size(bytes), space::format_size(space::RESERVE));
        Err(DebRepositoryError::Full { path: self.place.clone(), needed, kept })
    }

    pub(super) fn repo(&self) -> PathBuf {
        self.place.join(REPO)
    }

    pub(super) fn paths(&self) -> &IndexPaths {
        &self.paths
    }

    /// The file of the public key, below the folder of the distro.
    pub fn public_key(&self) -> PathBuf {
        self.place.join(FOLDER_OF_KEYS).join(SITE_KEY)
    }
}
