// SPDX-License-Identifier: GPL-3.0-or-later
//! Addresses of hosts that other machines use.

use crate::host::Host;
use crate::types::MacAddr;
use crate::wire::{AddressInUse, AddressProbe, WireError};
use std::fmt;
use std::net::Ipv4Addr;

/// The address of a host is in use by a machine that is not this host.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AddressConflict {
    /// The MAC that names the record of the host.
    pub mac: MacAddr,
    /// Its name, or its MAC.
    pub host: String,
    /// The address, and what uses it.
    pub used: AddressInUse,
}

/// `10.0.0.9 of sch-001 is in use by 52:54:00:00:00:09`.
impl fmt::Display for AddressConflict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} of {} is in use by {}", self.used.address, self.host, self.used.user)
    }
}

/// The hosts whose addresses other machines use now. It takes up to 1.2 seconds for each 128 hosts. A machine of a host
/// may answer with any of its cards.
///
/// # Errors
/// When the interface is missing or down, or a packet cannot be sent.
pub fn conflicts<'h>(
    probe: &AddressProbe<'_>,
    hosts: impl IntoIterator<Item = &'h Host>,
) -> Result<Vec<AddressConflict>, WireError> {
    let hosts: Vec<(&Host, Ipv4Addr)> =
        hosts.into_iter().filter_map(|host| host.address.map(|address| (host, address))).collect();
    let addresses: Vec<Ipv4Addr> = hosts.iter().map(|(_, address)| *address).collect();
    let used = probe.in_use(&addresses)?;
    let found = hosts.iter().filter_map(|(host, address)| {
        let used = *used.iter().find(|used| used.address == *address)?;
        let is_own = used.user.is_among(host.macs());
        (!is_own).then(|| AddressConflict { mac: host.mac(), host: host.label(), used })
    });
    Ok(found.collect())
}
