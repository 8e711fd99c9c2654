// SPDX-License-Identifier: GPL-3.0-or-later
//! Allocations of addresses, names and further MACs: two processes can never hold the same one, even if one of them dies.
//!
//! An allocation is a record that is named like what it allocates and holds a MAC. Of two creations of it one fails. What a host needs
//! is allocated in one transaction, under the allocation lock. If the host of an allocation does not exist or holds something else, a
//! process died and left it over; then another host can get it under that lock. In files the allocations are in `claims/`.

mod allocate;
mod allocation;
mod allocation_kind;
mod taken;
mod taking;
mod value;

pub use allocate::Role;
pub use allocation::{Allocation, HeldAllocations};
pub use allocation_kind::AllocationKind;

use super::StoreError;
use super::allocation_lock::AllocationLock;
use super::host_records::HostRecords;
use super::parts::Parts;
use super::records::{Key, Kind};
use crate::host::Host;
use crate::types::MacAddr;
use std::net::Ipv4Addr;
use value::Value;

/// The allocations of a cluster.
#[derive(Debug, Clone, Copy)]
pub struct Allocations<'a> {
    parts: Parts<'a>,
}

impl<'a> Allocations<'a> {
    pub(super) fn new(parts: Parts<'a>) -> Self {
        Self { parts }
    }

    fn hosts(self) -> HostRecords<'a> {
        HostRecords::new(self.parts.records)
    }

    /// All allocations, by kind and value. It reads one file for each; a boot does not call it.
    ///
    /// # Errors
    /// When a folder cannot be read.
    pub fn list(self) -> Result<Vec<Allocation>, StoreError> {
        let records = self.parts.records;
        let mut all = Vec::new();
        for kind in AllocationKind::ALL {
            for key in records.list(Kind::Allocation(kind))? {
                let (value, path, holder) = (key.name().to_owned(), records.locate(&key), self.holder(&key));
                all.push(Allocation { kind, value, path, holder, key });
            }
        }
        Ok(all)
    }

    /// All allocations by their holders.
    ///
    /// # Errors
    /// When a folder or an allocation cannot be read.
    pub fn held(self) -> Result<HeldAllocations, StoreError> {
        HeldAllocations::from_list(self.list()?)
    }

    /// Whether everything that a record holds is allocated to its host.
    ///
    /// # Errors
    /// When an allocation cannot be read.
    pub fn has_all_of(self, host: &Host) -> Result<bool, StoreError> {
        let text = format!("{}\n", host.mac());
        for key in keys_of(host) {
            if self.parts.records.text(&key)?.is_none_or(|document| document.text != text) {
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// Releases what [`HeldAllocations::stale`] found, as far as the record still does not hold it.
    ///
    /// # Errors
    /// When the record or an allocation cannot be read, or an allocation cannot be removed.
    pub fn release_stale(self, host: &Host, held: &HeldAllocations) -> Result<(), StoreError> {
        // A process that reads an allocation under this lock sees its record too.
        let _locked = AllocationLock::wait(self.parts.paths)?;
        let Some((now, _)) = self.hosts().own(host.mac())? else { return Ok(()) };
        held.stale(&now).try_for_each(|allocation| self.release(&allocation.key, host.mac()))
    }

    /// Releases what `before` held and `after` does not, as far as it is still allocated to this host.
    pub(super) fn release_difference(self, before: &Host, after: &Host) -> Result<(), StoreError> {
        let kept = keys_of(after);
        for key in keys_of(before).iter().filter(|key| !kept.contains(key)) {
            self.release(key, before.mac())?;
        }
        Ok(())
    }

    /// Releases everything that a record holds.
    pub(super) fn release_all(self, host: &Host) -> Result<(), StoreError> {
        keys_of(host).iter().try_for_each(|key| self.release(key, host.mac()))
    }

    /// Removes an allocation, if it is this host's.
    pub(super) fn release(self, key: &Key, mac: MacAddr) -> Result<(), StoreError> {
        if let Some(document) = self.parts.records.text(key)?
            && document.text.trim() == mac.to_string()
        {
            let _is_anothers = self.parts.records.remove_if_unchanged(key, &document.version)?;
        }
        Ok(())
    }

    /// The host whose record confirms that it has an address.
    pub fn holder_of_address(self, address: Ipv4Addr) -> Result<Option<MacAddr>, StoreError> {
        let Some(holder) = self.holder(&Key::address(address))? else { return Ok(None) };
        match self.hosts().own(holder) {
            Ok(found) => Ok(found.filter(|(host, _)| host.address == Some(address)).map(|_| holder)),
            // A bad record may still hold it: fail closed.
            Err(_) => Ok(Some(holder)),
        }
    }

    fn holder(self, key: &Key) -> Result<Option<MacAddr>, StoreError> {
        Ok(self.parts.records.text(key)?.and_then(|document| document.text.trim().parse().ok()))
    }
}

/// What a record holds. The name is last: a removal that was cut short is finished by name.
fn keys_of(host: &Host) -> Vec<Key> {
    let (name, others): (Vec<Value>, Vec<Value>) =
        Value::all_of(host).into_iter().partition(|value| matches!(value, Value::Name(_)));
    others.iter().chain(&name).map(Value::key).collect()
}

#[cfg(test)]
mod tests;
