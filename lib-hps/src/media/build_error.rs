// SPDX-License-Identifier: GPL-3.0-or-later
//! Why a build is not published or not removed.

use super::lock::LockError;
use crate::exec::ExecError;
use crate::files::{FileError, IoError};
use std::path::PathBuf;

/// Why a build is not published.
#[derive(Debug, thiserror::Error)]
pub enum BuildError {
    /// Another run works on this system, or it cannot be locked.
    #[error(transparent)]
    Lock(#[from] LockError),
    /// Users other than root can change the folder.
    #[error(transparent)]
    Open(#[from] FileError),
    /// A program failed, or was stopped.
    #[error(transparent)]
    Exec(#[from] ExecError),
    /// The system refused an operation.
    #[error(transparent)]
    Io(#[from] IoError),
    /// The disk became full, except for its reserve.
    #[error("{}: No space left, except the {kept} that must stay free; nothing was published; make room, or remove an older build (--list, --remove)", path.display())]
    Full {
        /// The folder.
        path: PathBuf,
        /// What must stay free, in words.
        kept: String,
    },
    /// The disk is too small.
    #[error("{}: {needed} are needed to build, but {free} are free; make room, or remove an older build (--list, --remove)", path.display())]
    Space {
        /// The folder.
        path: PathBuf,
        /// How much, in words.
        needed: String,
        /// How much there is, in words.
        free: String,
    },
}
