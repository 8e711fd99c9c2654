// SPDX-License-Identifier: GPL-3.0-or-later
//! How the record of a host is found and read.

use super::StoreError;
use super::records::{Document, Key, Records};
use crate::host::Host;
use crate::types::MacAddr;

/// The records of hosts.
#[derive(Debug, Clone, Copy)]
pub(super) struct HostRecords<'a>(&'a dyn Records);

impl<'a> HostRecords<'a> {
    pub(super) fn new(records: &'a dyn Records) -> Self {
        Self(records)
    }

    /// The record that `mac` itself names.
    pub(super) fn own(self, mac: MacAddr) -> Result<Option<(Host, Document)>, StoreError> {
        let key = Key::host(mac);
        let Some(document) = self.0.text(&key)? else { return Ok(None) };
        let host = Host::parse(&document.text, mac).map_err(|e| StoreError::content(&self.0.locate(&key), e))?;
        Ok(Some((host, document)))
    }

    /// The record that has `mac` among its MACs.
    pub(super) fn find(self, mac: MacAddr) -> Result<Option<(Host, Document)>, StoreError> {
        if let Some(found) = self.own(mac)? {
            return Ok(Some(found));
        }
        // Two reads more, and only for a MAC without a record of its own.
        let Some(first) = self.holder_of_mac(mac)? else { return Ok(None) };
        // An allocation that its record does not confirm is left over, and its MAC belongs to no host.
        Ok(self.own(first)?.filter(|(host, _)| host.macs().any(|m| m == mac)))
    }

    /// The MAC that names the record to which `mac` is allocated as a further one, whether or not the record says so.
    pub(super) fn holder_of_mac(self, mac: MacAddr) -> Result<Option<MacAddr>, StoreError> {
        let allocation = self.0.text(&Key::further_mac(mac))?;
        Ok(allocation.and_then(|document| document.text.trim().parse().ok()))
    }
}
