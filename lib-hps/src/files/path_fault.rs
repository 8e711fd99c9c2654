// SPDX-License-Identifier: GPL-3.0-or-later
//! What is wrong with the way to a file.

use super::IoError;
use std::fs::Metadata;
use std::path::PathBuf;

/// What is wrong with the way to a file.
#[derive(Debug)]
pub(crate) enum PathFault {
    /// The system refused a step.
    Io(IoError),
    /// Another user made this link.
    Link {
        /// The link.
        path: PathBuf,
        /// Where it leads.
        target: PathBuf,
        /// The user.
        uid: u32,
    },
    /// A folder of another user.
    Owner {
        /// The folder.
        path: PathBuf,
        /// The user.
        uid: u32,
    },
    /// A folder that others can write.
    Mode {
        /// The folder.
        path: PathBuf,
        /// Its mode and group.
        metadata: Box<Metadata>,
        /// Whether its group may.
        group_writes: bool,
    },
}

impl From<IoError> for PathFault {
    fn from(error: IoError) -> Self {
        Self::Io(error)
    }
}
