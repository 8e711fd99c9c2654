// SPDX-License-Identifier: GPL-3.0-or-later
//! A folder of HPS that was looked at.

use super::IoError;
use super::base::Base;
use super::error::FileError;
use super::trust::Trust;
use super::trusted::{check, walk_trusted};
use super::untrusted::wrong_kind;
use super::walk::open_path;
use std::fs::{File, Metadata};
use std::path::{Path, PathBuf};

/// A folder that was looked at, and what lies directly in it can be looked at too.
#[derive(Debug)]
pub struct CheckedFolder {
    folder: File,
    path: PathBuf,
}

/// Looks at a folder of HPS and at every folder above it; `None` where there is none.
///
/// # Errors
/// When it cannot be looked at, or somebody else can write in it or replace it.
pub fn check_folder(path: &Path, base: &Base, trust: Trust) -> Result<Option<CheckedFolder>, FileError> {
    match walk_trusted(path, base) {
        Ok(place) => CheckedFolder::new(place.file, &place.metadata, place.path, trust).map(Some),
        Err(error) if error.is_not_found() => Ok(None),
        Err(error) => Err(error),
    }
}

impl CheckedFolder {
    fn new(folder: File, metadata: &Metadata, path: PathBuf, trust: Trust) -> Result<Self, FileError> {
        if !metadata.is_dir() {
            return Err(wrong_kind(&path, metadata, "a folder"));
        }
        check(&path, metadata, trust)?;
        Ok(Self { folder, path })
    }

    /// The same for a folder in it, which must not be a link; `None` where there is none.
    ///
    /// # Errors
    /// As [`check_folder`].
    pub fn check_folder(&self, name: &str, trust: Trust) -> Result<Option<Self>, FileError> {
        let path = self.path.join(name);
        let folder = match open_path(&self.folder, name.as_ref()) {
            Ok(folder) => folder,
            Err(rustix::io::Errno::NOENT) => return Ok(None),
            Err(error) => return Err(IoError::new("read", &path, error).into()),
        };
        let metadata = folder.metadata().map_err(IoError::during("read", &path))?;
        Self::new(folder, &metadata, path, trust).map(Some)
    }
}
