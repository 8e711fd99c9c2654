// SPDX-License-Identifier: GPL-3.0-or-later
//! The JSON of kea-dhcp4 ("Kea Administrator Reference Manual", "The DHCPv4 Server"), which accepts comments. A whole
//! `Dhcp4` without interfaces and pools, because those are the site's.

use super::facts::{boot_files, reservations, second_stage};
use crate::config::Cluster;
use crate::host::Host;
use crate::render::dnsmasq::BootLoader;
use serde_json::{Value, json};

const IPXE: &str = "hps-ipxe";

pub(super) fn lines(cluster: &Cluster, loaders: &[BootLoader], hosts: &[&Host]) -> String {
    let server = cluster.server();
    let mut classes = vec![json!({
        "name": IPXE,
        "test": "option[175].exists",
        "boot-file-name": second_stage(cluster),
    })];
    for file in boot_files(loaders) {
        let test = format!("not member('{IPXE}') and option[93].hex == 0x{:04x}", file.architecture);
        let mut class = json!({
            "name": format!("hps-architecture-{}", file.architecture),
            "test": test,
            "boot-file-name": file.text(cluster),
        });
        let (key, value) = match file.is_http {
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
    let hosts: Vec<Value> = reservations(hosts)
        .iter()
        .map(|host| {
            json!({
                "hw-address": host.mac.colons(),
                "ip-address": host.address.to_string(),
                "hostname": host.name.as_str(),
            })
        })
        .collect();
    let net = cluster.network.address.trunc().to_string();
    let subnet = json!({ "id": 1, "subnet": net, "reservations": hosts });
    let whole = json!({
        "Dhcp4": { "client-classes": classes, "ip-reservations-unique": false, "subnet4": [subnet] },
    });
    format!(
        "# Merge the classes into client-classes, and the reservations into the subnet with this network.\n{whole:#}\n"
    )
}
