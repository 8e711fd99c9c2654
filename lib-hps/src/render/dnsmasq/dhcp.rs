// SPDX-License-Identifier: GPL-3.0-or-later

use super::lines::Lines;
use super::places::Places;
use crate::config::{Cluster, DhcpMode, Subnet};
use std::net::Ipv4Addr;

/// The lines of DHCP. Without a `dhcp-range` dnsmasq has no DHCP at all.
pub(super) fn write(cluster: &Cluster, places: &Places<'_>, out: &mut Lines) {
    let n = &cluster.network;
    let net = n.address.trunc();
    match n.dhcp {
        DhcpMode::None => {
            out.line("\n# No DHCP: another server gives addresses and boot files; its lines: reload --print");
            return;
        }
        DhcpMode::Proxy => {
            out.line("\n# DHCP: another server gives addresses, this one the boot files (proxyDHCP)");
            out.line(format_args!("dhcp-range={},proxy,{}", net.addr(), net.netmask()));
        }
        DhcpMode::Server => {
            out.line("\n# DHCP");
            // Authoritative means a NAK for each address that this server does not know. Clients of another server would
            // lose their addresses.
            if n.other_dhcp_servers.is_empty() {
                out.line("dhcp-authoritative");
            }
            out.line(format_args!("dhcp-range={},{},{},1h", n.dhcp_range.first(), n.dhcp_range.last(), net.netmask()));
        }
    }
    for subnet in &cluster.subnets {
        subnet_range(n.dhcp, subnet, out);
    }
    // Firmware, iPXE, installer and system send different client identifiers; a host keeps one address through all of
    // them.
    out.line("dhcp-ignore-clid");
    out.line("log-dhcp");
    out.line(format_args!("dhcp-lease-max={}", 4096));
    out.line(format_args!("dhcp-leasefile={}", places.leases.display()));
    out.line(format_args!("dhcp-hostsdir={}", places.hosts.display()));
    if n.dhcp == DhcpMode::Proxy {
        return;
    }
    options(cluster, out);
}

/// A subnet has a `dhcp-range` of its own: dnsmasq answers a relay (`giaddr`) only in a network of which it has one. Its
/// tag selects the options; an option with a tag counts before one without.
fn subnet_range(mode: DhcpMode, subnet: &Subnet, out: &mut Lines) {
    let Subnet { name, network, dhcp_range, .. } = subnet;
    let mask = network.netmask();
    match mode {
        DhcpMode::Server => {
            let (first, last) = (dhcp_range.first(), dhcp_range.last());
            out.line(format_args!("dhcp-range=set:subnet-{name},{first},{last},{mask},1h"));
        }
        DhcpMode::Proxy => {
            out.line(format_args!("dhcp-range=set:subnet-{name},{},proxy,{mask}", network.addr()));
        }
        DhcpMode::None => {}
    }
}

fn list(addresses: &[Ipv4Addr]) -> String {
    addresses.iter().map(ToString::to_string).collect::<Vec<_>>().join(",")
}

fn options(cluster: &Cluster, out: &mut Lines) {
    let n = &cluster.network;
    match n.gateway {
        Some(gateway) => out.line(format_args!("dhcp-option=option:router,{gateway}")),
        None => out.line("dhcp-option=option:router"),
    }
    out.line(format_args!("dhcp-option=option:dns-server,{}", list(&cluster.name_servers())));
    if !cluster.time_servers().is_empty() {
        out.line(format_args!("dhcp-option=option:ntp-server,{}", list(&cluster.time_servers())));
    }
    for subnet in &cluster.subnets {
        subnet_options(cluster, subnet, out);
    }
}

/// The ranges and options of the subnets, for a dnsmasq of another node.
pub(super) fn subnets_for_another(cluster: &Cluster, out: &mut Lines) {
    for subnet in &cluster.subnets {
        subnet_range(DhcpMode::Server, subnet, out);
        subnet_options(cluster, subnet, out);
    }
}

/// The options of the machines of a subnet.
fn subnet_options(cluster: &Cluster, subnet: &Subnet, out: &mut Lines) {
    let (tag, place) = (format!("tag:subnet-{}", subnet.name), cluster.placement(subnet.gateway));
    out.line(format_args!("dhcp-option={tag},option:router,{}", subnet.gateway));
    out.line(format_args!("dhcp-option={tag},option:dns-server,{}", list(&place.name_servers())));
    if !place.ntp().is_empty() {
        out.line(format_args!("dhcp-option={tag},option:ntp-server,{}", list(&place.ntp())));
    }
    out.line(format_args!("dhcp-option={tag},option:domain-name,{}", place.domain()));
}
