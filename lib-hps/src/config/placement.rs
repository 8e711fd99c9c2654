// SPDX-License-Identifier: GPL-3.0-or-later
//! What the address of a host decides: whether it is of the main network or of a subnet, and with that its netmask, its
//! gateway and its servers.

use super::cluster::Cluster;
use super::subnet::Subnet;
use crate::types::{DomainName, Ipv4Range, SubnetName};
use ipnet::Ipv4Net;
use std::fmt;
use std::net::Ipv4Addr;

/// A network of the cluster: the main one, or a subnet behind a relay.
#[derive(Debug, Clone, Copy)]
pub struct Placement<'a> {
    cluster: &'a Cluster,
    /// `None` for the main network.
    pub subnet: Option<&'a Subnet>,
}

/// An address that a host of the cluster cannot have.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum AddressError {
    /// It is of no network of the cluster.
    #[error(
        "{address} cannot be a host's address: expected an address of {networks} that is not this node's or the gateway's"
    )]
    Outside {
        /// The address.
        address: Ipv4Addr,
        /// The networks, for people.
        networks: String,
    },
    /// No subnet has this name.
    #[error("cluster {cluster} has no subnet {name}; it has: {known}")]
    NoSubnet {
        /// The cluster.
        cluster: String,
        /// The name.
        name: SubnetName,
        /// The names of all subnets, for people.
        known: String,
    },
}

impl Cluster {
    /// The main network.
    pub fn main_network(&self) -> Placement<'_> {
        Placement { cluster: self, subnet: None }
    }

    /// The network that an address is of. An address that is of none counts as one of the main network.
    pub fn placement(&self, address: Ipv4Addr) -> Placement<'_> {
        Placement { cluster: self, subnet: self.subnet_at(address) }
    }

    /// The subnet that an address is of.
    pub fn subnet_at(&self, address: Ipv4Addr) -> Option<&Subnet> {
        self.subnets.iter().find(|subnet| subnet.network.contains(&address))
    }

    /// The subnet of this name.
    ///
    /// # Errors
    /// [`AddressError::NoSubnet`].
    pub fn subnet(&self, name: &SubnetName) -> Result<&Subnet, AddressError> {
        self.subnets.iter().find(|subnet| subnet.name == *name).ok_or_else(|| {
            let known: Vec<&str> = self.subnets.iter().map(|subnet| subnet.name.as_str()).collect();
            let known = if known.is_empty() { "none".to_owned() } else { known.join(", ") };
            AddressError::NoSubnet { cluster: self.name.to_string(), name: name.clone(), known }
        })
    }

    /// The network that a host is in, by its address; the main one if it has none yet.
    pub fn placement_of_host(&self, address: Option<Ipv4Addr>) -> Placement<'_> {
        address.map_or(self.main_network(), |address| self.placement(address))
    }

    /// All networks, the main one first.
    pub fn placements(&self) -> impl Iterator<Item = Placement<'_>> {
        let subnets = self.subnets.iter().map(|subnet| Placement { cluster: self, subnet: Some(subnet) });
        std::iter::once(self.main_network()).chain(subnets)
    }

    /// Whether a host may have this address: one of the networks, and neither this node's nor a gateway's.
    ///
    /// # Errors
    /// Why not.
    pub fn takes_host(&self, address: Ipv4Addr) -> Result<(), AddressError> {
        if self.placement(address).takes_host(address) {
            return Ok(());
        }
        let networks: Vec<String> = self.placements().map(|place| place.network().to_string()).collect();
        Err(AddressError::Outside { address, networks: networks.join(" or ") })
    }
}

impl<'a> Placement<'a> {
    /// Its addresses, with the length of the prefix.
    pub fn network(self) -> Ipv4Net {
        self.subnet.map_or(self.cluster.network.address.trunc(), |subnet| subnet.network)
    }

    /// The default gateway of hosts.
    pub fn gateway(self) -> Option<Ipv4Addr> {
        self.subnet.map_or(self.cluster.network.gateway, |subnet| Some(subnet.gateway))
    }

    /// Addresses for unknown machines.
    pub fn dhcp_range(self) -> Ipv4Range {
        self.subnet.map_or(self.cluster.network.dhcp_range, |subnet| subnet.dhcp_range)
    }

    /// Addresses for hosts.
    pub fn host_range(self) -> Ipv4Range {
        self.subnet.map_or(self.cluster.network.host_range, |subnet| subnet.host_range)
    }

    /// Name servers of hosts; this node if none are named.
    pub fn name_servers(self) -> Vec<Ipv4Addr> {
        match self.subnet.filter(|subnet| !subnet.dns.is_empty()) {
            Some(subnet) => subnet.dns.clone(),
            None => self.cluster.name_servers(),
        }
    }

    /// Time servers of hosts.
    pub fn ntp(self) -> Vec<Ipv4Addr> {
        let own = self.subnet.map(|subnet| &subnet.ntp).filter(|ntp| !ntp.is_empty());
        own.cloned().unwrap_or_else(|| self.cluster.time_servers())
    }

    /// The domain of hosts.
    pub fn domain(self) -> &'a DomainName {
        self.subnet.and_then(|subnet| subnet.domain.as_ref()).unwrap_or(&self.cluster.network.domain)
    }

    /// Whether a host may have this address of it.
    pub fn takes_host(self, address: Ipv4Addr) -> bool {
        let network = self.network();
        network.contains(&address)
            && address != network.network()
            && address != network.broadcast()
            && address != self.cluster.server()
            && self.gateway() != Some(address)
    }

    /// What a key of it is called in messages: `network.host_range`, `host_range of subnet rack2`.
    pub fn key(self, key: &str) -> String {
        match self.subnet {
            None => format!("network.{key}"),
            Some(subnet) => format!("{key} of subnet {}", subnet.name),
        }
    }
}

/// Two are the same if they are the same network of one cluster.
impl PartialEq for Placement<'_> {
    fn eq(&self, other: &Self) -> bool {
        self.subnet.map(|subnet| &subnet.name) == other.subnet.map(|subnet| &subnet.name)
    }
}

/// `the main network` or `subnet rack2`.
impl fmt::Display for Placement<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.subnet {
            None => f.write_str("the main network"),
            Some(subnet) => write!(f, "subnet {}", subnet.name),
        }
    }
}
