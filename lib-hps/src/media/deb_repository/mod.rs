// SPDX-License-Identifier: GPL-3.0-or-later
//! An apt repository for Debian hosts, `packages/<distro>/Repo/` (decisions 141 and 142).
//!
//! It has the packages of the images with all that they depend on, from Debian's archives, and packages of the site.
//! apt proves the former by the keys of the archives. An administrator answers for the latter. Hosts accept both by the
//! key of the site, which signs the index.

mod deb;
mod index;
mod packages_key;
mod repository;
mod site_deb;
mod verify;

pub use deb::{Deb, Origin};
pub use index::published;
pub use packages_key::PackagesKey;
pub use repository::{DebRepository, NewDeb};
pub use site_deb::bring_deb;

use super::brought::BroughtError;
use super::lock::LockError;
use super::proven_package_error::ProvenPackageError;
use super::work_folder::WorkFolderError;
use crate::exec::ExecError;
use crate::files::{FileError, IoError};
use std::path::PathBuf;

/// Why a repository was not changed, or cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum DebRepositoryError {
    /// Another run works on it, or it cannot be locked.
    #[error(transparent)]
    Lock(#[from] LockError),
    /// The system refused an operation.
    #[error(transparent)]
    Io(#[from] IoError),
    /// There is no folder to work in.
    #[error(transparent)]
    WorkFolder(#[from] WorkFolderError),
    /// Users other than root can change it.
    #[error(transparent)]
    File(#[from] FileError),
    /// It is not a suitable file, or cannot be read.
    #[error(transparent)]
    Brought(#[from] BroughtError),
    /// A program failed.
    #[error(transparent)]
    Exec(#[from] ExecError),
    /// A package of Debian could not be fetched or proven.
    #[error(transparent)]
    Fetch(#[from] ProvenPackageError),
    /// Something was checked and refused.
    #[error("{what}: {problem}")]
    Refused {
        /// The file as it was given.
        what: String,
        /// What is wrong, and what to do.
        problem: String,
    },
    /// The index, or the folder, is not as this program made it.
    #[error("{}: {problem}; make it again: move the folder Repo away, then run build-repository", path.display())]
    Damaged {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        problem: String,
    },
    /// The disk is full, except for its reserve.
    #[error("{}: {needed} are needed, and {kept} must stay free; make room there", path.display())]
    Full {
        /// The folder.
        path: PathBuf,
        /// How much is needed, in words.
        needed: String,
        /// What must stay free, in words.
        kept: String,
    },
}

impl DebRepositoryError {
    /// Whether something was checked and refused.
    pub fn is_refusal(&self) -> bool {
        match self {
            Self::Refused { .. } | Self::Damaged { .. } => true,
            Self::Brought(error) => error.is_refusal(),
            Self::File(error) => !matches!(error, FileError::Io(_)),
            _ => false,
        }
    }

    /// Whether there is no such file.
    pub fn is_missing(&self) -> bool {
        matches!(self, Self::Brought(BroughtError::Missing(_)))
    }
}

fn refused(what: impl std::fmt::Display, problem: impl Into<String>) -> DebRepositoryError {
    DebRepositoryError::Refused { what: what.to_string(), problem: problem.into() }
}
