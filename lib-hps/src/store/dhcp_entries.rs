// SPDX-License-Identifier: GPL-3.0-or-later
//! The reservations that dnsmasq reads from a folder it watches: one file a host, renamed into place.

use super::atomic::{self, Access};
use super::{Store, StoreError};
use crate::types::MacAddr;

impl Store {
    /// Writes the reservation of a host as rendered; dnsmasq sees it at once. `true` where it changed.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn save_dhcp_entry(&self, mac: MacAddr, entry: &str) -> Result<bool, StoreError> {
        let path = self.paths.dhcp_host(mac);
        if std::fs::read(&path).is_ok_and(|now| now == entry.as_bytes()) {
            return Ok(false);
        }
        atomic::write_atomic(&path, entry.as_bytes(), Access::World).map(|()| true)
    }

    /// Removes the reservation of a host that has no address or name any more; dnsmasq forgets it when it is told to read its
    /// hosts again.
    ///
    /// # Errors
    /// When it cannot be removed.
    pub fn remove_dhcp_entry(&self, mac: MacAddr) -> Result<(), StoreError> {
        atomic::remove(&self.paths.dhcp_host(mac))
    }
}
