// SPDX-License-Identifier: GPL-3.0-or-later
//! What the store asks of its storage: one interface, [`Records`].
//!
//! A record is some bytes under a [`Key`], with a [`Version`]. Files implement the interface ([`FileRecords`]), and a second
//! implementation in memory serves the tests. One suite of tests runs over both, so a third one knows what it must do. Decision 97
//! says what each promises, and how a cluster of etcd fits.
//!
//! Reading gives an answer or an error. `None` means that the record is not there. Every other failure is an error and stays one on
//! the way up: a caller that ends a permission or removes a host would take "could not look" for "nothing is there".

mod file_records;
mod key;
#[cfg(test)]
mod memory_records;
#[cfg(test)]
mod suite;
mod transaction;
mod version;

pub(super) use file_records::{FileRecords, read};
pub use key::{Key, Kind};
#[cfg(test)]
pub(super) use memory_records::MemoryRecords;
pub(super) use transaction::{Change, Condition};
pub use transaction::{Outcome, Transaction};
pub use version::Version;

use super::StoreError;
use std::fmt::Debug;
use std::path::PathBuf;

/// More than any record of ours. A larger value is neither written nor read.
pub(super) const MAX_VALUE_BYTES: u64 = 1 << 20;

/// A record as it was read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Record {
    /// What it holds.
    pub bytes: Vec<u8>,
    /// What a change is compared with.
    pub version: Version,
}

/// The same, of text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Document {
    /// UTF-8.
    pub text: String,
    /// What a change is compared with.
    pub version: Version,
}

/// A storage of records. Each change is on the disk when the call returns.
pub trait Records: Debug + Send + Sync {
    /// The record; `None` where there is none.
    ///
    /// # Errors
    /// When it cannot be read, is too large, or another user may have written it. When the place of its kind is missing, and an
    /// absent record of this kind decides something ([`Kind::absence_decides`]).
    fn get(&self, key: &Key) -> Result<Option<Record>, StoreError>;

    /// The keys of a kind, in the order of their names. A kind whose place is missing has none, where it is younger than some
    /// clusters ([`Kind::may_be_missing`]).
    ///
    /// # Errors
    /// When they cannot be listed.
    fn list(&self, kind: Kind) -> Result<Vec<Key>, StoreError>;

    /// Writes the record, over what was there.
    ///
    /// # Errors
    /// When it cannot be written.
    fn put(&self, key: &Key, bytes: &[u8]) -> Result<(), StoreError>;

    /// Replaces the record where it still is as it was read; otherwise a conflict.
    ///
    /// # Errors
    /// When it cannot be read or written, or another process holds its lock for too long.
    fn put_if_unchanged(&self, key: &Key, bytes: &[u8], read: &Version) -> Result<Outcome, StoreError>;

    /// Creates the record; a conflict where there is one. Of two processes exactly one succeeds.
    ///
    /// # Errors
    /// When it cannot be written.
    fn create_if_absent(&self, key: &Key, bytes: &[u8]) -> Result<Outcome, StoreError>;

    /// Removes the record. One that is not there is no error.
    ///
    /// # Errors
    /// When it cannot be removed.
    fn remove(&self, key: &Key) -> Result<(), StoreError>;

    /// Removes the record where it still is as it was read; otherwise a conflict.
    ///
    /// # Errors
    /// As [`Records::put_if_unchanged`].
    fn remove_if_unchanged(&self, key: &Key, read: &Version) -> Result<Outcome, StoreError>;

    /// Makes several changes if all conditions are met; otherwise a conflict, and nothing is changed.
    ///
    /// # Errors
    /// When a record cannot be read or written; then nothing is changed either.
    fn commit(&self, transaction: &Transaction) -> Result<Outcome, StoreError>;

    /// Whether the place of a kind is there. It is made with the cluster, and a place that is lost holds no answers.
    ///
    /// # Errors
    /// When it cannot be looked at.
    fn place_exists(&self, kind: Kind) -> Result<bool, StoreError>;

    /// What a message calls the record: its file.
    fn locate(&self, key: &Key) -> PathBuf;

    /// What a message calls the place of a kind: its folder.
    fn locate_place(&self, kind: Kind) -> PathBuf;
}

impl dyn Records + '_ {
    /// The record as text.
    ///
    /// # Errors
    /// As [`Records::get`], or when it is no UTF-8.
    pub(super) fn text(&self, key: &Key) -> Result<Option<Document>, StoreError> {
        let Some(record) = self.get(key)? else { return Ok(None) };
        match String::from_utf8(record.bytes) {
            Ok(text) => Ok(Some(Document { text, version: record.version })),
            Err(_) => Err(StoreError::content(&self.locate(key), "line 1: not UTF-8 text")),
        }
    }
}
