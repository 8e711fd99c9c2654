// SPDX-License-Identifier: GPL-3.0-or-later
//! Several changes that are made together, or not at all.

use super::key::Key;
use super::version::Version;
use std::collections::BTreeSet;

/// What became of a change that has conditions.
#[derive(Debug, Clone, PartialEq, Eq)]
#[must_use = "a conflict means that nothing was changed"]
pub enum Outcome {
    /// It was made.
    Done,
    /// A condition was not met, and nothing was changed.
    Conflict(Key),
}

impl Outcome {
    /// Whether it was made.
    pub fn is_done(&self) -> bool {
        *self == Self::Done
    }
}

#[derive(Debug, Clone)]
pub(in crate::store) enum Condition {
    Absent,
    Unchanged(Version),
}

#[derive(Debug, Clone)]
pub(in crate::store) enum Change {
    Put(Key, Vec<u8>),
    Remove(Key),
}

impl Change {
    pub(in crate::store) fn key(&self) -> &Key {
        match self {
            Self::Put(key, _) | Self::Remove(key) => key,
        }
    }
}

/// Conditions, and changes in their order. The first change is the one from which the others follow: where a process or the power
/// dies in between, the changes before that point are made, and the others can be made again.
#[derive(Debug, Clone, Default)]
pub struct Transaction {
    conditions: Vec<(Key, Condition)>,
    changes: Vec<Change>,
}

impl Transaction {
    /// Without conditions and changes.
    pub fn new() -> Self {
        Self::default()
    }

    /// Only if there is no such record.
    #[must_use]
    pub fn if_absent(mut self, key: &Key) -> Self {
        self.conditions.push((key.clone(), Condition::Absent));
        self
    }

    /// Only if the record is as it was read.
    #[must_use]
    pub fn if_unchanged(mut self, key: &Key, read: &Version) -> Self {
        self.conditions.push((key.clone(), Condition::Unchanged(read.clone())));
        self
    }

    /// Then this record is written.
    #[must_use]
    pub fn put(mut self, key: &Key, bytes: &[u8]) -> Self {
        self.changes.push(Change::Put(key.clone(), bytes.to_vec()));
        self
    }

    /// Then this record is removed. One that is not there is no error.
    #[must_use]
    pub fn remove(mut self, key: &Key) -> Self {
        self.changes.push(Change::Remove(key.clone()));
        self
    }

    pub(super) fn conditions(&self) -> &[(Key, Condition)] {
        &self.conditions
    }

    pub(in crate::store) fn changes(&self) -> &[Change] {
        &self.changes
    }

    /// All keys, each once. Their order is the same in each process, so that two transactions never wait for each other.
    pub(super) fn keys(&self) -> BTreeSet<&Key> {
        let conditions = self.conditions.iter().map(|(key, _)| key);
        conditions.chain(self.changes.iter().map(Change::key)).collect()
    }

    /// Whether a key must be absent.
    pub(super) fn creates(&self, key: &Key) -> bool {
        self.conditions.iter().any(|(other, condition)| other == key && matches!(condition, Condition::Absent))
    }
}
