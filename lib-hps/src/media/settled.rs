// SPDX-License-Identifier: GPL-3.0-or-later
//! Whose it is what is published: root's, as a file that everybody reads or a folder that everybody enters, and nobody else changes,
//! whatever the ISO, the archive or the umask said. Everything gets its owner and its mode here before it is published, and here they
//! are looked at again.

use super::brought::change_by_others;
use crate::files::{Base, FileError, Folder, IoError, Trust, check_folder};
use rustix::fs::{Mode, OFlags, open};
use std::fs::{File, Permissions};
use std::io;
use std::os::unix::fs::{PermissionsExt as _, fchown};
use std::path::Path;

/// Makes a file root's, with mode 0644, and opens it. Neither a link nor anything else than a file is taken.
pub(super) fn file(path: &Path) -> io::Result<File> {
    let flags = OFlags::RDONLY | OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::CLOEXEC;
    let file = File::from(open(path, flags, Mode::empty())?);
    if !file.metadata()?.is_file() {
        return Err(io::Error::new(io::ErrorKind::InvalidInput, "not a regular file"));
    }
    own(&file, 0o644)?;
    Ok(file)
}

/// Makes a folder root's, with mode 0755, and opens it. No link is followed.
pub(super) fn folder(path: &Path) -> Result<Folder, IoError> {
    let folder = Folder::open(path)?;
    own(folder.file(), 0o755).map_err(IoError::during("set owner and mode of", path))?;
    Ok(folder)
}

/// Makes a published folder, with those above it, whatever the umask is. Its own entry is on the disk.
pub(super) fn make_folder(path: &Path) -> Result<Folder, IoError> {
    std::fs::create_dir_all(path).map_err(IoError::during("create", path))?;
    let made = folder(path)?;
    Folder::open_named(path.parent().unwrap_or(path))?.sync()?;
    Ok(made)
}

/// Gives a file its owner and mode, and waits until the disk has it.
pub(super) fn on_disk(path: &Path) -> Result<File, IoError> {
    let file = file(path).map_err(IoError::during("set owner and mode of", path))?;
    file.sync_all().map_err(IoError::during("sync", path))?;
    Ok(file)
}

/// The owner first: to change it takes away the bits that run a program as its owner, and capabilities. The mode bounds what an ACL
/// gives that was inherited from a folder.
fn own(file: &File, mode: u32) -> io::Result<()> {
    fchown(file, Some(rustix::process::geteuid().as_raw()), Some(rustix::process::getegid().as_raw()))?;
    file.set_permissions(Permissions::from_mode(mode))
}

/// Who but root can change a published file or folder, in words; none, when all is well. What cannot be read is said too.
pub(super) fn wrong_of(path: &Path) -> Option<String> {
    match std::fs::symlink_metadata(path) {
        // A folder may have the set-gid bit, which gives its group to what is made in it.
        Ok(metadata) if metadata.is_file() && metadata.permissions().mode() & 0o6000 != 0 => {
            Some("runs as its owner (a set-uid or set-gid bit)".to_owned())
        }
        Ok(metadata) => change_by_others(&metadata),
        Err(error) => Some(format!("cannot be read: {error}")),
    }
}

/// Refuses a folder to publish in, in which somebody else than root could put another thing in the place of what is published.
pub(super) fn only_root_publishes_in(folder: &Path, base: &Base) -> Result<(), FileError> {
    check_folder(folder, base, Trust::Root).map(drop)
}
