// SPDX-License-Identifier: GPL-3.0-or-later
//! The network of one host as links. Both kinds of files are made from them.

use crate::config::{self, Addressing, BondMode, Cluster, StorageNetwork, Untagged};
use crate::host::Host;
use crate::render::system::error::SystemError;
use crate::types::{HostType, MacAddr, Mtu, VlanId};
use ipnet::Ipv4Net;
use std::net::Ipv4Addr;

/// The network of one host.
pub(super) struct Plan {
    pub(super) links: Vec<Link>,
    pub(super) domain: String,
    pub(super) name_servers: Vec<Ipv4Addr>,
    /// The base of its identifiers.
    pub(super) seed: String,
}

/// A card, or several as a bond. Its MAC is that of its first card, also below a bridge or VLAN: the registry knows
/// hosts by this MAC.
pub(super) struct Link {
    pub(super) cards: Vec<MacAddr>,
    pub(super) bond: Option<(String, BondMode)>,
    pub(super) mtu: Option<Mtu>,
    pub(super) bridge: Option<String>,
    pub(super) address: Option<Address>,
    pub(super) vlans: Vec<Vlan>,
}

/// An address that is on no VLAN.
pub(super) enum Address {
    Main { address: Ipv4Net, gateway: Option<Ipv4Addr>, addressing: Addressing },
    Storage(Ipv4Net),
}

pub(super) struct Vlan {
    pub(super) name: String,
    pub(super) id: VlanId,
    pub(super) mtu: Option<Mtu>,
    pub(super) address: Ipv4Net,
}

impl Link {
    pub(super) fn mac(&self) -> Option<MacAddr> {
        self.cards.first().copied()
    }
}

impl Plan {
    /// `boot` is the card that the host is installed over.
    pub(super) fn new(
        cluster: &Cluster,
        host: &Host,
        host_type: HostType,
        main: Ipv4Addr,
        boot: MacAddr,
    ) -> Result<Self, SystemError> {
        let place = cluster.placement(main);
        let mut macs: Vec<MacAddr> = host.macs().collect();
        cluster.has_cards(host_type, Some(main), &host.label(), macs.len())?;
        let links = cluster.links(host_type, Some(main))?;
        swap_boot_card(&mut macs, boot, &links);
        let there = |storage: &StorageNetwork| storage.address_of(main, cluster.network.address);
        let links = links.into_iter().map(|link| {
            let card = |place: u16| macs.get(usize::from(place).checked_sub(1)?).copied();
            let vlans = link.vlans.iter().map(|vlan| Vlan {
                name: vlan.network.name.to_string(),
                id: vlan.id,
                mtu: vlan.network.mtu,
                address: there(vlan.network),
            });
            let (bridge, address) = match link.untagged {
                Some(Untagged::Main { bridge, addressing }) => {
                    let address = Ipv4Net::new(main, place.network().prefix_len())?;
                    let main = Address::Main { address, gateway: place.gateway(), addressing };
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
            links: links.collect::<Result<_, SystemError>>()?,
            domain: place.domain().to_string(),
            name_servers: place.name_servers(),
            seed: format!("{} {}", cluster.name, host.mac()),
        })
    }
}

/// A main network of one card is on the card that the machine is installed over: that one has a cable. If the cluster
/// file has another use for that card, the two cards change places. In a bond each card leads to the host.
fn swap_boot_card(macs: &mut [MacAddr], boot: MacAddr, links: &[config::Link<'_>]) {
    let main = links.iter().find(|link| matches!(link.untagged, Some(Untagged::Main { .. })));
    let Some([card]) = main.map(|link| link.nics) else { return };
    let main = usize::from(card.get()).checked_sub(1).filter(|place| *place < macs.len());
    if let (Some(main), Some(boot)) = (main, macs.iter().position(|mac| *mac == boot)) {
        macs.swap(main, boot);
    }
}
