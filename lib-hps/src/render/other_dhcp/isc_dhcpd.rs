// SPDX-License-Identifier: GPL-3.0-or-later
//! dhcpd.conf(5) and dhcp-eval(5).

use super::facts::{boot_file, joined, reservations, second_stage, subnets};
use crate::config::Cluster;
use crate::host::Host;
use crate::render::dnsmasq::{BootLoader, Cards, groups, offers};
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
    // The first branch that fits counts, so an offer for some cards comes before the one for all.
    for offer in offers(loaders) {
        // dhcpd compares bytes: 7 alone would be one byte, and never equal.
        let [high, low] = offer.architecture.number().to_be_bytes();
        let cards = groups(loaders).find(|(number, _)| Some(*number) == offer.group);
        let cards = cards.map_or_else(String::new, |(_, loader)| format!(" and ({})", has_card(&loader.cards)));
        let _infallible = writeln!(out, "}} elsif option hps-architecture = {high:02x}:{low:02x}{cards} {{");
        match offer.is_http() {
            // Option 60, also to a client that does not ask for it.
            true => out.push_str(
                "    option vendor-class-identifier \"HTTPClient\";\n    option dhcp-parameter-request-list = \
                 concat(option dhcp-parameter-request-list, 3c);\n",
            ),
            false => {
                let _infallible = writeln!(out, "    next-server {server};");
            }
        }
        let _infallible = writeln!(out, "    filename \"{}\";", boot_file(&offer, cluster));
    }
    out.push_str("}\n");
    for place in subnets(cluster) {
        let (network, range) = (place.network(), place.dhcp_range());
        let _infallible = writeln!(out, "# {place}");
        let _infallible = writeln!(out, "subnet {} netmask {} {{", network.addr(), network.netmask());
        let _infallible = writeln!(out, "    range {} {};", range.first(), range.last());
        if let Some(gateway) = place.gateway() {
            let _infallible = writeln!(out, "    option routers {gateway};");
        }
        let servers = [("domain-name-servers", place.name_servers()), ("ntp-servers", place.ntp())];
        for (option, addresses) in servers.iter().filter(|(_, addresses)| !addresses.is_empty()) {
            let _infallible = writeln!(out, "    option {option} {};", joined(addresses, ", "));
        }
        let _infallible = writeln!(out, "    option domain-name \"{}\";\n}}", place.domain());
    }
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

/// The first byte of `hardware` is its type.
fn has_card(cards: &Cards) -> String {
    let each = cards.first_bytes().into_iter().map(|bytes| {
        let text: Vec<_> = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
        format!("substring(hardware, 1, {}) = {}", bytes.len(), text.join(":"))
    });
    each.collect::<Vec<_>>().join(" or ")
}
