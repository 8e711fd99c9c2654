// SPDX-License-Identifier: GPL-3.0-or-later
//! Why no tree was published or removed.

use super::lock::LockError;
use super::tree::TreeError;
use crate::files::{FileError, IoError};
use std::path::PathBuf;

/// Why no tree was published or removed.
#[derive(Debug, thiserror::Error)]
pub enum TreeStoreError {
    /// Another run holds it, or it cannot be locked.
    #[error(transparent)]
    Lock(#[from] LockError),
    /// The disk is too small.
    #[error("{}: no room for the tree, except the {kept} that must stay free; make room, or remove an older tree (--list, --remove)", path.display())]
    Full {
        /// The folder of trees.
        path: PathBuf,
        /// What must stay free, in words.
        kept: String,
    },
    /// Users other than root can change the folder.
    #[error(transparent)]
    Open(#[from] FileError),
    /// Something that is not a tree has the name of one.
    #[error("{0}")]
    InTheWay(String),
    /// The system refused an operation.
    #[error(transparent)]
    Io(#[from] IoError),
    /// The tree is bad, or could not be made.
    #[error(transparent)]
    Tree(#[from] TreeError),
}
