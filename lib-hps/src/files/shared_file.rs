// SPDX-License-Identifier: GPL-3.0-or-later
//! Files of a folder that the web server's user writes too: how root's programs open one safely.

use super::atomic::Access;
use super::{FileError, Folder, IoError, Trust, check_file};
use rustix::fs::OFlags;
use std::fs::{File, Metadata, Permissions};
use std::io::{Error, ErrorKind};
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;

/// Opens a file that root and the web server's user write. It follows no link, accepts only a regular file of these two
/// users, and does not wait. The group gets its right, with any umask of the creator.
pub(crate) fn open_shared(path: &Path, flags: OFlags, operation: &'static str) -> Result<File, FileError> {
    let io = |error: Error| IoError::new(operation, path, error);
    let file = open_plain(path, flags).map_err(io)?;
    let metadata = file.metadata().map_err(io)?;
    if lacks_its_mode(&metadata) {
        match file.set_permissions(Permissions::from_mode(Access::Group.mode())) {
            // Only its owner can give the right; a program of ours gave it at the start.
            Err(error) if error.kind() != ErrorKind::PermissionDenied => return Err(io(error).into()),
            _ => {}
        }
    }
    check_file(path, &file.metadata().map_err(io)?, Trust::Shared)?;
    Ok(file)
}

/// The same, for a file whose permissions another program sets.
pub(crate) fn open_plain(path: &Path, flags: OFlags) -> std::io::Result<File> {
    let file = Folder::open_file(path, flags, Access::Group.mode()).map_err(IoError::into_reason)?;
    if file.metadata()?.is_file() { Ok(file) } else { Err(Error::new(ErrorKind::InvalidInput, "not a plain file")) }
}

/// A new file, or one whose creator died before it set the permissions.
fn lacks_its_mode(metadata: &Metadata) -> bool {
    metadata.len() == 0 && metadata.permissions().mode() & 0o777 != Access::Group.mode()
}
