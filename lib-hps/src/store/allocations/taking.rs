// SPDX-License-Identifier: GPL-3.0-or-later
//! How addresses, names and MACs are allocated: all that a host needs in one transaction, or nothing.

use super::Allocations;
use super::value::Value;
use crate::host::Host;
use crate::store::StoreError;
use crate::store::allocation_lock::AllocationLock;
use crate::store::installed_marks::InstalledMarks;
use crate::store::records::{Key, Transaction, Version};
use crate::types::{MacAddr, Timestamp};

/// How often a transaction is tried again. Only a process without the allocation lock can be faster, and HPS has none.
const MAX_TRIES: u32 = 50;

/// Who has a value.
enum Standing {
    Free,
    /// A process died and left it over. No process is between allocation and record now, since that happens under the allocation lock.
    LeftOver(Version),
    Own,
    /// Another host has it, or may have it.
    Taken,
}

impl Allocations<'_> {
    /// Allocates what the record of a host holds: for `reload`, after an edit by hand. A MAC that joined in this way has the past of
    /// the host from then on.
    ///
    /// The record has its values already. So each value that is free is protected, even if another host has one of the others.
    ///
    /// # Errors
    /// [`StoreError::Taken`] for what another host has; the files. The first one, after all values were tried.
    pub fn complete(self, host: &Host, now: Timestamp) -> Result<(), StoreError> {
        let mut taken = Ok(());
        if !self.has_all_of(host)? {
            let locked = AllocationLock::wait(self.parts.paths)?;
            for value in Value::all_of(host) {
                taken = taken.and(self.take(&locked, &[value], host.mac()));
            }
        }
        taken?;
        InstalledMarks::new(self.parts).share(None, host, now)
    }

    /// Allocates everything that a record holds.
    pub(in crate::store) fn take_all(self, locked: &AllocationLock, host: &Host) -> Result<(), StoreError> {
        self.take(locked, &Value::all_of(host), host.mac())
    }

    /// Allocates these values to `mac`, or none of them.
    pub(super) fn take(self, _locked: &AllocationLock, values: &[Value], mac: MacAddr) -> Result<(), StoreError> {
        let (records, text) = (self.parts.records, format!("{mac}\n"));
        for _ in 0..MAX_TRIES {
            let mut transaction = Transaction::new();
            for value in values {
                let key = value.key();
                transaction = match self.standing(value, &key, mac)? {
                    Standing::Own => continue,
                    Standing::Taken => return Err(self.taken(value)),
                    Standing::Free => transaction.if_absent(&key),
                    Standing::LeftOver(version) => transaction.if_unchanged(&key, &version),
                }
                .put(&key, text.as_bytes());
            }
            if records.commit(&transaction)?.is_done() {
                return Ok(());
            }
        }
        Err(StoreError::Busy { path: self.parts.paths.allocation_lock(), holder: None })
    }

    /// Adds to a transaction that everything which `before` holds is allocated to `after`, whose record has another name.
    ///
    /// # Errors
    /// [`StoreError::Taken`] for what another host has; the files.
    pub(in crate::store) fn moved(
        self,
        _locked: &AllocationLock,
        mut transaction: Transaction,
        before: &Host,
        after: &Host,
    ) -> Result<Transaction, StoreError> {
        let (records, text) = (self.parts.records, format!("{}\n", after.mac()));
        let values = Value::all_of(after);
        for value in &values {
            let key = value.key();
            // The old record has the name of this MAC, and goes in the same transaction.
            let was_first = *value == Value::Mac(before.mac());
            if !was_first && !self.is_available(value, before.mac())? {
                return Err(self.taken(value));
            }
            transaction = match records.text(&key)? {
                Some(document) => transaction.if_unchanged(&key, &document.version),
                None => transaction.if_absent(&key),
            }
            .put(&key, text.as_bytes());
        }
        let gone = Value::all_of(before).into_iter().filter(|value| !values.contains(value));
        Ok(gone.fold(transaction, |transaction, value| transaction.remove(&value.key())))
    }

    /// Whether `mac` can get a value, or has it already.
    pub(super) fn is_available(self, value: &Value, mac: MacAddr) -> Result<bool, StoreError> {
        Ok(!matches!(self.standing(value, &value.key(), mac)?, Standing::Taken))
    }

    fn standing(self, value: &Value, key: &Key, mac: MacAddr) -> Result<Standing, StoreError> {
        let records = self.parts.records;
        // A MAC that has a record of its own is not free.
        if let Value::Mac(further) = value
            && records.get(&Key::host(*further))?.is_some()
        {
            return Ok(Standing::Taken);
        }
        let Some(document) = records.text(key)? else { return Ok(Standing::Free) };
        let holder: Option<MacAddr> = document.text.trim().parse().ok();
        if holder == Some(mac) {
            return Ok(Standing::Own);
        }
        let is_held = match holder.map(|holder| self.hosts().own(holder)) {
            Some(Ok(Some((host, _)))) => value.is_in(&host),
            // A bad record may still hold it: fail closed.
            Some(Err(_)) => true,
            Some(Ok(None)) => false,
            // A file that was cut short is empty. HPS did not write any other text, and a person must look at it.
            None => !document.text.is_empty(),
        };
        Ok(if is_held { Standing::Taken } else { Standing::LeftOver(document.version) })
    }
}
