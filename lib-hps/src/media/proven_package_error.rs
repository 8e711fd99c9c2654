// SPDX-License-Identifier: GPL-3.0-or-later
//! Why a package of Debian is not fetched, or a fetched one not used.

use super::brought::BroughtError;
use super::lock::LockError;
use super::work_folder::WorkFolderError;
use crate::exec::ExecError;
use crate::exec::apt_index::AptIndexError;
use crate::files::{FileError, IoError};
use std::path::PathBuf;

/// Why there is none.
#[derive(Debug, thiserror::Error)]
pub enum ProvenPackageError {
    /// There is no folder to work in.
    #[error(transparent)]
    WorkFolder(#[from] WorkFolderError),
    /// Another run fetches packages now.
    #[error(transparent)]
    Lock(#[from] LockError),
    /// apt failed.
    #[error(transparent)]
    Index(#[from] AptIndexError),
    /// Another program failed.
    #[error(transparent)]
    Exec(#[from] ExecError),
    /// The system refused an operation.
    #[error(transparent)]
    Io(#[from] IoError),
    /// A downloaded file cannot be read.
    #[error(transparent)]
    Brought(#[from] BroughtError),
    /// A stored file cannot be read, or others could have written it.
    #[error(transparent)]
    File(#[from] FileError),
    /// What was downloaded is not what the index names.
    #[error("package {file}: its bytes are not those that the index of the archive names; nothing was changed")]
    Altered {
        /// The name of the package's file.
        file: String,
    },
    /// The package does not have the file.
    #[error("package {package} {version}: it has no {}", path.display())]
    NoSuchFile {
        /// Its name.
        package: String,
        /// Its version.
        version: String,
        /// The file.
        path: PathBuf,
    },
    /// A record of a fetched package cannot be accepted.
    #[error("{}: {problem}; fetch the packages again with: build-image --boot-loaders", path.display())]
    Record {
        /// The record.
        path: PathBuf,
        /// What is wrong with it.
        problem: String,
    },
    /// A stored file is not the one of its record.
    #[error("{}: its bytes are not those of its record; fetch the packages again with: build-image --boot-loaders", path.display())]
    Damaged {
        /// The file.
        path: PathBuf,
    },
}

impl ProvenPackageError {
    /// The error of a program, if it is one.
    pub fn exec(self) -> Result<ExecError, Self> {
        match self {
            Self::Exec(error) | Self::Index(AptIndexError::Exec(error)) => Ok(error),
            other => Err(other),
        }
    }
}
