// SPDX-License-Identifier: GPL-3.0-or-later
//! The contradictions of one `[[subnet]]`, by itself and with the other networks.

use super::cluster::Cluster;
use super::dhcp_mode::DhcpMode;
use super::host_network::overlap;
use super::setting_error::SettingErrors;
use super::subnet::{Subnet, SubnetIdentity};
use crate::types::is_of_hosts;

/// Adds the contradictions of the subnet at this index.
pub(super) fn check_subnet(cluster: &Cluster, index: usize, subnet: &Subnet, found: &mut SettingErrors) {
    let Subnet { name, network, dhcp_range, host_range, gateway, .. } = subnet;
    let at = |key: &str| format!("subnet.{index}.{key}");
    let is_network = *network == network.trunc() && network.prefix_len() <= 29;
    if !is_network {
        let expected = network.trunc();
        let problem = format!(
            "network of subnet {name} is {network}: expected a network and a prefix of at most 29 bits, such as {expected}"
        );
        found.add(&[&at("network")], problem);
    }
    if let Some(other) = cluster.subnets.iter().take(index).position(|other| other.name == *name) {
        let problem = format!("two subnets have the name {name}: give each its own name");
        found.add(&[&at("name"), &format!("subnet.{other}.name")], problem);
    }
    check_overlaps(cluster, index, subnet, found);
    for (key, range) in [("dhcp_range", dhcp_range), ("host_range", host_range)] {
        if is_network && !range.is_hosts_of(network) {
            let problem = format!("{key} of subnet {name}, {range}, is outside the host addresses of {network}");
            found.add(&[&at(key), &at("network")], problem);
        }
        if range.contains(*gateway) {
            let problem = format!(
                "{key} of subnet {name}, {range}, contains the gateway's address {gateway}: choose a range without it"
            );
            found.add(&[&at(key), &at("gateway")], problem);
        }
    }
    if dhcp_range.overlaps(*host_range) {
        let problem = format!("dhcp_range {dhcp_range} and host_range {host_range} of subnet {name} overlap");
        found.add(&[&at("dhcp_range"), &at("host_range")], problem);
    }
    if is_network && (!network.contains(gateway) || *gateway == network.network() || *gateway == network.broadcast()) {
        let problem = format!("gateway of subnet {name}, {gateway}, is no host address of {network}");
        found.add(&[&at("gateway"), &at("network")], problem);
    }
    for (key, addresses) in [("dns", &subnet.dns), ("ntp", &subnet.ntp)] {
        for (place, address) in addresses.iter().enumerate().filter(|(_, address)| !is_of_hosts(**address)) {
            let problem = format!("{key} of subnet {name}, {address}: a machine cannot have this address");
            found.add(&[&at(&format!("{key}.{place}"))], problem);
        }
    }
    if subnet.types.as_ref().is_some_and(Vec::is_empty) {
        let problem = format!("types of subnet {name} is empty: leave it out for all types");
        found.add(&[&at("types")], problem);
    }
    let mode = cluster.network.dhcp;
    if mode != DhcpMode::Server && subnet.identity == SubnetIdentity::Lease {
        let problem = format!(
            "subnet {name}: with network.dhcp = \"{mode}\" this node gives no leases, so they prove nothing: give identity = \"address\", or use dhcp = \"server\""
        );
        found.add(&[&at("identity"), &format!("subnet.{index}"), "network.dhcp"], problem);
    }
}

fn check_overlaps(cluster: &Cluster, index: usize, subnet: &Subnet, found: &mut SettingErrors) {
    let Subnet { name, network, .. } = subnet;
    let main = (cluster.network.address.trunc(), "the main network".to_owned(), "network.address".to_owned());
    let subnets = cluster.subnets.iter().take(index).enumerate();
    let subnets =
        subnets.map(|(at, other)| (other.network, format!("subnet {}", other.name), format!("subnet.{at}.network")));
    let storage = cluster.storage_networks.iter().enumerate();
    let storage = storage
        .map(|(at, other)| (other.network, format!("storage_network {}", other.name), format!("storage_network.{at}")));
    for (other, label, key) in std::iter::once(main).chain(subnets).chain(storage) {
        if overlap(network, &other) {
            let problem = format!("network of subnet {name}, {network}, overlaps {label}, {other}");
            found.add(&[&format!("subnet.{index}.network"), &key], problem);
        }
    }
}
