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
    #[error("{}: {needed} are needed for the ISO and its tree, and {free} are free", path.display())]
    Space {
        /// A folder of the file system.
        path: PathBuf,
        /// How much, in words.
        needed: String,
        /// How much there is, in words.
        free: String,
    },
    /// The disk got full meanwhile, as far as it may.
    #[error("{}: cannot write: No space left beside the {kept} that must stay free; make room, or remove an older tree (--list, --remove)", path.display())]
    Full {
        /// The part.
        path: PathBuf,
        /// What must stay free, in words.
        kept: String,
    },
    /// No mirror gave it.
    #[error("{name}: {tries}")]
    NoMirror {
        /// The file.
        name: String,
        /// What each mirror did.
        tries: String,
        /// Whether one of them sent another file.
        refused: bool,
        /// Whether none of them was reached.
        unreachable: bool,
    },
    /// An ISO that is there could not be verified again.
    #[error("{problem}; it stays as it is; if this happens again, download it once more after: rm {}", path.display())]
    Unverified {
        /// The file.
        path: PathBuf,
        /// Why not, with the system's word.
        problem: String,
    },
    /// Ctrl-C; what has come stays for the next time.
    #[error("stopped; what has come of {name} stays, and the next run takes it up")]
    Stopped {
        /// The file.
        name: String,
    },
}

/// What the mirrors did that gave nothing.
pub(super) struct Faults {
    tries: Vec<String>,
    refused: bool,
    unreachable: bool,
}

impl Faults {
    /// Of no mirror so far.
    pub(super) fn none() -> Self {
        Self { tries: Vec::new(), refused: false, unreachable: true }
    }

    /// A mirror did this.
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
