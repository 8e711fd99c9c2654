// SPDX-License-Identifier: GPL-3.0-or-later
//! The network of hosts of a type: `[types.TYPE.network]` and `[[storage_network]]`.

use super::type_definition::{TypeDefinition, TypeFeature};
use crate::types::{HostType, InterfaceName, Mtu, NicPlace, VlanId, text_enum};
use ipnet::Ipv4Net;
use serde::Deserialize;
use std::fmt;
use std::net::Ipv4Addr;

/// The main network of hosts of a type: that of the cluster, which they boot from.
#[derive(Debug, Clone, PartialEq, Eq, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct HostNetwork {
    /// Its cards; several are a bond.
    pub nics: Nics,
    /// How several cards share the work.
    pub bond: BondMode,
    /// The bridge for guests; `none` for no bridge, if hosts of the type have one by default.
    pub bridge: Option<InterfaceName>,
    /// Where the installed system gets its address.
    pub addressing: Addressing,
}

/// The default bridge of compute hosts.
const GUEST_BRIDGE: &str = "br0";
const NO_BRIDGE: &str = "none";

impl HostNetwork {
    /// The name of the bridge over the main network, if there is one.
    pub fn bridge_of(&self, definition: &TypeDefinition) -> Option<&str> {
        match &self.bridge {
            Some(name) => Some(name.as_str()).filter(|name| *name != NO_BRIDGE),
            None => definition.has(TypeFeature::GuestBridge).then_some(GUEST_BRIDGE),
        }
    }
}

text_enum! {
    /// Where an installed system gets its address. The address is the same, because the registry reserves it.
    #[derive(Default)]
    Addressing, "addressing",

    /// It is written into its configuration.
    #[default]
    Static = "static",
    /// It asks for it.
    Dhcp = "dhcp",
}

/// A network between hosts, besides the main one, for storage traffic.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StorageNetwork {
    /// Its name in messages, and the interface of its VLAN on hosts.
    pub name: InterfaceName,
    /// Its addresses. A host's address is at the same place as its main one.
    #[serde(deserialize_with = "crate::types::network_by_serde")]
    pub network: Ipv4Net,
    /// Its tag; without one it has cards of its own.
    #[serde(default)]
    pub vlan: Option<VlanId>,
    /// Its cards, if they are not those of the main network.
    #[serde(default)]
    pub nics: Option<Nics>,
    /// How its own cards share the work, if there are several.
    #[serde(default)]
    pub bond: BondMode,
    /// Its largest packet.
    #[serde(default)]
    pub mtu: Option<Mtu>,
    /// The types whose hosts are on it.
    #[serde(default = "storage_types")]
    pub types: Vec<HostType>,
}

/// As many as the shell release numbered.
pub const MAX_STORAGE_NETWORKS: usize = 5;

fn storage_types() -> Vec<HostType> {
    vec![HostType::SCH, HostType::TCH]
}

impl StorageNetwork {
    /// The `number`th automatic network, from 1, of a cluster with this main network, besides `taken`. It is a VLAN
    /// over the cards of the main network. `None` if no private network is left.
    pub fn numbered(number: u16, main: Ipv4Net, taken: &[Ipv4Net]) -> Option<Self> {
        let length = main.prefix_len().clamp(16, 29);
        let size = 1_u32 << (32 - u32::from(length));
        // 10.100.0.0/16 has those of a /24; wider ones follow after it.
        let first = u32::from(Ipv4Addr::new(10, 100, 0, 0));
        let network = (1..=100)
            .filter_map(|place| Ipv4Net::new(Ipv4Addr::from(first + place * size), length).ok())
            .find(|net| std::iter::once(&main).chain(taken).all(|other| !overlap(net, other)))?;
        Some(Self {
            name: format!("storage{number}").parse().ok()?,
            network,
            vlan: VlanId::try_from(100 + i64::from(number)).ok(),
            nics: None,
            bond: BondMode::default(),
            mtu: None,
            types: storage_types(),
        })
    }

    /// The address of a host that has this one of the main network, with the length of the prefix.
    pub fn address_of(&self, address: Ipv4Addr, main: Ipv4Net) -> Ipv4Net {
        let place = u32::from(address) & u32::from(main.hostmask());
        let there = Ipv4Addr::from(u32::from(self.network.network()) | place);
        // The length is from a network that was read.
        Ipv4Net::new(there, self.network.prefix_len()).unwrap_or(self.network)
    }
}

/// Whether two networks share an address.
pub(super) fn overlap(one: &Ipv4Net, other: &Ipv4Net) -> bool {
    one.contains(&other.network()) || other.contains(&one.network())
}

/// Cards of a host: at least one, each once.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(try_from = "Vec<NicPlace>")]
pub struct Nics(Vec<NicPlace>);

impl Nics {
    /// In the order of the file.
    pub fn places(&self) -> &[NicPlace] {
        &self.0
    }
}

impl Default for Nics {
    /// The one that names the record.
    fn default() -> Self {
        Self(NicPlace::try_from(1).into_iter().collect())
    }
}

impl TryFrom<Vec<NicPlace>> for Nics {
    type Error = &'static str;

    fn try_from(places: Vec<NicPlace>) -> Result<Self, Self::Error> {
        if places.is_empty() {
            return Err("expected at least one card, such as [1]");
        }
        let mut sorted = places.clone();
        sorted.sort_unstable();
        sorted.dedup();
        if sorted.len() < places.len() {
            return Err("names one card twice");
        }
        Ok(Self(places))
    }
}

impl fmt::Display for Nics {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let places: Vec<String> = self.0.iter().map(ToString::to_string).collect();
        write!(f, "[{}]", places.join(", "))
    }
}

text_enum! {
    /// How the cards of a bond share the work, by the names of the kernel's bonding driver.
    #[derive(Default)]
    BondMode, "bonding mode",

    /// One card works, the others wait; works with any switch.
    #[default]
    ActiveBackup = "active-backup",
    /// LACP: the switch must be configured for it.
    Lacp = "802.3ad",
    /// By a hash of each packet's addresses; the switch must be configured for it.
    BalanceXor = "balance-xor",
    /// Outgoing traffic is shared, incoming is not; works with any switch.
    BalanceTlb = "balance-tlb",
    /// Both directions are shared; works with any switch.
    BalanceAlb = "balance-alb",
}
