// SPDX-License-Identifier: GPL-3.0-or-later
//! How an address, a name or a MAC is allocated, and how one is taken back that a dead process left over.

use super::Allocations;
use crate::host::Host;
use crate::store::StoreError;
use crate::store::allocation_lock::AllocationLock;
use crate::store::installed_marks::InstalledMarks;
use crate::store::records::Key;
use crate::types::{HostName, MacAddr, Timestamp};
use std::net::Ipv4Addr;

impl Allocations<'_> {
    /// Allocates what the record of a host holds: for `reload`, after an edit by hand. A MAC that joined in this way has the past of
    /// the host from then on.
    ///
    /// # Errors
    /// [`StoreError::Taken`] for what another host has; the files.
    pub fn complete(self, host: &Host, now: Timestamp) -> Result<(), StoreError> {
        if !self.has_all_of(host)? {
            let locked = AllocationLock::wait(self.parts.paths)?;
            self.take_all(&locked, host)?;
        }
        InstalledMarks::new(self.parts).share(None, host, now)
    }

    /// Allocates everything that a record holds.
    pub(in crate::store) fn take_all(self, _locked: &AllocationLock, host: &Host) -> Result<(), StoreError> {
        let mac = host.mac();
        if let Some(name) = &host.name
            && !self.take_name(name, mac)?
        {
            return Err(self.name_taken(name));
        }
        if let Some(address) = host.address
            && !self.take_address(address, mac)?
        {
            return Err(self.address_taken(address));
        }
        for further in host.macs().filter(|m| *m != mac) {
            if !self.take_mac(further, mac)? {
                return Err(self.further_mac_taken(further));
            }
        }
        Ok(())
    }

    pub(super) fn take_name(self, name: &HostName, mac: MacAddr) -> Result<bool, StoreError> {
        self.take(&Key::host_name(name), mac, |h| h.name.as_ref() == Some(name))
    }

    pub(super) fn take_address(self, address: Ipv4Addr, mac: MacAddr) -> Result<bool, StoreError> {
        self.take(&Key::address(address), mac, |h| h.address == Some(address))
    }

    /// Allocates a further MAC to the record of `first`. One that has a record of its own is not free.
    fn take_mac(self, further: MacAddr, first: MacAddr) -> Result<bool, StoreError> {
        if self.parts.records.get(&Key::host(further))?.is_some() {
            return Ok(false);
        }
        self.take(&Key::further_mac(further), first, |h| h.macs().any(|m| m == further))
    }

    /// Allocates `key` to `mac`. Another host keeps it where its record `holds` it, or cannot be read.
    fn take(self, key: &Key, mac: MacAddr, holds: impl Fn(&Host) -> bool) -> Result<bool, StoreError> {
        let records = self.parts.records;
        let text = format!("{mac}\n");
        loop {
            if records.create_if_absent(key, text.as_bytes())?.is_done() {
                return Ok(true);
            }
            let Some(document) = records.text(key)? else { continue };
            let holder: Option<MacAddr> = document.text.trim().parse().ok();
            if holder == Some(mac) {
                return Ok(true);
            }
            let is_held = match holder.map(|holder| self.hosts().own(holder)) {
                Some(Ok(Some((host, _)))) => holds(&host),
                // A bad record may still hold it: fail closed.
                Some(Err(_)) => true,
                Some(Ok(None)) => false,
                // A file that was cut short is empty. HPS did not write any other text, and a person must look at it.
                None => !document.text.is_empty(),
            };
            if is_held {
                return Ok(false);
            }
            // Left over: no process is between allocation and record now, since that happens under the lock held here too.
            let _again = records.remove_if_unchanged(key, &document.version)?;
        }
    }
}
