// SPDX-License-Identifier: GPL-3.0-or-later
//! `[[subnet]]`: a network behind a DHCP relay (RFC 2131, section 4.3.1, `giaddr`).
//!
//! Machines there reach this node through a router. Their addresses are of the subnet, and so are the gateway and the
//! options that they get.

use super::address::{address, addresses};
use crate::types::{DomainName, HostType, Ipv4Range, MacAddr, MacPrefix, SubnetName, network_by_serde, text_enum};
use ipnet::Ipv4Net;
use serde::Deserialize;
use std::net::Ipv4Addr;

/// A network behind a relay.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Subnet {
    /// Its name in commands and messages, and in a tag of dnsmasq.
    pub name: SubnetName,
    /// Its addresses.
    #[serde(deserialize_with = "network_by_serde")]
    pub network: Ipv4Net,
    /// Addresses for unknown machines.
    pub dhcp_range: Ipv4Range,
    /// Addresses that are reserved for hosts, one each, permanently.
    pub host_range: Ipv4Range,
    /// The router through which hosts reach this node.
    #[serde(deserialize_with = "address")]
    pub gateway: Ipv4Addr,
    /// Name servers of hosts; empty means those of `[network]`.
    #[serde(default, deserialize_with = "addresses")]
    pub dns: Vec<Ipv4Addr>,
    /// Time servers of hosts; empty means those of `[network]`.
    #[serde(default, deserialize_with = "addresses")]
    pub ntp: Vec<Ipv4Addr>,
    /// The domain of hosts; without it that of `[network]`.
    #[serde(default)]
    pub domain: Option<DomainName>,
    /// The types whose hosts get an address of it; without it all types.
    #[serde(default)]
    pub types: Option<Vec<HostType>>,
    /// How the MACs of hosts begin that get an address of it; empty means any MAC.
    #[serde(default)]
    pub mac_prefixes: Vec<MacPrefix>,
    /// What proves that a request comes from a host.
    #[serde(default)]
    pub identity: SubnetIdentity,
}

text_enum! {
    /// What proves that a request from a subnet comes from a host. The neighbour table has only the router.
    #[derive(Default)]
    SubnetIdentity, "identity",

    /// The lease that dnsmasq of this node gave.
    #[default]
    Lease = "lease",
    /// The address that is reserved for the host: for a DHCP server that is not this node.
    Address = "address",
}

impl Subnet {
    /// Whether a host of this type with this MAC may get an address of it.
    ///
    /// # Errors
    /// Why not.
    pub fn takes(&self, host_type: HostType, mac: MacAddr) -> Result<(), SubnetError> {
        if self.types.as_ref().is_some_and(|types| !types.contains(&host_type)) {
            return Err(SubnetError::Type { name: self.name.clone(), host_type });
        }
        if !self.mac_prefixes.is_empty() && !self.mac_prefixes.iter().any(|prefix| prefix.matches(mac)) {
            return Err(SubnetError::Mac { name: self.name.clone(), mac });
        }
        Ok(())
    }
}

/// Why a host gets no address of a subnet.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SubnetError {
    /// Its type is not one of the subnet.
    #[error("subnet {name} is not for {host_type}; to change that: types in its [[subnet]] section")]
    Type {
        /// The subnet.
        name: SubnetName,
        /// The type.
        host_type: HostType,
    },
    /// Its MAC does not begin as the subnet expects.
    #[error("subnet {name} is not for the MAC {}; to change that: mac_prefixes in its [[subnet]] section", mac.colons())]
    Mac {
        /// The subnet.
        name: SubnetName,
        /// The MAC.
        mac: MacAddr,
    },
}
