// SPDX-License-Identifier: GPL-3.0-or-later
//! Leases of addresses that were reserved and are not any more. They would keep their names in the reverse zone.

use hps::boot::identity::named_leases;
use hps::exec::dhcp_port::release;
use hps::store::Store;
use hps::types::MacAddr;
use std::net::Ipv4Addr;

/// Ends each lease whose address is not reserved for its machine any more. Those of unknown machines stay: their
/// addresses are in use.
///
/// # Errors
/// When the leases or a record cannot be read, or the message cannot be sent.
pub(super) fn end_stale(store: &Store) -> anyhow::Result<()> {
    for (mac, address) in named_leases(&store.senders().leases()?) {
        if !store.cluster.placement(address).dhcp_range().contains(address) && !is_reserved(store, mac, address) {
            release(store.cluster.server(), mac, address)?;
        }
    }
    Ok(())
}

/// A record that cannot be read keeps its old reservation.
fn is_reserved(store: &Store, mac: MacAddr, address: Ipv4Addr) -> bool {
    match store.hosts().find(mac) {
        Ok(host) => host.is_some_and(|host| host.address == Some(address)),
        Err(_) => true,
    }
}
