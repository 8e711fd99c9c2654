// SPDX-License-Identifier: GPL-3.0-or-later
//! Whether a file is there.

use super::IoError;
use std::io::ErrorKind;
use std::path::Path;

/// Whether something has this name, a link too. Only "no such file" means that nothing has it.
///
/// # Errors
/// When it cannot be looked at.
pub(crate) fn is_there(path: &Path) -> Result<bool, IoError> {
    match path.symlink_metadata() {
        Ok(_) => Ok(true),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(false),
        Err(error) => Err(IoError::new("look at", path, error)),
    }
}
