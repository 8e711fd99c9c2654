// SPDX-License-Identifier: GPL-3.0-or-later
//! dhcpd.conf(5) and dhcp-eval(5).

use super::facts::{boot_files, reservations, second_stage};
use crate::config::Cluster;
use crate::host::Host;
use crate::render::dnsmasq::BootLoader;
use std::fmt::Write as _;

pub(super) fn lines(cluster: &Cluster, loaders: &[BootLoader], hosts: &[&Host]) -> String {
    let server = cluster.server();
    let mut out = String::from(
        "# Include it in dhcpd.conf, outside of all subnets.\n\
         option hps-architecture code 93 = unsigned integer 16;\n\
         option hps-ipxe code 175 = string;\n\n",
    );
    // Writing to a String cannot fail.
    let _infallible = writeln!(out, "if exists hps-ipxe {{\n    filename \"{}\";", second_stage(cluster));
    for file in boot_files(loaders) {
        // dhcpd compares bytes: 7 alone would be one byte, and never equal.
        let [high, low] = file.architecture.to_be_bytes();
        let _infallible = writeln!(out, "}} elsif option hps-architecture = {high:02x}:{low:02x} {{");
        match file.is_http {
            // Option 60, also to a client that does not ask for it.
            true => out.push_str(
                "    option vendor-class-identifier \"HTTPClient\";\n    option dhcp-parameter-request-list = \
                 concat(option dhcp-parameter-request-list, 3c);\n",
            ),
            false => {
                let _infallible = writeln!(out, "    next-server {server};");
            }
        }
        let _infallible = writeln!(out, "    filename \"{}\";", file.text(cluster));
    }
    out.push_str("}\n");
    for host in reservations(hosts) {
        let card = if host.card > 1 { format!("-card{}", host.card) } else { String::new() };
        let _infallible = writeln!(
            out,
            "host {name}{card} {{ hardware ethernet {mac}; fixed-address {address}; option host-name \"{name}\"; }}",
            name = host.name,
            mac = host.mac.colons(),
            address = host.address,
        );
    }
    out
}
