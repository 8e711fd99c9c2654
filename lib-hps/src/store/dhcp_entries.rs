// SPDX-License-Identifier: GPL-3.0-or-later
//! The reservations that dnsmasq reads from a folder it watches: one file a host, renamed into place.

use super::{Paths, StoreError, read_plain};
use crate::files::{self, Access};
use crate::types::MacAddr;

/// A reservation is one line.
const MAX_ENTRY_BYTES: u64 = 4096;

/// The reservations of a cluster.
#[derive(Debug, Clone, Copy)]
pub struct DhcpEntries<'a> {
    paths: &'a Paths,
}

impl<'a> DhcpEntries<'a> {
    pub(super) fn new(paths: &'a Paths) -> Self {
        Self { paths }
    }

    /// The reservation of a host as it is; `None` where there is none. One that cannot be read gives a text that is no reservation.
    pub fn get(self, mac: MacAddr) -> Option<String> {
        match read_plain(&self.paths.dhcp_host(mac), MAX_ENTRY_BYTES) {
            Ok(bytes) => Some(String::from_utf8_lossy(&bytes).into_owned()),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => None,
            Err(error) => Some(error.to_string()),
        }
    }

    /// Writes the reservation of a host as rendered; dnsmasq sees it at once. `true` where it changed.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn save(self, mac: MacAddr, entry: &str) -> Result<bool, StoreError> {
        let path = self.paths.dhcp_host(mac);
        if read_plain(&path, MAX_ENTRY_BYTES).is_ok_and(|now| now == entry.as_bytes()) {
            return Ok(false);
        }
        files::write_atomic(&path, entry.as_bytes(), Access::World)?;
        Ok(true)
    }

    /// Removes the reservation of a host that has no address or name any more. dnsmasq forgets it when it reads its hosts again.
    ///
    /// # Errors
    /// When it cannot be removed.
    pub fn remove(self, mac: MacAddr) -> Result<(), StoreError> {
        Ok(files::remove(&self.paths.dhcp_host(mac))?)
    }
}
