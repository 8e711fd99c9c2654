// SPDX-License-Identifier: GPL-3.0-or-later
//! The `[network]` section of a cluster file.

use super::address::{addresses, optional_address};
use super::dhcp_mode::DhcpMode;
use super::setting_error::SettingErrors;
use crate::types::{DomainName, InterfaceName, Ipv4Range, Mtu, SyslogServer, is_of_hosts, network_by_serde};
use ipnet::Ipv4Net;
use serde::Deserialize;
use std::net::Ipv4Addr;

/// The network of a cluster.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Network {
    /// The interface that DHCP, TFTP, DNS and HTTP are served on.
    pub interface: InterfaceName,
    /// The address of this node on it, with the length of the prefix.
    #[serde(deserialize_with = "network_by_serde")]
    pub address: Ipv4Net,
    /// Who gives addresses.
    #[serde(default)]
    pub dhcp: DhcpMode,
    /// Other DHCP servers that may answer beside this node's.
    #[serde(default, deserialize_with = "addresses")]
    pub other_dhcp_servers: Vec<Ipv4Addr>,
    /// Addresses for unknown machines.
    pub dhcp_range: Ipv4Range,
    /// Addresses that are reserved for hosts, one each, permanently.
    pub host_range: Ipv4Range,
    /// The default gateway of hosts.
    #[serde(default, deserialize_with = "optional_address")]
    pub gateway: Option<Ipv4Addr>,
    /// Name servers of hosts; empty means this node.
    #[serde(default, deserialize_with = "addresses")]
    pub dns: Vec<Ipv4Addr>,
    /// Time servers of hosts.
    #[serde(default, deserialize_with = "addresses")]
    pub ntp: Vec<Ipv4Addr>,
    /// The server for the logs of hosts.
    #[serde(default)]
    pub syslog: Option<SyslogServer>,
    /// The largest packet of hosts; without it Ethernet's own, 1500 bytes.
    #[serde(default)]
    pub mtu: Option<Mtu>,
    /// The domain of hosts.
    pub domain: DomainName,
    /// The port of the boot manager and of all downloads by HTTP.
    #[serde(default = "http_port")]
    pub http_port: u16,
}

fn http_port() -> u16 {
    80
}

impl Network {
    /// Whether hosts have a gateway that leads further than to this node.
    pub fn has_way_out(&self) -> bool {
        self.gateway.is_some_and(|gateway| gateway != self.address.addr())
    }

    /// Its contradictions.
    pub(super) fn check(&self, found: &mut SettingErrors) {
        let Self { address, dhcp_range, host_range, gateway, http_port, .. } = self;
        let (server, net) = (address.addr(), address.trunc());
        if address.prefix_len() > 29 || server == net.network() || server == net.broadcast() {
            let problem =
                format!("network.address {address}: expected the address of a host and a prefix of at most 29 bits");
            found.add(&["network.address"], problem);
        }
        for (key, range) in [("network.dhcp_range", dhcp_range), ("network.host_range", host_range)] {
            if !range.is_hosts_of(&net) {
                found.add(&[key, "network.address"], format!("{key} {range} is outside the host addresses of {net}"));
            }
            if range.contains(server) {
                found
                    .add(&[key, "network.address"], format!("{key} {range} contains this node's own address {server}"));
            }
            if let Some(gateway) = gateway.filter(|g| range.contains(*g)) {
                let problem =
                    format!("{key} {range} contains the gateway's address {gateway}: choose a range without it");
                found.add(&[key, "network.gateway"], problem);
            }
        }
        if dhcp_range.overlaps(*host_range) {
            let problem = format!("network.dhcp_range {dhcp_range} and network.host_range {host_range} overlap");
            found.add(&["network.dhcp_range", "network.host_range"], problem);
        }
        if let Some(gateway) = gateway.filter(|g| !net.contains(g)) {
            let problem = format!("network.gateway {gateway} is outside {net}");
            found.add(&["network.gateway", "network.address"], problem);
        }
        if self.other_dhcp_servers.contains(&server) {
            let problem = format!("network.other_dhcp_servers contains this node's own address {server}");
            found.add(&["network.other_dhcp_servers", "network.address"], problem);
        }
        let lists = [
            ("network.other_dhcp_servers", &self.other_dhcp_servers),
            ("network.dns", &self.dns),
            ("network.ntp", &self.ntp),
        ];
        for (key, addresses) in lists {
            for (index, address) in addresses.iter().enumerate().filter(|(_, address)| !is_of_hosts(**address)) {
                found.add(&[&format!("{key}.{index}")], format!("{key} {address}: a machine cannot have this address"));
            }
        }
        if let Some(syslog) = self.syslog.filter(|syslog| !is_of_hosts(syslog.address)) {
            let problem = format!("network.syslog {}: a machine cannot have this address", syslog.address);
            found.add(&["network.syslog"], problem);
        }
        if *http_port == 0 {
            found.add(&["network.http_port"], "network.http_port is 0: expected 1 to 65535".to_owned());
        }
    }
}

/// Sensible ranges in the network of `address`: hosts in the lower half, unknown machines in the upper one, both
/// without `address` and `gateway`. `None` if the network is too small for that.
pub fn default_ranges(address: Ipv4Net, gateway: Option<Ipv4Addr>) -> Option<(Ipv4Range, Ipv4Range)> {
    let (low, high) = (u32::from(address.network()), u32::from(address.broadcast()));
    // Wide networks: a /16 has more addresses than a site with a few thousand machines needs to reserve.
    let high = high.min(low.saturating_add(16_384));
    let middle = low + (high - low) / 2;
    let free = |first, last| longest_free(first, last, address, gateway);
    Some((free(low + 1, middle)?, free(middle + 1, high.checked_sub(1)?)?))
}

/// The ranges that a person is offered: as [`default_ranges`], but with the first eighth of the network, and 256
/// addresses of a large one, left for switches and BMCs. In a network larger than a /16 they are in its first /16.
pub fn roomy_ranges(address: Ipv4Net, gateway: Option<Ipv4Addr>) -> Option<(Ipv4Range, Ipv4Range)> {
    let (low, high) = (u32::from(address.network()), u32::from(address.broadcast()));
    let high = high.min(low.saturating_add(0xffff));
    let size = (high - low).checked_add(1)?;
    let middle = low + size / 2;
    let free = |first, last| longest_free(first, last, address, gateway);
    if size < 1024 {
        return Some((free(low + size / 8, middle - 1)?, free(middle, high.checked_sub(1)?)?));
    }
    // Some devices do not accept addresses that end with 0 or 255.
    Some((free(low + 257, middle - 2)?, free(middle + 1, high - 1)?))
}

/// The longest run without `address` and `gateway`.
fn longest_free(first: u32, last: u32, address: Ipv4Net, gateway: Option<Ipv4Addr>) -> Option<Ipv4Range> {
    let mut taken: Vec<u32> = [Some(address.addr()), gateway].into_iter().flatten().map(u32::from).collect();
    taken.retain(|taken| (first..=last).contains(taken));
    taken.sort_unstable();
    let mut best: Option<(u32, u32)> = None;
    let mut start = first;
    for end in taken.into_iter().chain([last + 1]) {
        if start < end && best.is_none_or(|(s, e)| e - s < end - 1 - start) {
            best = Some((start, end - 1));
        }
        start = end + 1;
    }
    best.and_then(|(s, e)| Ipv4Range::new(Ipv4Addr::from(s), Ipv4Addr::from(e)))
}
