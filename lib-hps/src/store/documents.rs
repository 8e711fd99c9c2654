// SPDX-License-Identifier: GPL-3.0-or-later
//! Files of the store that are no records ([`super::records`]): notifications, marks of older versions, logs, profiles. They are read as strictly.

use super::StoreError;
use super::record_file::RecordFile;
use super::records::{self, Document, Version};
use crate::files::{self, Folder, IoError, Lock, LockKind};
use std::io::ErrorKind;
use std::path::Path;
use std::time::Duration;

/// How long one waits for the lock beside a file.
const LOCK_TIMEOUT: Duration = Duration::from_secs(10);

/// The text of a file; `None` where there is none.
pub(super) fn get(file: &RecordFile) -> Result<Option<Document>, StoreError> {
    let Some(bytes) = records::read(file)? else { return Ok(None) };
    let version = Version::of_bytes(&bytes);
    match String::from_utf8(bytes) {
        Ok(text) => Ok(Some(Document { text, version })),
        Err(_) => Err(StoreError::content(file.path(), "line 1: not UTF-8 text")),
    }
}

/// The names in a folder, sorted. Hidden ones are left out.
pub(super) fn list(folder: &Path) -> Result<Vec<String>, StoreError> {
    let mut names = Folder::open(folder).and_then(|f| f.names()).map_err(IoError::instead("list", folder))?;
    names.sort();
    Ok(names)
}

/// The same of a folder that need not be there: then there are none. A folder that cannot be looked at is an error.
pub(super) fn list_where_there(folder: &Path) -> Result<Vec<String>, StoreError> {
    match std::fs::metadata(folder) {
        Ok(_) => list(folder),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(Vec::new()),
        Err(error) => Err(IoError::new("read", folder, error).into()),
    }
}

/// Takes the lock beside `path`.
pub(super) fn lock(path: &Path) -> Result<Lock, StoreError> {
    Ok(Lock::wait(&Lock::beside(path), LockKind::Shared, LOCK_TIMEOUT)?)
}

/// Removes a file, and also a folder in the place of a file, as no program of HPS makes it.
pub(super) fn remove_any(path: &Path) -> Result<(), StoreError> {
    if path.symlink_metadata().is_ok_and(|m| m.is_dir()) {
        return Ok(std::fs::remove_dir_all(path).map_err(IoError::during("remove", path))?);
    }
    Ok(files::remove(path)?)
}
