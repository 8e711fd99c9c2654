// SPDX-License-Identifier: GPL-3.0-or-later
//! The subnet of which a host gets its address.

use crate::program::{self, Ended, Exit};
use hps::config::Subnet;
use hps::host::Host;
use hps::store::Store;
use hps::types::{HostType, MacAddr, SubnetName};

/// As [`find`], if the subnet is for hosts of this type.
///
/// # Errors
/// As [`find`], and [`Exit::Refused`] if it is not.
pub(super) fn placed(
    store: &Store,
    mac: MacAddr,
    host_type: Option<HostType>,
    host: Option<&Host>,
    named: Option<&SubnetName>,
) -> anyhow::Result<Option<Subnet>> {
    let subnet = find(store, mac, host, named)?;
    let has_address = host.is_some_and(|host| host.address.is_some());
    if let (Some(subnet), Some(host_type), false) = (&subnet, host_type, has_address) {
        let label = host.map_or_else(|| mac.colons(), Host::label);
        subnet
            .takes(host_type, host.map_or(mac, Host::mac))
            .map_err(|why| Ended::error(Exit::Refused, format!("{label}: {why}")))?;
    }
    Ok(subnet)
}

/// The subnet that is named, otherwise the one of its newest lease; `None` for the main network.
///
/// # Errors
/// [`Exit::Refused`] if there is no such subnet, or if the host has an address of another network.
fn find(
    store: &Store,
    mac: MacAddr,
    host: Option<&Host>,
    named: Option<&SubnetName>,
) -> anyhow::Result<Option<Subnet>> {
    let refused = |why: String| Ended::error(Exit::Refused, why);
    let Some(name) = named else {
        // It is about a new address. Without a subnet there is nothing to look for.
        let has_address = host.is_some_and(|host| host.address.is_some());
        if has_address || store.cluster.subnets.is_empty() {
            return Ok(None);
        }
        let macs: Vec<MacAddr> = host.map_or_else(|| vec![mac], |host| host.macs().collect());
        return Ok(store.senders().subnet_by_lease(&macs, program::now())?.cloned());
    };
    let subnet = store.cluster.subnet(name).map_err(|why| refused(why.to_string()))?;
    if let Some((host, address)) = host.and_then(|host| Some((host, host.address?)))
        && !subnet.network.contains(&address)
    {
        let (label, place) = (host.label(), store.cluster.placement(address));
        return Err(refused(format!(
            "{label} has {address}, which is of {place} and not of subnet {name}; for another address: host-state set {label} address=ADDRESS"
        )));
    }
    Ok(Some(subnet.clone()))
}
