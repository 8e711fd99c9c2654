// SPDX-License-Identifier: GPL-3.0-or-later
//! Why a file that a person names is refused.

use crate::files::{FileError, IoError};
use crate::media::space;
use std::path::PathBuf;

/// Why a file is refused.
#[derive(Debug, thiserror::Error)]
pub enum BroughtError {
    /// There is none.
    #[error("{}: no such file", .0.display())]
    Missing(PathBuf),
    /// It is something else.
    #[error("{}: it is {what}, not a file", path.display())]
    NotAFile {
        /// Where.
        path: PathBuf,
        /// "a FIFO", ...
        what: &'static str,
    },
    /// It is larger than any file of its kind.
    #[error("{}: it is larger than {}, the limit for such a file", path.display(), space::format_size(*most))]
    TooLarge {
        /// The file.
        path: PathBuf,
        /// How large it may be, in bytes.
        most: u64,
    },
    /// It is text in another encoding, or not text.
    #[error("{}: it is not UTF-8 text", .0.display())]
    NotText(PathBuf),
    /// Another user's link led here.
    #[error(transparent)]
    Untrusted(FileError),
    /// No room for a copy.
    #[error("{}: {needed} are needed for a copy that only root can change and for its contents, but {free} are free; make room", folder.display())]
    Space {
        /// The file.
        path: PathBuf,
        /// Where the copy would be.
        folder: PathBuf,
        /// How much, in words.
        needed: String,
        /// How much there is, in words.
        free: String,
    },
    /// Ctrl-C.
    #[error("stopped")]
    Stopped,
    /// The system refused an operation.
    #[error(transparent)]
    Io(#[from] IoError),
}

impl BroughtError {
    /// Whether it was read and refused, as opposed to not read.
    pub fn is_refusal(&self) -> bool {
        matches!(self, Self::NotAFile { .. } | Self::TooLarge { .. } | Self::NotText(_) | Self::Untrusted(_))
    }
}
