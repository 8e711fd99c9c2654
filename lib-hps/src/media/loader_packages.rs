// SPDX-License-Identifier: GPL-3.0-or-later
//! The boot loaders that were fetched from Debian packages, kept on this node for work without the Internet.
//!
//! A file is kept under its digest, and one record for each package and release names its files. The record is
//! replaced last, so a killed run leaves the old files in use.

use super::lock::Lock;
use super::proven_package::{MAX_FILE_BYTES, ProvenPackage};
use super::proven_package_error::ProvenPackageError;
use crate::files::{Access, Base, Folder, Trust, make_dir, read_trusted, write_atomic};

use crate::types::Sha256Digest;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// More than a record has.
const MAX_RECORD_BYTES: u64 = 64 << 10;
const VERSION: u32 = 1;
const ENDING: &str = ".toml";
const LOCK: &str = ".lock";

/// What is known of a fetched package.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LoaderPackage {
    version: u32,
    package: String,
    release: String,
    package_version: String,
    /// Of the package, as the index of the archive had it.
    sha256: Sha256Digest,
    /// Its files by their paths.
    files: BTreeMap<PathBuf, Sha256Digest>,
}

impl LoaderPackage {
    /// Whether it is of this name.
    pub fn is(&self, package: &str) -> bool {
        self.package == package
    }

    /// Its version.
    pub fn package_version(&self) -> &str {
        &self.package_version
    }

    /// The digest of the whole package.
    pub fn sha256(&self) -> Sha256Digest {
        self.sha256
    }

    /// Whether this package proves these bytes as its file.
    pub fn proves(&self, path: &Path, digest: Sha256Digest) -> bool {
        self.files.get(path) == Some(&digest)
    }

    /// Whether it has all of these files.
    pub fn has(&self, paths: &[&Path]) -> bool {
        paths.iter().all(|path| self.files.contains_key(*path))
    }
}

/// The folder of fetched packages.
#[derive(Debug, Clone)]
pub struct LoaderPackages {
    folder: PathBuf,
    base: Base,
}

impl LoaderPackages {
    /// The name of the folder, in the folder of state.
    pub const FOLDER: &str = "boot-loaders";

    /// In this folder.
    pub fn new(folder: PathBuf, base: Base) -> Self {
        Self { folder, base }
    }

    /// The record of a package of a release, if it was fetched.
    ///
    /// # Errors
    /// When it cannot be read or accepted.
    pub fn package(&self, release: &str, package: &str) -> Result<Option<LoaderPackage>, ProvenPackageError> {
        self.read(&self.record(release, package))
    }

    /// All records.
    ///
    /// # Errors
    /// When one cannot be read or accepted.
    pub fn all(&self) -> Result<Vec<LoaderPackage>, ProvenPackageError> {
        let mut names = match Folder::open_named(&self.folder).and_then(|folder| folder.all_names()) {
            Ok(names) => names,
            Err(error) if error.is_not_found() => return Ok(Vec::new()),
            Err(error) => return Err(error.into()),
        };
        names.retain(|name| name.ends_with(ENDING) && !name.starts_with('.'));
        names.sort();
        let mut found = Vec::new();
        for name in names {
            found.extend(self.read(&self.folder.join(name))?);
        }
        Ok(found)
    }

    /// A file of a package of a release, if it was fetched.
    ///
    /// # Errors
    /// When it cannot be read, or is not the one of its record.
    pub fn file(&self, release: &str, package: &str, path: &Path) -> Result<Option<Vec<u8>>, ProvenPackageError> {
        let Some(digest) = self.package(release, package)?.and_then(|record| record.files.get(path).copied()) else {
            return Ok(None);
        };
        let place = self.place(digest);
        let bytes = read_trusted(&place, &self.base, Trust::Root, MAX_FILE_BYTES)?;
        if Sha256Digest::hash(&bytes) != digest {
            return Err(ProvenPackageError::Damaged { path: place });
        }
        Ok(Some(bytes))
    }

    /// Keeps a package in place of an older one of the same release. Returns its record.
    ///
    /// # Errors
    /// When it cannot be written; the older one then stays.
    pub fn keep(&self, release: &str, fetched: &ProvenPackage) -> Result<LoaderPackage, ProvenPackageError> {
        make_dir(&self.folder, 0o755, None)?;
        make_dir(&self.files(), 0o755, None)?;
        let _lock = Lock::take(&self.folder.join(LOCK))?;
        let mut files = BTreeMap::new();
        for (path, bytes) in &fetched.files {
            let digest = Sha256Digest::hash(bytes);
            write_atomic(&self.place(digest), bytes, Access::World)?;
            files.insert(path.clone(), digest);
        }
        let candidate = &fetched.candidate;
        let record = LoaderPackage {
            version: VERSION,
            package: candidate.package.clone(),
            release: release.to_owned(),
            package_version: candidate.version.clone(),
            sha256: candidate.sha256,
            files,
        };
        let place = self.record(release, &candidate.package);
        let text = toml::to_string(&record)
            .map_err(|error| ProvenPackageError::Record { path: place.clone(), problem: error.to_string() })?;
        let head = "# A Debian package that build-image --boot-loaders fetched; apt proved it.\n";
        write_atomic(&place, format!("{head}{text}").as_bytes(), Access::World)?;
        self.remove_unused()?;
        Ok(record)
    }

    /// Removes the files that no record names.
    fn remove_unused(&self) -> Result<(), ProvenPackageError> {
        let used: Vec<String> = self
            .all()?
            .iter()
            .flat_map(|record| record.files.values().map(ToString::to_string).collect::<Vec<_>>())
            .collect();
        let folder = Folder::open_named(&self.files())?;
        for name in folder.all_names()? {
            if !used.contains(&name) {
                folder.remove(&name)?;
            }
        }
        Ok(())
    }

    fn read(&self, path: &Path) -> Result<Option<LoaderPackage>, ProvenPackageError> {
        let bytes = match read_trusted(path, &self.base, Trust::Root, MAX_RECORD_BYTES) {
            Ok(bytes) => bytes,
            Err(error) if error.is_not_found() => return Ok(None),
            Err(error) => return Err(error.into()),
        };
        let refuse = |problem: String| ProvenPackageError::Record { path: path.to_path_buf(), problem };
        let text = std::str::from_utf8(&bytes).map_err(|error| refuse(error.to_string()))?;
        let record: LoaderPackage = toml::from_str(text).map_err(|error| refuse(error.message().to_owned()))?;
        if record.version != VERSION {
            return Err(refuse(format!("version is {}: expected {VERSION}", record.version)));
        }
        Ok(Some(record))
    }

    fn record(&self, release: &str, package: &str) -> PathBuf {
        self.folder.join(format!("{release}-{package}{ENDING}"))
    }

    fn files(&self) -> PathBuf {
        self.folder.join("files")
    }

    fn place(&self, digest: Sha256Digest) -> PathBuf {
        self.files().join(digest.to_string())
    }
}

#[cfg(test)]
#[path = "loader_packages_tests.rs"]
mod tests;
