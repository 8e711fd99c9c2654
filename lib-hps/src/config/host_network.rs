// SPDX-License-Identifier: GPL-3.0-or-later
//! What hosts of a type are connected by: `[types.TYPE.network]` and `[[storage_network]]`.

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
    /// How several share the work.
    pub bond: BondMode,
    /// The bridge that guests are connected to; `none` where there is to be none, though hosts of the type have one by themselves.
    pub bridge: Option<InterfaceName>,
    /// Where the installed system has its address from.
    pub addressing: Addressing,
}

/// The bridge that compute hosts have by themselves.
const GUEST_BRIDGE: &str = "br0";
const NO_BRIDGE: &str = "none";

impl HostNetwork {
    /// The name of the bridge over the main network, where there is one.
    pub fn bridge_of(&self, host_type: HostType) -> Option<&str> {
        match &self.bridge {
            Some(name) => Some(name.as_str()).filter(|name| *name != NO_BRIDGE),
            None => (host_type == HostType::Tch).then_some(GUEST_BRIDGE),
        }
    }
}

text_enum! {
    /// Where an installed system has its address from. It is the same one, since the registry reserves it.
    #[derive(Default)]
    Addressing, "addressing",

    /// It is written into its configuration.
    #[default]
    Static = "static",
    /// It asks for it.
    Dhcp = "dhcp",
}

/// A network between hosts, beside the main one, for what goes to and from storage.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StorageNetwork {
    /// What messages call it, and the interface of its VLAN on hosts.
    pub name: InterfaceName,
    /// Its addresses. A host has the one at the place of its main address.
    #[serde(deserialize_with = "crate::types::network_by_serde")]
    pub network: Ipv4Net,
    /// Its tag; without one its cards are its own.
    #[serde(default)]
    pub vlan: Option<VlanId>,
    /// Its cards, where they are not those of the main network.
    #[serde(default)]
    pub nics: Option<Nics>,
    /// How several cards of its own share the work.
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
pub const MOST_STORAGE_NETWORKS: usize = 5;

fn storage_types() -> Vec<HostType> {
    vec![HostType::Sch, HostType::Tch]
}

impl StorageNetwork {
    /// Numbered by itself: the `number`th from 1 of a cluster whose main network is this; beside `taken`. It is a VLAN over the
    /// cards of the main network. `None` where no private network is left.
    pub fn numbered(number: u16, main: Ipv4Net, taken: &[Ipv4Net]) -> Option<Self> {
        let length = main.prefix_len().clamp(16, 29);
        let size = 1_u32 << (32 - u32::from(length));
        // 10.100.0.0/16 holds those of a /24; wider ones lie side by side behind it.
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
        // The length is that of a network that was read.
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

    /// One card works, the others wait; any switch will do.
    #[default]
    ActiveBackup = "active-backup",
    /// LACP: the switch must be set to it.
    Lacp = "802.3ad",
    /// By a hash of each packet's addresses; the switch must be set to it.
    BalanceXor = "balance-xor",
    /// What is sent is shared, what comes is not; any switch will do.
    BalanceTlb = "balance-tlb",
    /// Both are shared; any switch will do.
    BalanceAlb = "balance-alb",
}
