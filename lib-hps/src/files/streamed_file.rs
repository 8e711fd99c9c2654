// SPDX-License-Identifier: GPL-3.0-or-later
//! A file of any size that is written bit by bit, and appears at its place when it is complete.

use super::atomic::{PREFIX, SUFFIX};
use super::{Folder, IoError, random};
use rustix::fs::{Mode, OFlags, openat};
use std::fs::File;
use std::io::{Error, ErrorKind, Write};
use std::path::{Path, PathBuf};

/// A file that is being written. Only its owner can read it. It is removed when this is dropped.
#[derive(Debug)]
pub struct StreamedFile {
    folder: Folder,
    file: File,
    path: PathBuf,
    /// Empty when the file is at its place.
    temporary: String,
}

impl StreamedFile {
    /// Begins it, beside the place `path`.
    ///
    /// # Errors
    /// When the folder cannot be written, or `path` is something else than a regular file.
    pub fn new(path: &Path) -> Result<Self, IoError> {
        let refused = |problem: &str| IoError::new("write", path, Error::new(ErrorKind::InvalidInput, problem));
        match path.symlink_metadata() {
            Ok(there) if !there.is_file() => return Err(refused("this is no regular file; name another place")),
            Ok(_) => {}
            Err(error) if error.kind() == ErrorKind::NotFound => {}
            Err(error) => return Err(IoError::new("write", path, error)),
        }
        let (folder, _) = Folder::open_parent(path).map_err(IoError::instead("write", path))?;
        let temporary = format!("{PREFIX}{:016x}{SUFFIX}", u64::from_ne_bytes(random()?));
        let flags = OFlags::WRONLY | OFlags::CREATE | OFlags::EXCL | OFlags::NOFOLLOW | OFlags::CLOEXEC;
        let file = openat(folder.file(), temporary.as_str(), flags, Mode::from_raw_mode(0o600))
            .map_err(IoError::during("write", path))?;
        Ok(Self { folder, file: File::from(file), path: path.to_path_buf(), temporary })
    }

    /// A second descriptor, for a program that writes the content.
    ///
    /// # Errors
    /// When the system has none.
    pub fn descriptor(&self) -> Result<File, IoError> {
        self.file.try_clone().map_err(IoError::during("write", &self.path))
    }

    /// Puts it at its place, and returns its size.
    ///
    /// # Errors
    /// When the disk is full, or the folder refuses.
    pub fn replace(mut self) -> Result<u64, IoError> {
        self.file.sync_all().map_err(IoError::during("write", &self.path))?;
        let size = self.file.metadata().map_err(IoError::during("write", &self.path))?.len();
        self.folder.rename(&self.temporary, self.path.file_name().unwrap_or_default())?;
        self.temporary.clear();
        self.folder.sync().map_err(IoError::instead("sync the folder of", &self.path))?;
        Ok(size)
    }
}

impl Write for StreamedFile {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.file.write(bytes)
    }

    fn flush(&mut self) -> std::io::Result<()> {
        self.file.flush()
    }
}

impl Drop for StreamedFile {
    fn drop(&mut self) {
        if !self.temporary.is_empty() {
            // Nobody takes the rest for the file.
            let _removed = self.folder.remove(&self.temporary);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::PermissionsExt as _;

    #[test]
    fn it_appears_when_it_is_complete_and_for_its_owner_alone() {
        let top = tempfile::tempdir().unwrap();
        let path = top.path().join("site.tar");
        std::fs::write(&path, "old").unwrap();
        let mut file = StreamedFile::new(&path).unwrap();
        file.write_all(b"half").unwrap();
        drop(file);
        assert_eq!(std::fs::read(&path).unwrap(), b"old");
        let mut file = StreamedFile::new(&path).unwrap();
        file.write_all(b"new").unwrap();
        assert_eq!(file.replace().unwrap(), 3);
        assert_eq!(std::fs::read(&path).unwrap(), b"new");
        assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
        assert_eq!(std::fs::read_dir(top.path()).unwrap().count(), 1);
    }

    #[test]
    fn no_device_folder_or_link_is_replaced() {
        let top = tempfile::tempdir().unwrap();
        std::os::unix::fs::symlink("elsewhere", top.path().join("link")).unwrap();
        for path in [Path::new("/dev/null"), top.path(), &top.path().join("link")] {
            assert!(StreamedFile::new(path).is_err(), "{path:?}");
        }
    }
}
