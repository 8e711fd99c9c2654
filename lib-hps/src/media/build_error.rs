// SPDX-License-Identifier: GPL-3.0-or-later
//! Why a build is not published or not removed.

use super::lock::LockError;
use crate::exec::ExecError;
use crate::files::{FileError, IoError};
use std::path::PathBuf;

/// Why a build is not published.
#[derive(Debug, thiserror::Error)]
pub enum BuildError {
    /// Another run works on this system, or the lock cannot be had.
    #[error(transparent)]
    Lock(#[from] LockError),
    /// Others than root can change the folder.
    #[error(transparent)]
    Open(#[from] FileError),
    /// A program failed, or was stopped.
    #[error(transparent)]
    Exec(#[from] ExecError),
    /// The system refused an operation.
    #[error(transparent)]
    Io(#[from] IoError),
    /// The disk got full meanwhile, as far as it may.
    #[error("{}: No space left beside the {kept} that must stay free; nothing is published; make room, or remove an older build (--list, --remove)", path.display())]
    Full {
        /// The folder.
        path: PathBuf,
        /// What must stay free, in words.
        kept: String,
    },
    /// The disk is too small.
    #[error("{}: {needed} are needed to build, and {free} are free; make room, or remove an older build (--list, --remove)", path.display())]
    Space {
        /// The folder.
        path: PathBuf,
        /// How much, in words.
        needed: String,
        /// How much there is, in words.
        free: String,
    },
}
