// SPDX-License-Identifier: GPL-3.0-or-later
//! Why a file was not opened, always with its path.

use super::IoError;
use std::fs::FileType;
use std::os::unix::fs::FileTypeExt as _;
use std::path::{Path, PathBuf};

/// A file that was not opened or not read.
#[derive(Debug, thiserror::Error)]
pub enum FileError {
    /// The system refused it.
    #[error(transparent)]
    Io(#[from] IoError),
    /// Another user may have written it.
    #[error("{}: {problem}; {mend}", path.display())]
    Untrusted {
        /// The file or folder.
        path: PathBuf,
        /// Who can write it.
        problem: String,
        /// What to do, with the command at the end.
        mend: String,
    },
    /// A folder, a FIFO, a device or a socket has the name of a file.
    #[error("{}: {what}, expected a regular file", path.display())]
    NotRegular {
        /// The name.
        path: PathBuf,
        /// What it is.
        what: &'static str,
    },
    /// It has more bytes than such a file can have.
    #[error("{}: more than {most} bytes, too large for this kind of file", path.display())]
    TooLarge {
        /// The file.
        path: PathBuf,
        /// How many it may have.
        most: u64,
    },
}

impl FileError {
    /// The file.
    pub fn path(&self) -> &Path {
        match self {
            Self::Io(error) => error.path(),
            Self::Untrusted { path, .. } | Self::NotRegular { path, .. } | Self::TooLarge { path, .. } => path,
        }
    }

    /// Whether no such file exists.
    pub fn is_not_found(&self) -> bool {
        matches!(self, Self::Io(error) if error.is_not_found())
    }
}

/// A kind of file, in words.
pub(super) fn what(kind: FileType) -> &'static str {
    if kind.is_dir() {
        "a folder"
    } else if kind.is_fifo() {
        "a FIFO"
    } else if kind.is_socket() {
        "a socket"
    } else if kind.is_char_device() || kind.is_block_device() {
        "a device"
    } else if kind.is_symlink() {
        "a link"
    } else if kind.is_file() {
        "a regular file"
    } else {
        "no regular file"
    }
}
