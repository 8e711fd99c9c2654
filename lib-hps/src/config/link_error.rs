// SPDX-License-Identifier: GPL-3.0-or-later
//! Networks and cards of a host that contradict each other.

use super::host_network::Nics;
use crate::types::{HostType, InterfaceName, NicPlace, VlanId};

/// One contradiction.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(super) enum LinkError {
    /// The main network is not on the card that hosts boot from.
    #[error("types.{host_type}.network.nics is {nics}: it must have card 1, because hosts boot from it")]
    FirstCard { host_type: HostType, nics: Nics },
    /// Two networks make different bonds of the same cards.
    #[error("storage_network {name} has another bond over {nics} than a network before it")]
    Bond { name: InterfaceName, nics: Nics },
    /// A card would be in two links.
    #[error(
        "storage_network {name} has the cards {nics}, but on {host_type} card {card} belongs to another link with other cards"
    )]
    Card { name: InterfaceName, nics: Nics, host_type: HostType, card: NicPlace },
    /// Two networks are on the same cards without a tag.
    #[error(
        "storage_network {name} has no vlan, but its cards carry another network without a tag on {host_type}: give it a vlan, or nics of its own"
    )]
    NoVlan { name: InterfaceName, host_type: HostType },
    /// Two networks on the same cards have the same tag.
    #[error("storage_network {name} and {other} both are VLAN {id} on the same cards")]
    SameVlan { name: InterfaceName, other: InterfaceName, id: VlanId },
    /// The packets do not fit the main network.
    #[error(
        "storage_network {name} has an MTU above that of the cards it shares with the main network, {mtu}: set network.mtu, or give it nics of its own"
    )]
    AboveMain { name: InterfaceName, mtu: u16 },
    /// The packets do not fit the storage network below.
    #[error("storage_network {name} has an MTU above that of {below}, on the same cards: {mtu}")]
    AboveStorage { name: InterfaceName, below: InterfaceName, mtu: u16 },
    /// A bridge has the name of a card.
    #[error("the bridge of {host_type} has the name of a card, {name}; expected one such as br0")]
    Bridge { host_type: HostType, name: String },
    /// Two interfaces have the same name.
    #[error("two interfaces of a {host_type} are called {name}: give the storage_network or the bridge another name")]
    SameName { host_type: HostType, name: String },
}
