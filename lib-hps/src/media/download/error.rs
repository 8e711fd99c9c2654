// SPDX-License-Identifier: GPL-3.0-or-later
//! Why a download gave no file.

use crate::files::IoError;
use std::path::PathBuf;

/// Why there is no file.
#[derive(Debug, thiserror::Error)]
pub enum DownloadError {
    /// The system refused an operation.
    #[error(transparent)]
    Io(#[from] IoError),
    /// The disk is too small.
    #[error("{}: {needed} are needed for the ISO and its tree, but {free} are free", path.display())]
    Space {
        /// A folder of the file system.
        path: PathBuf,
        /// How much, in words.
        needed: String,
        /// How much there is, in words.
        free: String,
    },
    /// The disk became full, except for its reserve.
    #[error("{}: cannot write: No space left, except the {kept} that must stay free; make room, or remove an older tree (--list, --remove)", path.display())]
    Full {
        /// The part.
        path: PathBuf,
        /// What must stay free, in words.
        kept: String,
    },
    /// No mirror sent it.
    #[error("{name}: {tries}")]
    NoMirror {
        /// The file.
        name: String,
        /// The error of each mirror.
        tries: String,
        /// Whether one of them sent another file.
        refused: bool,
        /// Whether none of them was reached.
        unreachable: bool,
    },
    /// An existing ISO could not be verified again.
    #[error("{problem}; the file was not changed; if this happens again, remove it and download it again: rm {}", path.display())]
    Unverified {
        /// The file.
        path: PathBuf,
        /// Why not, with the system's word.
        problem: String,
    },
    /// Ctrl-C; the part that arrived stays for the next run.
    #[error("stopped; the part of {name} that arrived stays, and the next run resumes it")]
    Stopped {
        /// The file.
        name: String,
    },
}

/// The errors of the mirrors.
pub(super) struct Faults {
    tries: Vec<String>,
    refused: bool,
    unreachable: bool,
}

impl Faults {
    /// None so far.
    pub(super) fn none() -> Self {
        Self { tries: Vec::new(), refused: false, unreachable: true }
    }

    /// Adds the error of a mirror.
    pub(super) fn add(&mut self, problem: String) {
        self.tries.push(problem);
    }

    /// A server was reached.
    pub(super) fn was_reached(&mut self) {
        self.unreachable = false;
    }

    /// A mirror sent another file.
    pub(super) fn was_refused(&mut self) {
        (self.refused, self.unreachable) = (true, false);
    }

    /// All of it, for a file of this name.
    pub(super) fn into_error(self, name: &str) -> DownloadError {
        let Self { tries, refused, unreachable } = self;
        DownloadError::NoMirror { name: name.to_owned(), tries: tries.join("; "), refused, unreachable }
    }
}
