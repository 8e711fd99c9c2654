// SPDX-License-Identifier: GPL-3.0-or-later
//! The reservations that dnsmasq reads from a folder it watches: one file a host, renamed into place.

use super::{Store, StoreError, read_plain};
use crate::files::{self, Access};
use crate::types::MacAddr;

/// A reservation is one line.
const LARGEST: u64 = 4096;

impl Store {
    /// The reservation of a host as it is; `None` where there is none, and something else where it cannot be read.
    pub fn dhcp_entry(&self, mac: MacAddr) -> Option<String> {
        match read_plain(&self.paths.dhcp_host(mac), LARGEST) {
            Ok(bytes) => Some(String::from_utf8_lossy(&bytes).into_owned()),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => None,
            Err(error) => Some(error.to_string()),
        }
    }

    /// Writes the reservation of a host as rendered; dnsmasq sees it at once. `true` where it changed.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn save_dhcp_entry(&self, mac: MacAddr, entry: &str) -> Result<bool, StoreError> {
        let path = self.paths.dhcp_host(mac);
        if read_plain(&path, LARGEST).is_ok_and(|now| now == entry.as_bytes()) {
            return Ok(false);
        }
        files::write_atomic(&path, entry.as_bytes(), Access::World)?;
        Ok(true)
    }

    /// Removes the reservation of a host that has no address or name any more; dnsmasq forgets it when it is told to read its
    /// hosts again.
    ///
    /// # Errors
    /// When it cannot be removed.
    pub fn remove_dhcp_entry(&self, mac: MacAddr) -> Result<(), StoreError> {
        Ok(files::remove(&self.paths.dhcp_host(mac))?)
    }
}
