// SPDX-License-Identifier: GPL-3.0-or-later
//! The configuration of dnsmasq (dnsmasq(8)): DHCP with the boot loader for each client architecture, TFTP, DNS.
//!
//! `dnsmasq --test` accepts an empty or truncated file, so each one ends with a marker line, which [`is_complete`]
//! looks for. The hosts are not in it: dnsmasq reads their reservations and names from two folders that it watches,
//! where a bad one does not affect the others.

mod aliases;
mod boot;
mod boot_loader;
mod dhcp;
mod dns;
mod host_entry;
mod host_names;
mod lines;
mod places;
mod preferred;
#[cfg(test)]
mod tests;

pub use boot_loader::{BootLoader, Cards};
pub(super) use boot_loader::{Offer, groups, offers};
pub use host_entry::host_entry;
pub use host_names::host_names;
pub use places::Places;
pub use preferred::preferred;

use crate::config::Cluster;
use crate::host::Host;
use crate::types::HostName;
use lines::Lines;

/// The last line of a whole configuration.
pub const END: &str = "# end of the dnsmasq configuration of HPS";

/// The whole configuration. `node` is the name of this node, if no host has it.
pub fn configuration(
    cluster: &Cluster,
    loaders: &[BootLoader],
    places: &Places<'_>,
    node: Option<&HostName>,
) -> String {
    let mut out = Lines::default();
    out.line(format_args!(
        "# Written by reload from the cluster {}. Changes are lost; edit the cluster file.",
        cluster.name
    ));
    out.line(format_args!("interface={}", cluster.network.interface));
    out.line(format_args!("listen-address={}", cluster.server()));
    out.line("bind-interfaces");
    out.line("except-interface=lo");
    out.line(format_args!("pid-file={}", places.pid.display()));
    out.line(format_args!("log-facility={}", places.log.display()));
    dns::write(cluster, places, node, &mut out);
    dhcp::write(cluster, places, &mut out);
    boot::write(cluster, loaders, places, &mut out);
    out.line(format_args!("\n{END}"));
    out.into_text()
}

/// The lines for a dnsmasq that is another node's: boot loaders by architecture, iPXE's second stage, and the hosts.
pub fn lines_for_another(cluster: &Cluster, loaders: &[BootLoader], hosts: &[&Host]) -> String {
    let mut out = Lines::default();
    boot::tags(loaders.iter().flat_map(|loader| loader.architectures.iter().copied()), &mut out);
    boot::clients(cluster, loaders, &mut out);
    dhcp::subnets_for_another(cluster, &mut out);
    for entry in hosts.iter().filter_map(|host| host_entry(host)) {
        out.line(format_args!("dhcp-host={}", entry.trim_end()));
    }
    out.into_text()
}

/// Whether a configuration is whole.
pub fn is_complete(text: &str) -> bool {
    text.ends_with(&format!("\n{END}\n"))
}
