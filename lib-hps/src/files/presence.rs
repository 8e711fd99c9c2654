// SPDX-License-Identifier: GPL-3.0-or-later
//! Whether a file exists.

use super::IoError;
use std::io::ErrorKind;
use std::path::Path;

/// Whether a file or a link has this name. Only the error "no such file" means that none has it.
///
/// # Errors
/// When it cannot be checked.
pub(crate) fn is_there(path: &Path) -> Result<bool, IoError> {
    match path.symlink_metadata() {
        Ok(_) => Ok(true),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(false),
        Err(error) => Err(IoError::new("look at", path, error)),
    }
}
