// SPDX-License-Identifier: GPL-3.0-or-later

use super::lines::Lines;
use super::places::Places;
use crate::config::{Cluster, DhcpMode};

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
    match n.gateway {
        Some(gateway) => out.line(format_args!("dhcp-option=option:router,{gateway}")),
        None => out.line("dhcp-option=option:router"),
    }
    let list =
        |addresses: &[std::net::Ipv4Addr]| addresses.iter().map(ToString::to_string).collect::<Vec<_>>().join(",");
    out.line(format_args!("dhcp-option=option:dns-server,{}", list(&cluster.name_servers())));
    if !n.ntp.is_empty() {
        out.line(format_args!("dhcp-option=option:ntp-server,{}", list(&n.ntp)));
    }
}
