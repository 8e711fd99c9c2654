// SPDX-License-Identifier: GPL-3.0-or-later
//! The owner and mode of published files: root owns them, all users read the files and enter the folders, and only root
//! changes them. The ISO, the archive and the umask have no effect. Everything gets its owner and mode here before it
//! is published, and they are checked here again later.

use super::brought::change_by_others;
use crate::files::{Base, FileError, Folder, IoError, Trust, check_folder};
use rustix::fs::{Mode, OFlags, open};
use std::fs::{File, Permissions};
use std::io;
use std::os::unix::fs::{PermissionsExt as _, fchown};
use std::path::Path;

/// Gives a file to root, with mode 0644, and opens it. Only a regular file is accepted, no link.
pub(super) fn file(path: &Path) -> io::Result<File> {
    let flags = OFlags::RDONLY | OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::CLOEXEC;
    let file = File::from(open(path, flags, Mode::empty())?);
    if !file.metadata()?.is_file() {
        return Err(io::Error::new(io::ErrorKind::InvalidInput, "not a regular file"));
    }
    own(&file, 0o644)?;
    Ok(file)
}

/// Gives a folder to root, with mode 0755, and opens it. No link is followed.
pub(super) fn folder(path: &Path) -> Result<Folder, IoError> {
    let folder = Folder::open(path)?;
    own(folder.file(), 0o755).map_err(IoError::during("set owner and mode of", path))?;
    Ok(folder)
}

/// Makes a published folder, and those above it, with any umask. Its own entry is on the disk.
pub(super) fn make_folder(path: &Path) -> Result<Folder, IoError> {
    std::fs::create_dir_all(path).map_err(IoError::during("create", path))?;
    let made = folder(path)?;
    Folder::open_named(path.parent().unwrap_or(path))?.sync()?;
    Ok(made)
}

/// Gives a file its owner and mode, and waits until it is on the disk.
pub(super) fn on_disk(path: &Path) -> Result<File, IoError> {
    let file = file(path).map_err(IoError::during("set owner and mode of", path))?;
    file.sync_all().map_err(IoError::during("sync", path))?;
    Ok(file)
}

/// The owner first: its change removes capabilities and the bits that run a program as its owner. The mode limits an
/// ACL that was inherited from a folder.
fn own(file: &File, mode: u32) -> io::Result<()> {
    fchown(file, Some(rustix::process::geteuid().as_raw()), Some(rustix::process::getegid().as_raw()))?;
    file.set_permissions(Permissions::from_mode(mode))
}

/// Which users other than root can change a published file or folder, in words; none if all is well. An unreadable one
/// is reported too.
pub(super) fn wrong_of(path: &Path) -> Option<String> {
    match std::fs::symlink_metadata(path) {
        // A folder may have the set-gid bit, which gives its group to new files in it.
        Ok(metadata) if metadata.is_file() && metadata.permissions().mode() & 0o6000 != 0 => {
            Some("runs as its owner (a set-uid or set-gid bit)".to_owned())
        }
        Ok(metadata) => change_by_others(&metadata),
        Err(error) => Some(format!("cannot be read: {error}")),
    }
}

/// Refuses a folder for published media if a user other than root could replace what is in it.
pub(super) fn only_root_publishes_in(folder: &Path, base: &Base) -> Result<(), FileError> {
    check_folder(folder, base, Trust::Root).map(drop)
}
