// SPDX-License-Identifier: GPL-3.0-or-later
//! The configuration of dnsmasq (dnsmasq(8)): DHCP with the boot loader for each client architecture, TFTP, DNS.
//!
//! `dnsmasq --test` accepts an empty or truncated file, so each one ends with a marker line, which [`is_complete`]
//! looks for. The hosts are not in it: dnsmasq reads them from a folder that it watches, where a bad one does not
//! affect the others.

mod boot;
mod dhcp;
mod dns;
mod host_entry;
mod lines;
mod places;

pub use boot::BootLoader;
pub use host_entry::host_entry;
pub use places::Places;

use crate::config::Cluster;
use lines::Lines;

/// The last line of a whole configuration.
pub const END: &str = "# end of the dnsmasq configuration of HPS";

/// The whole configuration.
pub fn configuration(cluster: &Cluster, loaders: &[BootLoader], places: &Places<'_>) -> String {
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
    dns::write(cluster, &mut out);
    dhcp::write(cluster, places, &mut out);
    boot::write(cluster, loaders, places, &mut out);
    out.line(format_args!("\n{END}"));
    out.into_text()
}

/// Whether a configuration is whole.
pub fn is_complete(text: &str) -> bool {
    text.ends_with(&format!("\n{END}\n"))
}
