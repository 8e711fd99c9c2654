// SPDX-License-Identifier: GPL-3.0-or-later
//! The configuration of dnsmasq (dnsmasq(8)): DHCP with the boot loader for each client architecture, TFTP, DNS.
//!
//! `dnsmasq --test` accepts an empty or truncated file, so each one ends with a marker line, which [`is_complete`]
//! looks for. The hosts are not in it: dnsmasq reads them from a folder that it watches, where a bad one does not
//! affect the others.

use crate::config::Cluster;
use crate::host::Host;
use std::fmt::Write as _;
use std::path::Path;

/// The last line of a whole configuration.
pub const END: &str = "# end of the dnsmasq configuration of HPS";

/// A boot loader for one kind of client, by its architecture in DHCP option 93 (RFC 4578, and later IANA's list).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BootLoader {
    /// The file in the TFTP folder.
    pub file: String,
    /// The architectures it serves.
    pub architectures: Vec<u16>,
    /// Those of them that fetch it by HTTP (RFC 5970) instead of TFTP.
    pub http_architectures: Vec<u16>,
}

/// Where dnsmasq reads and writes its files.
#[derive(Debug)]
pub struct Places<'a> {
    /// The TFTP folder.
    pub tftp: &'a Path,
    /// The folder of reservations.
    pub hosts: &'a Path,
    /// The lease file.
    pub leases: &'a Path,
    /// The log file.
    pub log: &'a Path,
    /// The pid file.
    pub pid: &'a Path,
}

/// The whole configuration.
pub fn configuration(cluster: &Cluster, loaders: &[BootLoader], places: &Places<'_>) -> String {
    let n = &cluster.network;
    let (server, net) = (cluster.server(), n.address.trunc());
    let mut out = Lines(String::new());
    out.line(format_args!(
        "# Written by reload from the cluster {}. Changes are lost; edit the cluster file.",
        cluster.name
    ));
    out.line(format_args!("interface={}", n.interface));
    out.line(format_args!("listen-address={server}"));
    out.line("bind-interfaces");
    out.line("except-interface=lo");
    out.line(format_args!("pid-file={}", places.pid.display()));
    out.line(format_args!("log-facility={}", places.log.display()));

    out.line("\n# DNS");
    out.line("no-hosts");
    out.line("domain-needed");
    out.line("bogus-priv");
    out.line(format_args!("domain={}", n.domain));
    out.line(format_args!("local=/{}/", n.domain));
    out.line(format_args!("host-record=ips.{},{server}", n.domain));

    out.line("\n# DHCP");
    out.line("dhcp-authoritative");
    // Firmware, iPXE, installer and system send different client identifiers; a host keeps one address through all of
    // them.
    out.line("dhcp-ignore-clid");
    out.line("no-ping");
    out.line("log-dhcp");
    out.line(format_args!("dhcp-range={},{},{},1h", n.dhcp_range.first(), n.dhcp_range.last(), net.netmask()));
    out.line(format_args!("dhcp-lease-max={}", 4096));
    out.line(format_args!("dhcp-leasefile={}", places.leases.display()));
    out.line(format_args!("dhcp-hostsdir={}", places.hosts.display()));
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

    out.line("\n# Boot: firmware gets iPXE for its architecture, iPXE gets the boot manager");
    out.line("enable-tftp");
    out.line(format_args!("tftp-root={}", places.tftp.display()));
    out.line("dhcp-match=set:ipxe,175");
    for loader in loaders {
        for code in loader.architectures.iter().filter(|code| !loader.http_architectures.contains(code)) {
            out.line(format_args!("dhcp-match=set:arch{code},option:client-arch,{code}"));
            out.line(format_args!("dhcp-boot=tag:arch{code},tag:!ipxe,{},,{server}", loader.file));
        }
        for code in &loader.http_architectures {
            out.line(format_args!("dhcp-match=set:arch{code},option:client-arch,{code}"));
            // A client that boots by HTTP accepts only an answer that says so.
            out.line(format_args!("dhcp-option-force=tag:arch{code},tag:!ipxe,60,HTTPClient"));
            out.line(format_args!("dhcp-boot=tag:arch{code},tag:!ipxe,{}/boot/{}", cluster.base_url(), loader.file));
        }
    }
    out.line(format_args!("dhcp-boot=tag:ipxe,{}?cmd=init", cluster.boot_manager_url()));
    out.line(format_args!("\n{END}"));
    out.0
}

/// Whether a configuration is whole.
pub fn is_complete(text: &str) -> bool {
    text.ends_with(&format!("\n{END}\n"))
}

/// The reservation of a host, as a file of `dhcp-hostsdir`; `None` if it has no address or name yet.
pub fn host_entry(host: &Host) -> Option<String> {
    let (address, name) = (host.address?, host.name.as_ref()?);
    let macs: Vec<String> = host.macs().map(crate::types::MacAddr::colons).collect();
    Some(format!("{},{address},{name}\n", macs.join(",")))
}

struct Lines(String);

impl Lines {
    fn line(&mut self, line: impl std::fmt::Display) {
        // Writing to a String cannot fail.
        let _infallible = writeln!(self.0, "{line}");
    }
}
