// SPDX-License-Identifier: GPL-3.0-or-later
//! The records of the active cluster.

use hps::host::Host;
use hps::store::Store;
use hps::types::MacAddr;

/// All records: the good ones, and the MACs of the bad ones.
pub(super) struct Registry<'a> {
    pub(super) store: &'a Store,
    pub(super) hosts: Vec<Host>,
    pub(super) unreadable: Vec<MacAddr>,
}

impl Registry<'_> {
    /// The host with this MAC, either the naming one or a further one.
    pub(super) fn host(&self, mac: MacAddr) -> Option<&Host> {
        let by_name = self.hosts.iter().find(|h| h.mac() == mac);
        by_name.or_else(|| self.hosts.iter().find(|h| h.macs().any(|m| m == mac)))
    }
}
