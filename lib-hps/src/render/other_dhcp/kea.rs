// SPDX-License-Identifier: GPL-3.0-or-later
//! The JSON of kea-dhcp4 ("Kea Administrator Reference Manual", "The DHCPv4 Server"), which accepts comments. A whole
//! `Dhcp4` without interfaces and pools, because those are the site's.

use super::facts::{boot_file, joined, reservations, second_stage, subnets};
use crate::config::{Cluster, Placement};
use crate::host::Host;
use crate::render::dnsmasq::{BootLoader, Cards, groups, offers};
use serde_json::{Value, json};
use std::fmt::Write as _;
use std::net::Ipv4Addr;

const IPXE: &str = "hps-ipxe";

pub(super) fn lines(cluster: &Cluster, loaders: &[BootLoader], hosts: &[&Host]) -> String {
    let server = cluster.server();
    let mut classes = vec![json!({
        "name": IPXE,
        "test": "option[175].exists",
        "boot-file-name": second_stage(cluster),
    })];
    for (group, loader) in groups(loaders) {
        classes.push(json!({ "name": cards_class(group), "test": has_card(&loader.cards) }));
    }
    for offer in offers(loaders) {
        let number = offer.architecture.number();
        let mut test = format!("not member('{IPXE}') and option[93].hex == 0x{number:04x}");
        let mut name = format!("hps-architecture-{number}");
        if let Some(group) = offer.group {
            let _infallible = write!(test, " and member('{}')", cards_class(group));
            let _infallible = write!(name, "-cards-{group}");
        }
        for group in &offer.not {
            let _infallible = write!(test, " and not member('{}')", cards_class(*group));
        }
        let mut class = json!({ "name": name, "test": test, "boot-file-name": boot_file(&offer, cluster) });
        let (key, value) = match offer.is_http() {
            true => {
                let echo = json!({ "name": "vendor-class-identifier", "data": "HTTPClient", "always-send": true });
                ("option-data", json!([echo]))
            }
            false => ("next-server", Value::String(server.to_string())),
        };
        if let Some(class) = class.as_object_mut() {
            class.insert(key.to_owned(), value);
        }
        classes.push(class);
    }
    // Kea refuses a second reservation of one address unless it is told that several cards may share it.
    let all = reservations(hosts);
    let hosts_of = |place: Placement<'_>| -> Vec<Value> {
        let here = all.iter().filter(|host| cluster.placement(host.address) == place);
        here.map(|host| {
            json!({
                "hw-address": host.mac.colons(),
                "ip-address": host.address.to_string(),
                "hostname": host.name.as_str(),
            })
        })
        .collect()
    };
    let main = cluster.main_network();
    let net = main.network().to_string();
    let mut networks = vec![json!({ "id": 1, "subnet": net, "reservations": hosts_of(main) })];
    for (place, id) in subnets(cluster).zip(2..) {
        let range = place.dhcp_range();
        networks.push(json!({
            "id": id,
            "subnet": place.network().to_string(),
            "pools": [{ "pool": format!("{} - {}", range.first(), range.last()) }],
            "option-data": options(place),
            "reservations": hosts_of(place),
        }));
    }
    let whole = json!({
        "Dhcp4": { "client-classes": classes, "ip-reservations-unique": false, "subnet4": networks },
    });
    format!(
        "# Merge the classes into client-classes, and the reservations into the subnet with this network.\n{whole:#}\n"
    )
}

fn cards_class(group: usize) -> String {
    format!("hps-cards-{group}")
}

fn has_card(cards: &Cards) -> String {
    let each = cards.first_bytes().into_iter().map(|bytes| {
        let text: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
        format!("substring(pkt4.mac, 0, {}) == 0x{text}", bytes.len())
    });
    each.collect::<Vec<_>>().join(" or ")
}

/// The options of a subnet.
fn options(place: Placement<'_>) -> Vec<Value> {
    let gateway: Vec<Ipv4Addr> = place.gateway().into_iter().collect();
    let lists = [("routers", gateway), ("domain-name-servers", place.name_servers()), ("ntp-servers", place.ntp())];
    let mut all: Vec<Value> = lists
        .iter()
        .filter(|(_, addresses)| !addresses.is_empty())
        .map(|(name, addresses)| json!({ "name": name, "data": joined(addresses, ", ") }))
        .collect();
    all.push(json!({ "name": "domain-name", "data": place.domain().to_string() }));
    all
}
