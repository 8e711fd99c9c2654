// SPDX-License-Identifier: GPL-3.0-or-later
//! The one way a file is written: a temporary file in the same folder, mode, fsync, rename, fsync of the folder.
//!
//! Whoever dies in between leaves the old file, and at worst a temporary one whose name begins with a dot,
//! which no reader here and no dnsmasq looks at.

use super::StoreError;
use crate::files::{FileError, Folder, IoError, Trust, check_file, make_folder};
use rustix::fs::OFlags;
use std::fs::{File, Permissions};
use std::io::ErrorKind;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;

/// Who may use a file; the owner is whoever writes it, the group is inherited from its folder.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Access {
    /// Owner and group read and write: records and locks.
    Group,
    /// Everybody reads: what services read.
    World,
    /// The group reads: secrets that the CGI needs.
    GroupRead,
}

impl Access {
    fn mode(self) -> u32 {
        match self {
            Self::Group => 0o660,
            Self::World => 0o644,
            Self::GroupRead => 0o640,
        }
    }
}

/// Puts `bytes` in the place of the file, or leaves it as it was.
///
/// # Errors
/// [`StoreError::Io`] with the step that failed.
pub fn write_atomic(path: &Path, bytes: &[u8], access: Access) -> Result<(), StoreError> {
    let (folder, name) = Folder::of(path).map_err(IoError::during("write", path))?;
    let temporary = Temporary::new(&folder, path, bytes, access)?;
    folder.rename(temporary.name.as_ref(), name).map_err(IoError::during("put in place", path))?;
    temporary.was_renamed();
    Ok(folder.sync().map_err(IoError::during("sync the folder of", path))?)
}

/// Creates the file with `bytes`, or returns `false` where there is one: of two processes exactly one succeeds.
///
/// # Errors
/// [`StoreError::Io`] with the step that failed.
pub(crate) fn create_atomic(path: &Path, bytes: &[u8], access: Access) -> Result<bool, StoreError> {
    let (folder, name) = Folder::of(path).map_err(IoError::during("create", path))?;
    let temporary = Temporary::new(&folder, path, bytes, access)?;
    // link(2) fails where the name exists, whatever happens to this process before or after.
    match folder.link(&temporary.name, name) {
        Ok(()) => Ok(folder.sync().map(|()| true).map_err(IoError::during("sync the folder of", path))?),
        Err(error) if error.kind() == ErrorKind::AlreadyExists => Ok(false),
        Err(error) => Err(IoError::new("create", path, error).into()),
    }
}

/// Removes the file; it is no error when it is not there.
pub(crate) fn remove(path: &Path) -> Result<(), StoreError> {
    let gone = Folder::of(path).and_then(|(folder, name)| folder.remove(name).map(|()| folder));
    match gone {
        Ok(folder) => Ok(folder.sync().map_err(IoError::during("sync the folder of", path))?),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(()),
        Err(error) => Err(IoError::new("remove", path, error).into()),
    }
}

/// A file that is written and has no place yet. It is removed when this is dropped.
struct Temporary<'a> {
    folder: &'a Folder,
    name: String,
}

impl<'a> Temporary<'a> {
    fn new(folder: &'a Folder, path: &Path, bytes: &[u8], access: Access) -> Result<Self, StoreError> {
        let name = format!(".hps-{:016x}.tmp", u64::from_ne_bytes(super::random()?));
        let temporary = Self { folder, name };
        folder.create(&temporary.name, bytes, access.mode()).map_err(IoError::during("write", path))?;
        Ok(temporary)
    }

    fn was_renamed(mut self) {
        self.name.clear();
    }
}

impl Drop for Temporary<'_> {
    fn drop(&mut self) {
        if !self.name.is_empty() {
            // Whatever stays is cleared away by reload.
            let _removed = self.folder.remove(self.name.as_ref());
        }
    }
}

pub(super) fn sync_folder(path: &Path) -> Result<(), StoreError> {
    Ok(Folder::of(path).and_then(|(folder, _)| folder.sync()).map_err(IoError::during("sync the folder of", path))?)
}

/// Makes a folder, with those above it, with exactly this mode; one that exists keeps its content. The group is
/// `group` where one is given.
///
/// # Errors
/// [`StoreError::Io`] with the step that failed, or [`StoreError::Untrusted`] as [`make_folder`] has it.
pub fn make_dir(path: &Path, mode: u32, group: Option<u32>) -> Result<(), StoreError> {
    let folder = make_folder(path).map_err(|error| match error {
        FileError::Io(error) => IoError::new("create", error.path().to_path_buf(), error.into_reason()).into(),
        other => StoreError::Untrusted(other),
    })?;
    if let Some(group) = group {
        std::os::unix::fs::fchown(&folder, None, Some(group)).map_err(IoError::during("change the group of", path))?;
    }
    // After chown, which takes the set-group-id bit away.
    Ok(folder.set_permissions(Permissions::from_mode(mode)).map_err(IoError::during("set the mode of", path))?)
}

/// Opens a file of a folder that the web server's user writes too: no link is followed, nothing but a plain file of these two
/// is taken, nothing is waited for, and the group has its right whatever the umask of the creator was.
pub(super) fn open_own(path: &Path, flags: OFlags, operation: &'static str) -> Result<File, FileError> {
    let io = |error: std::io::Error| IoError::new(operation, path, error);
    let file = open_plain(path, flags).map_err(io)?;
    let metadata = file.metadata().map_err(io)?;
    if lacks_its_mode(&metadata) {
        match file.set_permissions(Permissions::from_mode(Access::Group.mode())) {
            // Only its owner can give the right; it had it from the start if a program of ours made it.
            Err(error) if error.kind() != ErrorKind::PermissionDenied => return Err(io(error).into()),
            _ => {}
        }
    }
    check_file(path, &file.metadata().map_err(io)?, Trust::Shared)?;
    Ok(file)
}

/// The same, for a file whose rights are another program's.
pub(super) fn open_plain(path: &Path, flags: OFlags) -> std::io::Result<File> {
    let file = Folder::open_file(path, flags, Access::Group.mode())?;
    if file.metadata()?.is_file() {
        Ok(file)
    } else {
        Err(std::io::Error::new(ErrorKind::InvalidInput, "not a plain file"))
    }
}

/// A file that is new, or whose creator died before its rights were set.
fn lacks_its_mode(metadata: &std::fs::Metadata) -> bool {
    metadata.len() == 0 && metadata.permissions().mode() & 0o777 != Access::Group.mode()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_replaced_whole_with_its_mode() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a");
        write_atomic(&path, b"one", Access::Group).unwrap();
        write_atomic(&path, b"two", Access::World).unwrap();
        assert_eq!(std::fs::read(&path).unwrap(), b"two");
        assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o644);
        assert!(!create_atomic(&path, b"three", Access::World).unwrap());
        assert_eq!(std::fs::read(&path).unwrap(), b"two");
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1, "no temporary file is left");
    }

    #[test]
    fn of_many_creators_one_succeeds() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("claim");
        let won: usize = std::thread::scope(|scope| {
            let tries: Vec<_> = (0..32)
                .map(|n| {
                    let path = &path;
                    scope.spawn(move || {
                        usize::from(create_atomic(path, n.to_string().as_bytes(), Access::Group).unwrap())
                    })
                })
                .collect();
            tries.into_iter().map(|t| t.join().unwrap()).sum()
        });
        assert_eq!(won, 1);
    }

    #[test]
    fn an_error_names_the_file() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("missing/a");
        let error = write_atomic(&path, b"", Access::World).unwrap_err();
        assert_eq!(error.to_string(), format!("{}: cannot write", path.display()));
    }
}
