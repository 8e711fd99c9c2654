// SPDX-License-Identifier: GPL-3.0-or-later
//! Files of NetworkManager: nm-settings-keyfile(5). Profiles refer to each other by UUIDs, because the kernel's names
//! of the cards are not known here. The UUIDs are derived from the host, so they are the same in each answer.

use super::super::placed_file::{MADE, PlacedFile};
use super::plan::{Address, Link, Plan};
use crate::config::Addressing;
use crate::types::{Mtu, Sha256Digest};
use ipnet::Ipv4Net;
use std::net::Ipv4Addr;

const FOLDER: &str = "etc/NetworkManager/system-connections/hps-";

pub(super) fn files(plan: &Plan) -> Vec<PlacedFile> {
    let mut files = Vec::new();
    let mut number = 0;
    for link in &plan.links {
        let mut holder = holder(link, plan);
        let mtu = mtu(link.mtu);
        let mac = link.mac().map_or_else(String::new, |mac| format!("cloned-mac-address={}\n", mac.colons()));
        if let Some(bridge) = &link.bridge {
            let more = format!("[bridge]\nstp=false\n\n[ethernet]\n{mac}{mtu}\n{holder}");
            files.push(profile(plan, bridge, "bridge", Some(bridge), &[], &more));
            holder = String::new();
        }
        // A member of a bridge or a bond has no addresses of its own.
        let port = |of: &str, kind: &str| vec![format!("master={}", uuid(plan, of)), format!("slave-type={kind}")];
        let mut belongs = link.bridge.as_ref().map_or_else(Vec::new, |bridge| port(bridge, "bridge"));
        let parent = match &link.bond {
            Some((bond, mode)) => {
                let more = format!("[bond]\nmode={mode}\nmiimon=100\n\n[ethernet]\n{mac}{mtu}\n{holder}");
                files.push(profile(plan, bond, "bond", Some(bond), &belongs, &more));
                belongs = port(bond, "bond");
                holder = String::new();
                bond.clone()
            }
            None => format!("nic{}", number + 1),
        };
        for card in &link.cards {
            number += 1;
            let more = format!("[ethernet]\nmac-address={}\n{mtu}\n{holder}", card.colons());
            files.push(profile(plan, &format!("nic{number}"), "ethernet", None, &belongs, &more));
        }
        for vlan in &link.vlans {
            let own = vlan.mtu.map_or_else(String::new, |size| format!("[ethernet]\nmtu={size}\n\n"));
            let more = format!(
                "[vlan]\nid={}\nparent={}\n\n{own}{}",
                vlan.id,
                uuid(plan, &parent),
                fixed(vlan.address, None, "")
            );
            files.push(profile(plan, &vlan.name, "vlan", Some(&vlan.name), &[], &more));
        }
    }
    files
}

fn mtu(size: Option<Mtu>) -> String {
    size.map_or_else(String::new, |size| format!("mtu={size}\n"))
}

fn profile(plan: &Plan, name: &str, kind: &str, interface: Option<&str>, belongs: &[String], more: &str) -> PlacedFile {
    let mut text = format!("{MADE}[connection]\nid={name}\nuuid={}\ntype={kind}\n", uuid(plan, name));
    for line in interface.map(|name| format!("interface-name={name}")).iter().chain(belongs) {
        text.push_str(line);
        text.push('\n');
    }
    text.push('\n');
    text.push_str(more.trim_end());
    text.push('\n');
    // NetworkManager ignores a file that others may read.
    PlacedFile::secret(format!("{FOLDER}{name}.nmconnection"), text)
}

/// The sections of the connection with the address.
fn holder(link: &Link, plan: &Plan) -> String {
    match &link.address {
        Some(Address::Main { address, gateway, addressing: Addressing::Static }) => {
            fixed(*address, *gateway, &dns(plan))
        }
        Some(Address::Main { addressing: Addressing::Dhcp, .. }) => {
            format!("[ipv4]\nmethod=auto\ndhcp-client-id=mac\nignore-auto-dns=true\n{}\n{NO_IPV6}", dns(plan))
        }
        Some(Address::Storage(address)) => fixed(*address, None, ""),
        None => format!("[ipv4]\nmethod=disabled\n\n{NO_IPV6}"),
    }
}

/// Only its own addresses: routers that were not configured have no effect.
const NO_IPV6: &str = "[ipv6]\nmethod=link-local\n";

fn fixed(address: Ipv4Net, gateway: Option<Ipv4Addr>, more: &str) -> String {
    let gateway = gateway.map_or_else(String::new, |gateway| format!("gateway={gateway}\n"));
    format!("[ipv4]\nmethod=manual\naddress1={address}\n{gateway}{more}\n{NO_IPV6}")
}

fn dns(plan: &Plan) -> String {
    let servers: String = plan.name_servers.iter().map(|server| format!("{server};")).collect();
    format!("dns={servers}\ndns-search={};\n", plan.domain)
}

/// A UUID of version 8 (RFC 9562, 5.8), derived from a digest.
fn uuid(plan: &Plan, name: &str) -> String {
    let hex = Sha256Digest::hash(format!("connection {} {name}", plan.seed).as_bytes()).to_string();
    let part = |from: usize, to: usize| hex.get(from..to).unwrap_or_default();
    format!("{}-{}-8{}-8{}-{}", part(0, 8), part(8, 12), part(13, 16), part(17, 20), part(20, 32))
}
