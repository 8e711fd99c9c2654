// SPDX-License-Identifier: GPL-3.0-or-later
//! The place of a host on the network: its address and name in the record, and the same for dnsmasq.

use crate::host::{Host, Who};
use crate::render::dnsmasq::host_entry;
use crate::store::{Role, Store, StoreError};
use crate::types::{HostName, MacAddr, Timestamp};

/// Gives a host type, address and name, and reserves them; dnsmasq sees a new reservation at once, and a changed one
/// when it is told to read its hosts again. See [`Store::place_host`].
///
/// # Errors
/// Those of [`Store::place_host`], and of writing the reservation.
pub fn place(
    store: &Store,
    mac: MacAddr,
    role: Role,
    name: Option<&HostName>,
    who: &Who,
    now: Timestamp,
) -> Result<Host, StoreError> {
    let host = store.place_host(mac, role, name, who, now)?;
    reserve(store, &host)?;
    Ok(host)
}

/// Writes the reservation of a host, or removes it where the host has no address or name.
///
/// # Errors
/// When it cannot be written or removed.
pub fn reserve(store: &Store, host: &Host) -> Result<(), StoreError> {
    match host_entry(host) {
        Some(entry) => store.save_dhcp_entry(host.mac(), &entry).map(drop),
        None => store.remove_dhcp_entry(host.mac()),
    }
}
