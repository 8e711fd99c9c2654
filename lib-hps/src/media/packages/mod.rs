// SPDX-License-Identifier: GPL-3.0-or-later
//! Local packages: a yum repository for a distro string, `packages/<distro>/Repo/`, in which every package has a valid
//! signature by an accepted key.
//!
//! The values form a chain, like those of an ISO: [`AcceptedKeys`] are the maker's pinned key and those that the site
//! accepted, only they make a [`VerifiedPackage`], and [`Repository`] accepts nothing else.

mod change;
mod fetch;
mod inventory;
mod keys;
pub mod lists;
mod repomd;
mod repository;
mod verified_package;
mod verify;

pub use change::{Change, NoSuchPackage};
pub use fetch::Url;
pub use inventory::{Inventory, Package};
pub use keys::{AcceptedKeys, key_files};
pub use repository::Repository;
pub use verified_package::{MAX_PACKAGE_BYTES, VerifiedPackage, bring};

use super::brought::BroughtError;
use super::lock::LockError;
use super::mirror::MirrorError;
use crate::exec::ExecError;
use crate::files::{FileError, IoError};
use crate::types::Distro;
use std::path::{Path, PathBuf};

/// Why a repository was not changed.
#[derive(Debug, thiserror::Error)]
pub enum PackageError {
    /// Another run works on it, or it cannot be locked.
    #[error(transparent)]
    Lock(#[from] LockError),
    /// The system refused an operation.
    #[error(transparent)]
    Io(#[from] IoError),
    /// The disk is full, except for its reserve.
    #[error("{}: no room for the package, except the {kept} that must stay free; make room there", path.display())]
    Full {
        /// The folder.
        path: PathBuf,
        /// What must stay free, in words.
        kept: String,
    },
    /// Something was checked and refused.
    #[error("{what}: {problem}")]
    Refused {
        /// The file or address as it was given.
        what: String,
        /// What is wrong, and what to do.
        problem: String,
    },
    /// Users other than root can change the folder.
    #[error(transparent)]
    Open(#[from] FileError),
    /// It is not a suitable file, or cannot be read.
    #[error(transparent)]
    Brought(#[from] BroughtError),
    /// A program failed.
    #[error(transparent)]
    Exec(#[from] ExecError),
    /// It could not be fetched.
    #[error(transparent)]
    Mirror(#[from] MirrorError),
}

impl PackageError {
    /// Whether something was checked and refused.
    pub fn is_refusal(&self) -> bool {
        match self {
            Self::Refused { .. } => true,
            Self::Brought(error) => error.is_refusal(),
            Self::Open(error) => !matches!(error, FileError::Io(_)),
            _ => false,
        }
    }

    /// Whether there is no such file.
    pub fn is_missing(&self) -> bool {
        match self {
            Self::Brought(BroughtError::Missing(_)) => true,
            Self::Open(error) => error.is_not_found(),
            _ => false,
        }
    }
}

fn refused(what: impl std::fmt::Display, problem: impl Into<String>) -> PackageError {
    PackageError::Refused { what: what.to_string(), problem: problem.into() }
}

/// The folder of a repository below that of its distro string; dnf gets this one.
pub const REPO: &str = "Repo";
/// The lock of a repository, in the folder of the distro.
pub(super) const LOCK: &str = ".packages.lock";
/// Keys, in the folder of the distro.
pub(super) const FOLDER_OF_KEYS: &str = "keys";
/// In it, once there is something that dnf can read.
pub(super) const MARK: &str = ".hps-repository";

/// The repository for a host that is installed from this tree: that of the release, otherwise that of its line. Checks
/// one file for each.
///
/// # Errors
/// When that cannot be checked: a host would be installed without the packages of its site.
pub fn used_by(packages: &Path, release: &Distro) -> std::io::Result<Option<Distro>> {
    for distro in [release.clone(), release.line()] {
        match std::fs::metadata(packages.join(distro.as_str()).join(REPO).join(MARK)) {
            Ok(metadata) if metadata.is_file() => return Ok(Some(distro)),
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => return Err(error),
            _ => {}
        }
    }
    Ok(None)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_release_has_its_own_repository_or_that_of_its_line() {
        let folder = tempfile::tempdir().unwrap();
        let release: Distro = "x86_64-linux-rockylinux-10.1".parse().unwrap();
        let used = || used_by(folder.path(), &release).unwrap().map(|distro| distro.to_string());
        let publish = |name: &str| {
            let repo = folder.path().join(name).join(REPO);
            std::fs::create_dir_all(&repo).unwrap();
            std::fs::write(repo.join(MARK), "").unwrap();
        };
        std::fs::create_dir_all(folder.path().join("x86_64-linux-rockylinux-10.1/Repo/repodata")).unwrap();
        assert_eq!(used(), None, "a folder is no repository");
        publish("x86_64-linux-rockylinux-10.2");
        publish("x86_64-linux-rockylinux-1");
        assert_eq!(used(), None);
        publish("x86_64-linux-rockylinux-10");
        assert_eq!(used().as_deref(), Some("x86_64-linux-rockylinux-10"));
        publish("x86_64-linux-rockylinux-10.1");
        assert_eq!(used().as_deref(), Some("x86_64-linux-rockylinux-10.1"));
    }
}
