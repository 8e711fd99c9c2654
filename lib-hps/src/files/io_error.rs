// SPDX-License-Identifier: GPL-3.0-or-later
//! A refusal of the system: the operation, the file, and the system's reason.
//!
//! Every error of the library that comes from a file has one of these. So each message names the file, and none repeats
//! its source.

use std::io::{Error, ErrorKind};
use std::path::{Path, PathBuf};

/// A failed operation on a file or folder.
#[derive(Debug, thiserror::Error)]
#[error("{}: cannot {operation}", path.display())]
pub struct IoError {
    operation: &'static str,
    path: PathBuf,
    source: Error,
}

impl IoError {
    /// `operation` is a verb that follows "cannot": "read", "set the mode of".
    pub fn new(operation: &'static str, path: impl Into<PathBuf>, source: impl Into<Error>) -> Self {
        Self { operation, path: path.into(), source: source.into() }
    }

    /// The same for `map_err`.
    pub fn during<E: Into<Error>>(operation: &'static str, path: &Path) -> impl FnOnce(E) -> Self {
        let path = path.to_path_buf();
        move |source| Self::new(operation, path, source)
    }

    /// The same reason, for the operation and the file that the caller knows.
    pub fn instead(operation: &'static str, path: &Path) -> impl FnOnce(Self) -> Self {
        let path = path.to_path_buf();
        move |error| Self { operation, path, source: error.source }
    }

    /// The operation, as it follows "cannot".
    pub fn operation(&self) -> &'static str {
        self.operation
    }

    /// The file or folder.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The system's reason.
    pub fn reason(&self) -> &Error {
        &self.source
    }

    /// The kind of reason.
    pub fn kind(&self) -> ErrorKind {
        self.source.kind()
    }

    /// Whether no such file exists.
    pub fn is_not_found(&self) -> bool {
        self.kind() == ErrorKind::NotFound
    }

    /// Only the system's reason, for a caller that names the file itself.
    pub fn into_reason(self) -> Error {
        self.source
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::error::Error as _;

    #[test]
    fn it_names_operation_and_file_and_leaves_the_reason_to_its_source() {
        let path = Path::new("/nonexistent/a");
        let error = std::fs::read(path).map_err(IoError::during("read", path)).unwrap_err();
        assert_eq!(error.to_string(), "/nonexistent/a: cannot read");
        assert!(error.source().is_some_and(|source| source.to_string().starts_with("No such file")));
        assert!(error.is_not_found() && error.operation() == "read" && error.path() == path);
        let error = IoError::new("sync", path, rustix::io::Errno::ROFS);
        assert_eq!(
            (error.kind(), error.to_string().as_str()),
            (ErrorKind::ReadOnlyFilesystem, "/nonexistent/a: cannot sync")
        );
    }
}
