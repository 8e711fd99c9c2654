// SPDX-License-Identifier: GPL-3.0-or-later
//! The free space of a disk, in bytes and in files.

use super::IoError;
use std::path::Path;

/// Bytes that programs of root and of users can still write to the file system of a folder.
///
/// # Errors
/// When the folder does not exist.
pub fn free_space(folder: &Path) -> Result<u64, IoError> {
    let info = rustix::fs::statvfs(folder).map_err(IoError::during("ask the free space of", folder))?;
    Ok(info.f_bavail.saturating_mul(info.f_frsize))
}

/// How many files users can still make on the file system of a folder; `None` where it has no such limit, as on btrfs.
///
/// # Errors
/// When the folder does not exist.
pub fn free_inodes(folder: &Path) -> Result<Option<u64>, IoError> {
    let info = rustix::fs::statvfs(folder).map_err(IoError::during("ask the free space of", folder))?;
    Ok((info.f_files > 0).then_some(info.f_favail))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_system_without_space_has_none() {
        assert_eq!(free_space(Path::new("/proc")).unwrap(), 0);
        assert!(free_space(Path::new("/")).is_ok());
        assert!(free_space(Path::new("/nonexistent")).unwrap_err().is_not_found());
    }
}
