// SPDX-License-Identifier: GPL-3.0-or-later
//! The one way to write a file: a temporary file in the same folder, mode, fsync, rename, fsync of the folder.
//!
//! A process that dies in between leaves the old file, and at worst a temporary one. Its name begins with a dot, so
//! neither HPS nor dnsmasq reads it, and `reload` removes it.

use super::{Folder, IoError, random};
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

/// Who may use a file. Its owner is the user that writes it; it has the group of its folder.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Access {
    /// Owner and group read and write: records and locks.
    Group,
    /// All users read: files of services.
    World,
    /// The group reads: secrets that the CGI needs.
    GroupRead,
    /// No other user reads: secrets that no service needs.
    Owner,
}

impl Access {
    /// The same as the bits of a mode.
    pub fn mode(self) -> u32 {
        match self {
            Self::Group => 0o660,
            Self::World => 0o644,
            Self::GroupRead => 0o640,
            Self::Owner => 0o600,
        }
    }
}

/// Replaces the file by `bytes`, or leaves it unchanged.
///
/// # Errors
/// When a step fails; the error names it.
pub fn write_atomic(path: &Path, bytes: &[u8], access: Access) -> Result<(), IoError> {
    PreparedFile::new(path, bytes, access, "write")?.replace()
}

/// Creates the file with `bytes`, or returns `false` if it exists: of two processes exactly one succeeds.
///
/// # Errors
/// When a step fails; the error names it.
pub fn create_atomic(path: &Path, bytes: &[u8], access: Access) -> Result<bool, IoError> {
    PreparedFile::new(path, bytes, access, "create")?.create()
}

/// Removes the file, for good when this returns. A missing file is no error.
///
/// # Errors
/// When it cannot be removed, or its folder cannot be synced.
pub fn remove(path: &Path) -> Result<(), IoError> {
    let gone = Folder::open_parent(path).and_then(|(folder, name)| folder.remove(name).map(|()| folder));
    match gone {
        Ok(folder) => folder.sync().map_err(IoError::instead("sync the folder of", path)),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(()),
        Err(error) => Err(IoError::instead("remove", path)(error)),
    }
}

pub(super) const PREFIX: &str = ".hps-";
pub(super) const SUFFIX: &str = ".tmp";

/// Whether this is the name of a file whose writer died.
pub(crate) fn is_temporary(name: &str) -> bool {
    name.starts_with(PREFIX) && name.ends_with(SUFFIX)
}

/// A file that is written and on the disk, but not at its place yet. It is removed when this is dropped.
#[derive(Debug)]
pub(crate) struct PreparedFile {
    folder: Folder,
    path: PathBuf,
    /// Empty when the file is at its place.
    temporary: String,
}

impl PreparedFile {
    /// Writes it, for the place `path`.
    pub(crate) fn new(path: &Path, bytes: &[u8], access: Access, operation: &'static str) -> Result<Self, IoError> {
        let (folder, _) = Folder::open_parent(path).map_err(IoError::instead(operation, path))?;
        let temporary = format!("{PREFIX}{:016x}{SUFFIX}", u64::from_ne_bytes(random()?));
        let prepared = Self { folder, path: path.to_path_buf(), temporary };
        let created = prepared.folder.create(&prepared.temporary, bytes, access.mode());
        created.map_err(IoError::instead("write", path))?;
        Ok(prepared)
    }

    /// Puts it at its place, and replaces the old file.
    pub(crate) fn replace(mut self) -> Result<(), IoError> {
        self.folder.rename(&self.temporary, self.path.file_name().unwrap_or_default())?;
        self.temporary.clear();
        self.folder.sync().map_err(IoError::instead("sync the folder of", &self.path))
    }

    /// Puts it at its place if that is free; `false` if it is not.
    pub(crate) fn create(self) -> Result<bool, IoError> {
        // link(2) fails if the name exists, even if this process dies before or after.
        match self.folder.link(&self.temporary, self.path.file_name().unwrap_or_default()) {
            Ok(()) => self.folder.sync().map(|()| true).map_err(IoError::instead("sync the folder of", &self.path)),
            Err(error) if error.kind() == ErrorKind::AlreadyExists => Ok(false),
            Err(error) => Err(IoError::instead("create", &self.path)(error)),
        }
    }
}

impl Drop for PreparedFile {
    fn drop(&mut self) {
        if !self.temporary.is_empty() {
            // `reload` removes what stays.
            let _removed = self.folder.remove(&self.temporary);
        }
    }
}

/// Waits until the disk has the folder of a file.
pub fn sync_folder(path: &Path) -> Result<(), IoError> {
    Folder::open_parent(path)
        .and_then(|(folder, _)| folder.sync())
        .map_err(IoError::instead("sync the folder of", path))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::PermissionsExt as _;

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
