// SPDX-License-Identifier: GPL-3.0-or-later
//! The entries of hosts that dnsmasq reads from folders it watches: one file a host, renamed into place.

use super::entry_kind::EntryKind;
use super::{Paths, StoreError, read_plain};
use crate::files::{self, Access};
use crate::types::MacAddr;
use std::path::PathBuf;

/// An entry is one line.
const MAX_ENTRY_BYTES: u64 = 4096;

/// The entries of one kind in a cluster.
#[derive(Debug, Clone, Copy)]
pub struct HostEntries<'a> {
    paths: &'a Paths,
    kind: EntryKind,
}

impl<'a> HostEntries<'a> {
    pub(super) fn new(paths: &'a Paths, kind: EntryKind) -> Self {
        Self { paths, kind }
    }

    /// The file of a host.
    pub fn path(self, mac: MacAddr) -> PathBuf {
        self.paths.host_entry(self.kind, mac)
    }

    /// The entry of a host as it is; `None` where there is none. One that cannot be read gives a text that is no entry.
    pub fn get(self, mac: MacAddr) -> Option<String> {
        match read_plain(&self.path(mac), MAX_ENTRY_BYTES) {
            Ok(bytes) => Some(String::from_utf8_lossy(&bytes).into_owned()),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => None,
            Err(error) => Some(error.to_string()),
        }
    }

    /// Writes the entry of a host as rendered; dnsmasq sees it at once. `true` where it changed.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn save(self, mac: MacAddr, entry: &str) -> Result<bool, StoreError> {
        let path = self.path(mac);
        if read_plain(&path, MAX_ENTRY_BYTES).is_ok_and(|now| now == entry.as_bytes()) {
            return Ok(false);
        }
        files::write_atomic(&path, entry.as_bytes(), Access::World)?;
        Ok(true)
    }

    /// Removes the entry of a host that has no address or name any more. dnsmasq forgets the names at once, and the
    /// reservation when it reads its hosts again.
    ///
    /// # Errors
    /// When it cannot be removed.
    pub fn remove(self, mac: MacAddr) -> Result<(), StoreError> {
        Ok(files::remove(&self.path(mac))?)
    }
}
