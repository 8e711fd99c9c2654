// SPDX-License-Identifier: GPL-3.0-or-later
//! Locks that root alone holds.
//!
//! flock(2) asks for no right to write: a user who can open a file, for reading too, can hold its lock for ever. So only root can
//! open such a file. Locks that the web server's user shares are the store's.

use rustix::fs::{CWD, Mode, OFlags, openat};
use std::fs::{File, Permissions};
use std::io;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;

const MODE: u32 = 0o600;

/// Opens the file of a lock, which is created where it is missing. Rights of others, as older versions left them, are taken away.
///
/// # Errors
/// When it cannot be opened, or is no regular file.
pub fn open_lock(path: &Path) -> io::Result<File> {
    let flags = OFlags::RDWR | OFlags::CREATE | OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::NOCTTY | OFlags::CLOEXEC;
    let file = File::from(openat(CWD, path, flags, Mode::from_raw_mode(MODE))?);
    let metadata = file.metadata()?;
    if !metadata.is_file() {
        return Err(io::Error::new(io::ErrorKind::InvalidInput, "it is no regular file"));
    }
    if metadata.permissions().mode() & 0o7777 != MODE {
        file.set_permissions(Permissions::from_mode(MODE))?;
    }
    Ok(file)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn others_cannot_open_a_lock_and_an_older_one_is_corrected() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("lock");
        for before in [None, Some(0o644), Some(0o666), Some(0o660), Some(0o600)] {
            if let Some(mode) = before {
                std::fs::set_permissions(&path, Permissions::from_mode(mode)).unwrap();
                std::fs::write(&path, "reload (process 1)").unwrap();
            }
            let file = open_lock(&path).unwrap();
            assert_eq!(file.metadata().unwrap().permissions().mode() & 0o7777, 0o600, "{before:?}");
            assert_eq!(file.metadata().unwrap().len() == 0, before.is_none(), "the holder's name stays");
        }
        let link = folder.path().join("link");
        std::os::unix::fs::symlink(&path, &link).unwrap();
        assert!(open_lock(&link).is_err() && open_lock(folder.path()).is_err());
    }
}
