// SPDX-License-Identifier: GPL-3.0-or-later
//! The narrow interface to records: get, put if unchanged, create if absent, delete if unchanged, list.
//!
//! Here a record is a file. Two writers of one record are kept apart by a lock file beside it, which is
//! never the file that is replaced; a change made with an editor in between is noticed, not lost.
//!
//! Reading gives an answer or an error. `None` means that the system said "no such file"; whatever else went wrong is an error, and
//! stays one on the way up, because a caller that ends a permission or removes a host would take "could not look" for "nothing is
//! there". Where an absent file means that something is not permitted, not used up or not installed, ask with
//! [`Documents::get_in_folder`]: a folder that is missing holds no answer.

use super::StoreError;
use crate::files::{self, Access, Folder, IoError, Lock, LockKind, Trust, check_file};
use rustix::fs::OFlags;
use std::io::{ErrorKind, Read as _};
use std::path::{Path, PathBuf};
use std::time::Duration;

/// How long a writer waits for another one. Writers hold a lock for two fsyncs.
const LOCK_TIMEOUT: Duration = Duration::from_secs(10);
/// More than any record of ours; a larger file is not one.
const LARGEST: u64 = 1 << 20;

/// The name of a record. Only [`super::Paths`] makes them, from types.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Key {
    pub(super) path: PathBuf,
    pub(super) access: Access,
}

impl Key {
    /// The file.
    pub fn path(&self) -> &Path {
        &self.path
    }
}

/// The text of a record as it was read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Document {
    /// UTF-8.
    pub text: String,
}

/// Records in files.
#[derive(Debug, Clone, Copy)]
pub struct Documents;

impl Documents {
    /// The record; `None` where there is none.
    ///
    /// # Errors
    /// When it cannot be read, is not UTF-8, is too large, or somebody else may have written it.
    pub fn get(self, key: &Key) -> Result<Option<Document>, StoreError> {
        let mut file = match files::open_shared(&key.path, OFlags::RDONLY, "read") {
            Ok(file) => file,
            Err(error) if error.is_not_found() => return Ok(None),
            Err(error) => return Err(error.into()),
        };
        if key.access == Access::GroupRead {
            let metadata = file.metadata().map_err(IoError::during("read", &key.path))?;
            check_file(&key.path, &metadata, Trust::Root)?;
        }
        let mut bytes = Vec::new();
        file.by_ref().take(LARGEST + 1).read_to_end(&mut bytes).map_err(IoError::during("read", &key.path))?;
        if bytes.len() as u64 > LARGEST {
            return Err(StoreError::content(&key.path, "over 1 MiB, more than a record can have"));
        }
        match String::from_utf8(bytes) {
            Ok(text) => Ok(Some(Document { text })),
            Err(_) => Err(StoreError::content(&key.path, "line 1: not UTF-8 text")),
        }
    }

    /// The same where an absent file has a meaning: its folder must be there.
    ///
    /// # Errors
    /// As [`Documents::get`], or when the folder is missing or cannot be looked at.
    pub fn get_in_folder(self, key: &Key) -> Result<Option<Document>, StoreError> {
        match self.get(key)? {
            Some(document) => Ok(Some(document)),
            None => {
                let folder = key.path().parent().unwrap_or(Path::new("/"));
                Ok(std::fs::metadata(folder).map(|_| None).map_err(IoError::during("read", folder))?)
            }
        }
    }

    /// Replaces the record where it still is `before`; `false` where somebody changed it.
    ///
    /// # Errors
    /// When it cannot be written, or its lock is held for too long.
    pub fn put(self, key: &Key, before: &Document, text: &str) -> Result<bool, StoreError> {
        let _locked = lock(&key.path)?;
        if self.get(key)?.as_ref() != Some(before) {
            return Ok(false);
        }
        files::write_atomic(&key.path, text.as_bytes(), key.access)?;
        Ok(true)
    }

    /// Creates the record; `false` where there is one.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn create(self, key: &Key, text: &str) -> Result<bool, StoreError> {
        Ok(files::create_atomic(&key.path, text.as_bytes(), key.access)?)
    }

    /// Removes the record where it still is `before`; `false` where somebody changed it.
    ///
    /// # Errors
    /// When it cannot be removed, or its lock is held for too long.
    pub fn delete(self, key: &Key, before: &Document) -> Result<bool, StoreError> {
        let _locked = lock(&key.path)?;
        if self.get(key)?.as_ref() != Some(before) {
            return Ok(false);
        }
        files::remove(&key.path)?;
        Ok(true)
    }

    /// The names in a folder, sorted; hidden ones are left out.
    ///
    /// # Errors
    /// When the folder cannot be read.
    pub fn list(self, folder: &Path) -> Result<Vec<String>, StoreError> {
        let mut names = Folder::open(folder).and_then(|f| f.names()).map_err(IoError::instead("list", folder))?;
        names.sort();
        Ok(names)
    }

    /// The same of a folder that need not be there: then there are none. One that may not be looked into is an error.
    ///
    /// # Errors
    /// When the folder is there and cannot be read.
    pub fn list_where_there(self, folder: &Path) -> Result<Vec<String>, StoreError> {
        match std::fs::metadata(folder) {
            Ok(_) => self.list(folder),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(Vec::new()),
            Err(error) => Err(IoError::new("read", folder, error).into()),
        }
    }
}

/// Whether something has this name, a link too. Only "no such file" means that nothing has.
///
/// # Errors
/// When it cannot be looked at.
pub(super) fn is_there(path: &Path) -> Result<bool, StoreError> {
    match path.symlink_metadata() {
        Ok(_) => Ok(true),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(false),
        Err(error) => Err(IoError::new("look at", path, error).into()),
    }
}

/// Takes the lock beside `path`.
pub(super) fn lock(path: &Path) -> Result<Lock, StoreError> {
    Ok(Lock::wait(&Lock::beside(path), LockKind::Shared, LOCK_TIMEOUT)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_somebody_changed_meanwhile_is_neither_overwritten_nor_removed() {
        let folder = tempfile::tempdir().unwrap();
        let key = Key { path: folder.path().join("a"), access: Access::Group };
        assert!(Documents.create(&key, "one").unwrap());
        let before = Documents.get(&key).unwrap().unwrap();
        // With an editor, which knows no lock.
        std::fs::write(key.path(), "by hand").unwrap();
        assert!(!Documents.put(&key, &before, "two").unwrap());
        assert!(!Documents.delete(&key, &before).unwrap());
        let now = Documents.get(&key).unwrap().unwrap();
        assert_eq!(now.text, "by hand");
        assert!(Documents.put(&key, &now, "two").unwrap());
    }

    #[test]
    fn of_many_writers_each_counts() {
        let folder = tempfile::tempdir().unwrap();
        let key = Key { path: folder.path().join("a"), access: Access::Group };
        Documents.create(&key, "0").unwrap();
        std::thread::scope(|scope| {
            for _ in 0..4 {
                scope.spawn(|| {
                    for _ in 0..25 {
                        loop {
                            let before = Documents.get(&key).unwrap().unwrap();
                            let number: u32 = before.text.parse().unwrap();
                            if Documents.put(&key, &before, &(number + 1).to_string()).unwrap() {
                                break;
                            }
                        }
                    }
                });
            }
        });
        assert_eq!(Documents.get(&key).unwrap().unwrap().text, "100");
    }
}
