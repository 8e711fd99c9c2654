// SPDX-License-Identifier: GPL-3.0-or-later
//! Records in memory, for tests. They are as strict as those in files, and count their changes as a cluster of etcd does.

use super::{Change, Condition, Key, Kind, MAX_VALUE_BYTES, Outcome, Record, Records, Transaction, Version};
use crate::files::IoError;
use crate::store::StoreError;
use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard};

/// Records in memory.
#[derive(Debug, Clone, Default)]
pub(in crate::store) struct MemoryRecords(Arc<Mutex<Contents>>);

#[derive(Debug, Default)]
struct Contents {
    revision: u64,
    records: BTreeMap<Key, Record>,
    /// Kinds whose place is lost.
    lost: BTreeSet<Kind>,
}

impl MemoryRecords {
    /// As if somebody had removed a folder.
    pub(in crate::store) fn lose(&self, kind: Kind) {
        let mut contents = self.contents();
        contents.records.retain(|key, _| key.kind() != kind);
        contents.lost.insert(kind);
    }

    fn contents(&self) -> MutexGuard<'_, Contents> {
        self.0.lock().unwrap()
    }

    fn check(&self, key: &Key, bytes: &[u8]) -> Result<(), StoreError> {
        if bytes.len() as u64 <= MAX_VALUE_BYTES {
            return Ok(());
        }
        Err(StoreError::content(&self.locate(key), "over 1 MiB, more than a record can have"))
    }

    fn missing(&self, key: &Key) -> StoreError {
        IoError::new("find the place of", self.locate(key), std::io::ErrorKind::NotFound).into()
    }
}

impl Records for MemoryRecords {
    fn get(&self, key: &Key) -> Result<Option<Record>, StoreError> {
        let contents = self.contents();
        match contents.records.get(key) {
            None if contents.lost.contains(&key.kind()) && key.kind().absence_decides() => Err(self.missing(key)),
            found => Ok(found.cloned()),
        }
    }

    fn list(&self, kind: Kind) -> Result<Vec<Key>, StoreError> {
        let contents = self.contents();
        if contents.lost.contains(&kind) && !kind.may_be_missing() {
            return Err(IoError::new("list", self.locate_place(kind), std::io::ErrorKind::NotFound).into());
        }
        Ok(contents.records.keys().filter(|key| key.kind() == kind).cloned().collect())
    }

    fn put(&self, key: &Key, bytes: &[u8]) -> Result<(), StoreError> {
        self.commit(&Transaction::new().put(key, bytes)).map(drop)
    }

    fn put_if_unchanged(&self, key: &Key, bytes: &[u8], read: &Version) -> Result<Outcome, StoreError> {
        self.commit(&Transaction::new().if_unchanged(key, read).put(key, bytes))
    }

    fn create_if_absent(&self, key: &Key, bytes: &[u8]) -> Result<Outcome, StoreError> {
        self.commit(&Transaction::new().if_absent(key).put(key, bytes))
    }

    fn remove(&self, key: &Key) -> Result<(), StoreError> {
        self.commit(&Transaction::new().remove(key)).map(drop)
    }

    fn remove_if_unchanged(&self, key: &Key, read: &Version) -> Result<Outcome, StoreError> {
        self.commit(&Transaction::new().if_unchanged(key, read).remove(key))
    }

    fn commit(&self, transaction: &Transaction) -> Result<Outcome, StoreError> {
        let mut contents = self.contents();
        for (key, condition) in transaction.conditions() {
            let now = contents.records.get(key);
            let is_met = match condition {
                Condition::Absent => now.is_none(),
                Condition::Unchanged(read) => now.is_some_and(|record| record.version == *read),
            };
            if !is_met {
                return Ok(Outcome::Conflict(key.clone()));
            }
        }
        for change in transaction.changes() {
            if let Change::Put(key, bytes) = change {
                self.check(key, bytes)?;
                if contents.lost.contains(&key.kind()) {
                    return Err(self.missing(key));
                }
            }
        }
        contents.revision += 1;
        let version = Version::of_revision(contents.revision);
        for change in transaction.changes() {
            match change {
                Change::Put(key, bytes) => {
                    let record = Record { bytes: bytes.clone(), version: version.clone() };
                    contents.records.insert(key.clone(), record);
                }
                Change::Remove(key) => drop(contents.records.remove(key)),
            }
        }
        Ok(Outcome::Done)
    }

    fn place_exists(&self, kind: Kind) -> Result<bool, StoreError> {
        Ok(!self.contents().lost.contains(&kind))
    }

    fn locate(&self, key: &Key) -> PathBuf {
        self.locate_place(key.kind()).join(key.name())
    }

    fn locate_place(&self, kind: Kind) -> PathBuf {
        PathBuf::from(format!("{kind:?}"))
    }
}
