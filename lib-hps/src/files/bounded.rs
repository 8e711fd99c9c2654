// SPDX-License-Identifier: GPL-3.0-or-later
//! Files are read whole, up to a limit of bytes.

use super::{FileError, IoError};
use std::fs::File;
use std::io::Read as _;
use std::path::Path;

/// All of an open file; `path` is for messages.
///
/// # Errors
/// When it cannot be read, or has more than `most` bytes.
pub(super) fn read_all(file: File, path: &Path, most: u64) -> Result<Vec<u8>, FileError> {
    let mut bytes = Vec::new();
    file.take(most.saturating_add(1)).read_to_end(&mut bytes).map_err(IoError::during("read", path))?;
    if bytes.len() as u64 > most {
        return Err(FileError::TooLarge { path: path.to_path_buf(), most });
    }
    Ok(bytes)
}
