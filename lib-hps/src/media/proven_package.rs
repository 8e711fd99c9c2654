// SPDX-License-Identifier: GPL-3.0-or-later
//! Files of a Debian package of any release, without an installation. apt proves the index of the archive by the
//! archive's keys, and the index has the digest of the package.

use super::brought::{Brought, Room};
use super::proven_package_error::ProvenPackageError;
use super::space;
use super::work_folder::{let_through, work_folder};
use crate::exec::apt::{self, Archive};
use crate::exec::apt_index::{AptIndex, Candidate};
use crate::exec::dpkg_deb;
use crate::files::{Folder, IoError, make_dir};
use crate::types::Sha256Digest;
use rustix::fs::OFlags;
use std::collections::{BTreeMap, BTreeSet};
use std::fs::File;
use std::io::Read as _;
use std::path::{Path, PathBuf};
use std::sync::atomic::AtomicBool;

/// More than any package of Debian has.
pub(super) const MAX_DEB_BYTES: u64 = 4 << 30;
/// More than any package of boot loaders has.
const MAX_PACKAGE_BYTES: u64 = 64 << 20;
/// More than any boot loader has.
pub(super) const MAX_FILE_BYTES: u64 = 64 << 20;

/// Some files of a package.
#[derive(Debug)]
pub struct ProvenPackage {
    /// What it is, by the index.
    pub candidate: Candidate,
    /// The files, by their paths.
    pub files: BTreeMap<PathBuf, Vec<u8>>,
}

/// The packages of some archives.
#[derive(Debug)]
pub struct PackageSource {
    room: tempfile::TempDir,
    index: AptIndex,
    download: PathBuf,
}

impl PackageSource {
    /// Fetches the index of the archives, for packages of this architecture (`amd64`) and of none.
    ///
    /// # Errors
    /// When it cannot be fetched or proven.
    pub fn open(
        archives: &[Archive],
        architecture: &str,
        settings: &[String],
        stop: &AtomicBool,
    ) -> Result<Self, ProvenPackageError> {
        Self::open_in(work_folder()?, archives, architecture, settings, stop)
    }

    /// The same, in this empty folder, which only root can enter.
    pub(super) fn open_in(
        room: tempfile::TempDir,
        archives: &[Archive],
        architecture: &str,
        settings: &[String],
        stop: &AtomicBool,
    ) -> Result<Self, ProvenPackageError> {
        let download = room.path().join("download");
        make_dir(&download, 0o755, None)?;
        if let Some(user) = apt::download_user(stop)?.filter(|_| rustix::process::geteuid().is_root()) {
            let_through(room.path(), user).map_err(IoError::during("let apt's user through", room.path()))?;
            std::os::unix::fs::chown(&download, Some(user), None).map_err(IoError::during("chown", &download))?;
        }
        let lines: Vec<String> = archives.iter().map(ToString::to_string).collect();
        let index = AptIndex::fetch(room.path(), &lines, architecture, settings, stop)?;
        Ok(Self { room, index, download })
    }

    /// The newest package of this name.
    ///
    /// # Errors
    /// When no archive has one.
    pub fn candidate(&self, package: &str, stop: &AtomicBool) -> Result<Candidate, ProvenPackageError> {
        Ok(self.index.candidate(package, stop)?)
    }

    /// The names of all packages.
    ///
    /// # Errors
    /// When apt fails, or `stop` is set meanwhile.
    pub fn names(&self, stop: &AtomicBool) -> Result<BTreeSet<String>, ProvenPackageError> {
        Ok(self.index.names(stop)?)
    }

    /// The newest packages of these names, and all that they depend on.
    ///
    /// # Errors
    /// When they cannot be installed together, or `stop` is set meanwhile.
    pub fn needed(&self, packages: &[&str], stop: &AtomicBool) -> Result<Vec<Candidate>, ProvenPackageError> {
        Ok(self.index.needed(packages, stop)?)
    }

    /// Fetches packages to a folder that only root can enter, under the names of their files.
    ///
    /// # Errors
    /// When one cannot be fetched, or is not what the index names, or the disk is full.
    pub fn copy_all(&self, candidates: &[Candidate], to: &Path, stop: &AtomicBool) -> Result<(), ProvenPackageError> {
        self.index.download_all(candidates, &self.download, stop)?;
        for candidate in candidates {
            let (fetched, path) = (self.download.join(&candidate.file), to.join(&candidate.file));
            let room = Room { folder: to, needed: candidate.size.saturating_add(space::RESERVE) };
            let mut copy = File::create(&path).map_err(IoError::during("write", &path))?;
            let brought = Brought::open(&fetched)?;
            let digest = brought.copy(MAX_DEB_BYTES, room, &mut copy, stop, &mut |_, _| {})?;
            if digest != candidate.sha256 {
                return Err(ProvenPackageError::Altered { file: candidate.file.clone() });
            }
            std::fs::remove_file(&fetched).map_err(IoError::during("remove", &fetched))?;
        }
        Ok(())
    }

    /// Fetches a package and takes these files out of it.
    ///
    /// # Errors
    /// When it cannot be fetched, is not what the index names, or lacks a file.
    pub fn take(
        &self,
        candidate: Candidate,
        paths: &[&Path],
        stop: &AtomicBool,
    ) -> Result<ProvenPackage, ProvenPackageError> {
        let fetched = self.index.download(&candidate, &self.download, stop)?;
        let bytes = Brought::open(&fetched)?.bytes(MAX_PACKAGE_BYTES)?;
        if bytes.len() as u64 != candidate.size || Sha256Digest::hash(&bytes) != candidate.sha256 {
            return Err(ProvenPackageError::Altered { file: candidate.file });
        }
        // Only root can enter the folder of this copy, except apt's user, who cannot write to it.
        let unpacked = folder_for(self.room.path(), &candidate)?;
        let package = unpacked.join("package.deb");
        std::fs::write(&package, &bytes).map_err(IoError::during("write", &package))?;
        let root = unpacked.join("root");
        make_dir(&root, 0o700, None)?;
        dpkg_deb::extract(&package, &root, stop)?;
        let mut files = BTreeMap::new();
        for path in paths {
            let bytes = file_of(&root, path)?.ok_or_else(|| ProvenPackageError::NoSuchFile {
                package: candidate.package.clone(),
                version: candidate.version.clone(),
                path: path.to_path_buf(),
            })?;
            files.insert(path.to_path_buf(), bytes);
        }
        Ok(ProvenPackage { candidate, files })
    }
}

/// A folder for one package.
fn folder_for(room: &Path, candidate: &Candidate) -> Result<PathBuf, ProvenPackageError> {
    let folder = room.join(format!("of-{}", candidate.package));
    make_dir(&folder, 0o700, None)?;
    Ok(folder)
}

/// A regular file below the unpacked root. A link in its place is no such file.
fn file_of(root: &Path, path: &Path) -> Result<Option<Vec<u8>>, ProvenPackageError> {
    let place = root.join(path.strip_prefix("/").unwrap_or(path));
    let file = match Folder::open_file(&place, OFlags::RDONLY, 0) {
        Ok(file) => file,
        Err(error) if error.is_not_found() => return Ok(None),
        Err(error) => return Err(error.into()),
    };
    let read = IoError::during("read", &place);
    if !file.metadata().map_err(IoError::during("read", &place))?.is_file() {
        return Ok(None);
    }
    let mut bytes = Vec::new();
    file.take(MAX_FILE_BYTES).read_to_end(&mut bytes).map_err(read)?;
    Ok(Some(bytes))
}
