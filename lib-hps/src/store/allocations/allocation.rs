// SPDX-License-Identifier: GPL-3.0-or-later
//! One allocation, and all of them by their holders.

use super::AllocationKind;
use crate::host::Host;
use crate::store::StoreError;
use crate::store::records::Key;
use crate::types::MacAddr;
use std::collections::BTreeMap;
use std::path::PathBuf;

/// One allocation, as it is stored.
#[derive(Debug)]
pub struct Allocation {
    /// What kind of value.
    pub kind: AllocationKind,
    /// The value: the file's name.
    pub value: String,
    /// The file.
    pub path: PathBuf,
    /// The MAC that names the record of the holder; `None` where the file does not hold one; or why it cannot be read.
    pub holder: Result<Option<MacAddr>, StoreError>,
    pub(in crate::store) key: Key,
}

impl Allocation {
    /// Whether a record holds what is allocated.
    pub fn is_of(&self, host: &Host) -> bool {
        match self.kind {
            AllocationKind::Address => host.address.is_some_and(|a| a.to_string() == self.value),
            AllocationKind::Name => host.name.as_ref().is_some_and(|n| n.as_str() == self.value),
            AllocationKind::Mac => host.macs().any(|m| m != host.mac() && m.to_string() == self.value),
        }
    }
}

/// All allocations by their holders, read once: for programs that go through many hosts.
#[derive(Debug, Default)]
pub struct HeldAllocations(BTreeMap<MacAddr, Vec<Allocation>>);

impl HeldAllocations {
    pub(super) fn from_list(all: Vec<Allocation>) -> Result<Self, StoreError> {
        let mut held = BTreeMap::<MacAddr, Vec<Allocation>>::new();
        for allocation in all {
            match &allocation.holder {
                Ok(Some(holder)) => held.entry(*holder).or_default().push(allocation),
                Err(error) if !error.was_read() => return allocation.holder.map(|_| Self::default()),
                // It holds no MAC, so no host has it; host-state check names it.
                _ => {}
            }
        }
        Ok(Self(held))
    }

    /// What is allocated to the host of this record, and its record does not have: a process died between the new record and the
    /// release of the old values.
    pub fn stale<'a>(&'a self, host: &'a Host) -> impl Iterator<Item = &'a Allocation> {
        self.0.get(&host.mac()).into_iter().flatten().filter(|allocation| !allocation.is_of(host))
    }
}
