// SPDX-License-Identifier: GPL-3.0-or-later
//! The lines of a log as they come, also while the file rotates.

use super::MAX_LOG_BYTES;
use crate::files::{self, IoError};
use crate::store::StoreError;
use crate::store::reading::skip_to_end;
use rustix::fs::OFlags;
use std::fs::File;
use std::io::Read as _;
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};

/// The lines of a host's log as they come.
#[derive(Debug)]
pub struct LogTail {
    path: PathBuf,
    file: Option<File>,
    /// The begin of a line whose end is not there yet.
    rest: Vec<u8>,
}

impl LogTail {
    pub(super) fn new(path: &Path) -> Self {
        Self { path: path.to_path_buf(), file: None, rest: Vec::new() }
    }

    /// The whole lines that came since the last call.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub fn read(&mut self) -> Result<String, StoreError> {
        let there = std::fs::symlink_metadata(&self.path).ok();
        self.read_file()?;
        let same = self.file.as_ref().and_then(|f| f.metadata().ok()).zip(there);
        let same = same.is_some_and(|(own, there)| (own.dev(), own.ino()) == (there.dev(), there.ino()));
        if !same {
            // It moved aside, after its last line was read above or by this.
            self.read_file()?;
            self.file = open(&self.path)?;
            self.read_file()?;
        }
        let whole = self.rest.iter().rposition(|b| *b == b'\n').map_or(0, |end| end + 1);
        let lines: Vec<u8> = self.rest.drain(..whole).collect();
        Ok(String::from_utf8_lossy(&lines).into_owned())
    }

    /// The file that was read last, if there was one.
    ///
    /// # Errors
    /// When this process has too many open files.
    pub(super) fn open_file(&self) -> Result<Option<File>, StoreError> {
        let file = self.file.as_ref().map(File::try_clone).transpose();
        Ok(file.map_err(IoError::during("read", &self.path))?)
    }

    fn read_file(&mut self) -> Result<(), StoreError> {
        let Some(file) = &mut self.file else { return Ok(()) };
        let read = |file: &mut File, rest: &mut Vec<u8>| -> std::io::Result<()> {
            if skip_to_end(file, MAX_LOG_BYTES)? {
                rest.clear();
            }
            file.take(MAX_LOG_BYTES).read_to_end(rest)?;
            // A line without an end would be kept for ever.
            let most = usize::try_from(MAX_LOG_BYTES).unwrap_or(usize::MAX);
            rest.drain(..rest.len().saturating_sub(most));
            Ok(())
        };
        Ok(read(file, &mut self.rest).map_err(IoError::during("read", &self.path))?)
    }
}

fn open(path: &Path) -> Result<Option<File>, StoreError> {
    match files::open_shared(path, OFlags::RDONLY, "read") {
        Ok(file) => Ok(Some(file)),
        Err(error) if error.is_not_found() => Ok(None),
        Err(error) => Err(error.into()),
    }
}
