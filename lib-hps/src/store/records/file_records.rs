// SPDX-License-Identifier: GPL-3.0-or-later
//! Records in files: one file a record, in one folder a kind.
//!
//! Two writers of one record are kept apart by a lock file beside it, which is never the file that is replaced. A person with an
//! editor knows no lock, so a version is the digest of the bytes: what changed is noticed, however it was changed. A creation needs no
//! lock, since of two link(2) to one name one fails.

use super::{Change, Condition, Key, Kind, MAX_VALUE_BYTES, Outcome, Record, Records, Transaction, Version};
use crate::files::{self, Folder, IoError, Lock, LockKind, PreparedFile, Trust, check_file};
use crate::store::record_file::RecordFile;
use crate::store::{Paths, StoreError};
use rustix::fs::OFlags;
use std::io::{ErrorKind, Read as _};
use std::path::{Path, PathBuf};
use std::time::Duration;

/// How long a writer waits for another one. A writer holds a lock for a few syncs.
const LOCK_TIMEOUT: Duration = Duration::from_secs(10);

/// Records in the files of a cluster.
#[derive(Debug, Clone)]
pub(in crate::store) struct FileRecords(Paths);

impl FileRecords {
    pub(in crate::store) fn new(paths: Paths) -> Self {
        Self(paths)
    }

    fn lock(&self, key: &Key) -> Result<Lock, StoreError> {
        let file = self.0.record(key);
        // The web server's user could hold a lock that it can open for ever.
        let kind = if file.is_of_root() { LockKind::Root } else { LockKind::Shared };
        Ok(Lock::wait(&Lock::beside(file.path()), kind, LOCK_TIMEOUT)?)
    }

    fn is_unchanged(&self, key: &Key, read: &Version) -> Result<bool, StoreError> {
        Ok(self.get(key)?.is_some_and(|now| now.version == *read))
    }

    fn is_met(&self, key: &Key, condition: &Condition) -> Result<bool, StoreError> {
        match condition {
            Condition::Absent => Ok(self.get(key)?.is_none()),
            Condition::Unchanged(read) => self.is_unchanged(key, read),
        }
    }

    /// What can be done before anything changes: the new value is on the disk, without a place.
    fn prepare<'a>(&self, transaction: &Transaction, change: &'a Change) -> Result<Prepared<'a>, StoreError> {
        let key = change.key();
        let before = self.get(key)?.map(|record| record.bytes);
        let step = match change {
            Change::Remove(_) => Step::Remove,
            Change::Put(_, bytes) => {
                let file = self.0.record(key);
                check_size(&file, bytes)?;
                let prepared = PreparedFile::new(file.path(), bytes, file.access(), "write")?;
                if transaction.creates(key) { Step::Create(prepared) } else { Step::Replace(prepared) }
            }
        };
        Ok(Prepared { key, before, step })
    }

    /// What was there before, for a transaction that cannot be completed.
    fn put_back(&self, done: &[(&Key, Option<Vec<u8>>)]) -> Result<(), StoreError> {
        done.iter().rev().try_for_each(|(key, before)| match before {
            Some(bytes) => self.put(key, bytes),
            None => self.remove(key),
        })
    }
}

/// A change that is ready.
struct Prepared<'a> {
    key: &'a Key,
    before: Option<Vec<u8>>,
    step: Step,
}

enum Step {
    Create(PreparedFile),
    Replace(PreparedFile),
    Remove,
}

impl Records for FileRecords {
    fn get(&self, key: &Key) -> Result<Option<Record>, StoreError> {
        let file = self.0.record(key);
        match read(&file)? {
            Some(bytes) => Ok(Some(Record { version: Version::of_bytes(&bytes), bytes })),
            None if key.kind().absence_decides() => {
                let folder = file.path().parent().unwrap_or(Path::new("/"));
                Ok(std::fs::metadata(folder).map(|_| None).map_err(IoError::during("read", folder))?)
            }
            None => Ok(None),
        }
    }

    fn list(&self, kind: Kind) -> Result<Vec<Key>, StoreError> {
        let (folder, ending) = self.0.place(kind);
        if kind.may_be_missing() && !self.place_exists(kind)? {
            return Ok(Vec::new());
        }
        let names = Folder::open(&folder).and_then(|f| f.names()).map_err(IoError::instead("list", &folder))?;
        let key = |name: &String| Key::listed(kind, name.strip_suffix(ending)?);
        let mut keys: Vec<Key> = names.iter().filter_map(key).collect();
        keys.sort_unstable();
        Ok(keys)
    }

    fn put(&self, key: &Key, bytes: &[u8]) -> Result<(), StoreError> {
        let file = self.0.record(key);
        check_size(&file, bytes)?;
        Ok(files::write_atomic(file.path(), bytes, file.access())?)
    }

    fn put_if_unchanged(&self, key: &Key, bytes: &[u8], read: &Version) -> Result<Outcome, StoreError> {
        let _held = self.lock(key)?;
        if !self.is_unchanged(key, read)? {
            return Ok(Outcome::Conflict(key.clone()));
        }
        self.put(key, bytes).map(|()| Outcome::Done)
    }

    fn create_if_absent(&self, key: &Key, bytes: &[u8]) -> Result<Outcome, StoreError> {
        let file = self.0.record(key);
        check_size(&file, bytes)?;
        let is_new = files::create_atomic(file.path(), bytes, file.access())?;
        Ok(if is_new { Outcome::Done } else { Outcome::Conflict(key.clone()) })
    }

    fn remove(&self, key: &Key) -> Result<(), StoreError> {
        Ok(files::remove(self.0.record(key).path())?)
    }

    fn remove_if_unchanged(&self, key: &Key, read: &Version) -> Result<Outcome, StoreError> {
        let _held = self.lock(key)?;
        if !self.is_unchanged(key, read)? {
            return Ok(Outcome::Conflict(key.clone()));
        }
        self.remove(key).map(|()| Outcome::Done)
    }

    fn commit(&self, transaction: &Transaction) -> Result<Outcome, StoreError> {
        let _held = transaction.keys().into_iter().map(|key| self.lock(key)).collect::<Result<Vec<_>, _>>()?;
        for (key, condition) in transaction.conditions() {
            if !self.is_met(key, condition)? {
                return Ok(Outcome::Conflict(key.clone()));
            }
        }
        // All bytes are on the disk before the first change: a full disk changes nothing.
        let changes = transaction.changes().iter().map(|change| self.prepare(transaction, change));
        let changes = changes.collect::<Result<Vec<_>, _>>()?;
        let mut done = Vec::new();
        for Prepared { key, before, step } in changes {
            let made = match step {
                // A creation elsewhere takes no lock, and may have been faster.
                Step::Create(file) => file.create().map_err(StoreError::from),
                Step::Replace(file) => file.replace().map(|()| true).map_err(StoreError::from),
                Step::Remove => self.remove(key).map(|()| true),
            };
            match made {
                Ok(true) => done.push((key, before)),
                Ok(false) => return self.put_back(&done).map(|()| Outcome::Conflict(key.clone())),
                Err(error) => {
                    // The change that failed may be made all the same, where only the sync of its folder failed. A creation is not
                    // taken back: the record may be another process's.
                    if !transaction.creates(key) {
                        done.push((key, before));
                    }
                    return match self.put_back(&done) {
                        Ok(()) => Err(error),
                        Err(other) => {
                            Err(StoreError::HalfDone { path: self.locate(key), problem: format!("{error}; {other}") })
                        }
                    };
                }
            }
        }
        Ok(Outcome::Done)
    }

    fn place_exists(&self, kind: Kind) -> Result<bool, StoreError> {
        let (folder, _) = self.0.place(kind);
        match std::fs::symlink_metadata(&folder) {
            Ok(_) => Ok(true),
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(false),
            Err(error) => Err(IoError::new("look at", &folder, error).into()),
        }
    }

    fn locate(&self, key: &Key) -> PathBuf {
        self.0.record(key).path().to_path_buf()
    }

    fn locate_place(&self, kind: Kind) -> PathBuf {
        self.0.place(kind).0
    }
}

/// The bytes of a file that root and the web server's user write, or root alone.
pub(in crate::store) fn read(file: &RecordFile) -> Result<Option<Vec<u8>>, StoreError> {
    let path = file.path();
    let mut opened = match files::open_shared(path, OFlags::RDONLY, "read") {
        Ok(opened) => opened,
        Err(error) if error.is_not_found() => return Ok(None),
        Err(error) => return Err(error.into()),
    };
    if file.is_of_root() {
        let metadata = opened.metadata().map_err(IoError::during("read", path))?;
        check_file(path, &metadata, Trust::Root)?;
    }
    let mut bytes = Vec::new();
    opened.by_ref().take(MAX_VALUE_BYTES + 1).read_to_end(&mut bytes).map_err(IoError::during("read", path))?;
    check_size(file, &bytes)?;
    Ok(Some(bytes))
}

fn check_size(file: &RecordFile, bytes: &[u8]) -> Result<(), StoreError> {
    if bytes.len() as u64 <= MAX_VALUE_BYTES {
        return Ok(());
    }
    Err(StoreError::content(file.path(), "over 1 MiB, more than a record can have"))
}
