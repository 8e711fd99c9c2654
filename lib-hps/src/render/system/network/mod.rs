// SPDX-License-Identifier: GPL-3.0-or-later
//! The network of a host: its cards by their MACs, whatever the kernel calls them, bonds, bridge, VLANs, addresses; as
//! systemd-networkd (Debian) and NetworkManager (Rocky, AlmaLinux) read it.

mod keyfile;
mod networkd;

use super::{Becoming, MADE, PlacedFile};
use crate::config::{Addressing, BondMode, Cluster, StorageNetwork, Untagged};
use crate::host::Host;
use crate::types::{HostType, MacAddr, Method, Mtu, VlanId};
use ipnet::Ipv4Net;
use std::net::Ipv4Addr;

/// The network of one host.
struct Plan {
    links: Vec<Link>,
    domain: String,
    name_servers: Vec<Ipv4Addr>,
    /// What identifiers are made from.
    seed: String,
}

/// A card, or several as a bond. It has the MAC of its first one, whatever is made over it: the registry knows hosts by it.
struct Link {
    cards: Vec<MacAddr>,
    bond: Option<(String, BondMode)>,
    mtu: Option<Mtu>,
    bridge: Option<String>,
    address: Option<Address>,
    vlans: Vec<Vlan>,
}

/// An address that is on no VLAN.
enum Address {
    Main { address: Ipv4Net, gateway: Option<Ipv4Addr>, addressing: Addressing },
    Storage(Ipv4Net),
}

struct Vlan {
    name: String,
    id: VlanId,
    mtu: Option<Mtu>,
    address: Ipv4Net,
}

impl Link {
    fn mac(&self) -> Option<MacAddr> {
        self.cards.first().copied()
    }
}

/// The files that make it.
///
/// # Errors
/// A card that is missing in the record.
pub(super) fn files(host: &Becoming<'_>) -> Result<Vec<PlacedFile>, String> {
    let plan = Plan::new(host.cluster, host.host, host.host_type(), host.address)?;
    Ok(match host.family() {
        Method::Image => {
            let mut files = networkd::files(&plan);
            files.push(resolv_conf(&plan));
            files
        }
        Method::Kickstart => keyfile::files(&plan),
    })
}

impl Plan {
    fn new(cluster: &Cluster, host: &Host, host_type: HostType, main: Ipv4Addr) -> Result<Self, String> {
        let network = &cluster.network;
        let macs: Vec<MacAddr> = host.macs().collect();
        cluster.has_cards(host_type, &host.label(), macs.len())?;
        let there = |storage: &StorageNetwork| storage.address_of(main, network.address);
        let links = cluster.links(host_type)?.into_iter().map(|link| {
            let card = |place: u16| macs.get(usize::from(place).checked_sub(1)?).copied();
            let vlans = link.vlans.iter().map(|vlan| Vlan {
                name: vlan.network.name.to_string(),
                id: vlan.id,
                mtu: vlan.network.mtu,
                address: there(vlan.network),
            });
            let (bridge, address) = match link.untagged {
                Some(Untagged::Main { bridge, addressing }) => {
                    let address = Ipv4Net::new(main, network.address.prefix_len()).map_err(|e| e.to_string())?;
                    let main = Address::Main { address, gateway: network.gateway, addressing };
                    (bridge.map(str::to_owned), Some(main))
                }
                Some(Untagged::Storage(storage)) => (None, Some(Address::Storage(there(storage)))),
                None => (None, None),
            };
            Ok(Link {
                cards: link.nics.iter().filter_map(|nic| card(nic.get())).collect(),
                bond: link.bond.map(|bond| (bond.name, bond.mode)),
                mtu: link.mtu,
                bridge,
                address,
                vlans: vlans.collect(),
            })
        });
        Ok(Self {
            links: links.collect::<Result<_, String>>()?,
            domain: network.domain.to_string(),
            name_servers: cluster.name_servers(),
            seed: format!("{} {}", cluster.name, host.mac()),
        })
    }
}

fn resolv_conf(plan: &Plan) -> PlacedFile {
    let mut text = format!("{MADE}search {}\n", plan.domain);
    for server in &plan.name_servers {
        text.push_str(&format!("nameserver {server}\n"));
    }
    PlacedFile::new("etc/resolv.conf", text)
}

#[cfg(test)]
#[path = "tests.rs"]
mod tests;
