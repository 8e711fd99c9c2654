// SPDX-License-Identifier: GPL-3.0-or-later
//! The lines for a DHCP server that HPS does not run (`dhcp = "none"`): the boot file of each client architecture,
//! iPXE's second stage, and the reservations of the hosts. Each text is complete, and its program's own checker accepts
//! it.

mod facts;
mod isc_dhcpd;
mod kea;
#[cfg(test)]
mod tests;

use super::dnsmasq::{self, BootLoader};
use crate::config::Cluster;
use crate::host::Host;
use crate::types::text_enum;

text_enum! {
    /// A DHCP server of another node.
    DhcpProgram, "DHCP server",

    /// dnsmasq.
    Dnsmasq = "dnsmasq",
    /// dhcpd of ISC.
    IscDhcpd = "isc-dhcpd",
    /// Kea of ISC.
    Kea = "kea",
}

/// The lines for this program.
pub fn lines(program: DhcpProgram, cluster: &Cluster, loaders: &[BootLoader], hosts: &[&Host]) -> String {
    let head = format!(
        "# Boot files and hosts of the HPS cluster {}, for {program}. Made by: reload --print {program}\n",
        cluster.name
    );
    let body = match program {
        DhcpProgram::Dnsmasq => dnsmasq::lines_for_another(cluster, loaders, hosts),
        DhcpProgram::IscDhcpd => isc_dhcpd::lines(cluster, loaders, hosts),
        DhcpProgram::Kea => kea::lines(cluster, loaders, hosts),
    };
    head + &body
}
