// SPDX-License-Identifier: GPL-3.0-or-later
//! What the answers are compared with: the interfaces of this machine, its gateways, its name, and the keys of the
//! person who runs the program.

use super::keys;
use crate::program;
use hps::exec::ip::{self, Interface};
use hps::types::{ClusterName, InterfaceName, SshKey};
use ipnet::Ipv4Net;
use std::collections::BTreeMap;
use std::net::Ipv4Addr;

/// These facts. They are read again before an answer that depends on them, since the person may correct them in another
/// terminal.
#[derive(Debug, Clone, Default)]
pub(super) struct Machine {
    pub(super) interfaces: Vec<Interface>,
    gateways: BTreeMap<InterfaceName, Ipv4Addr>,
    pub(super) name: Option<ClusterName>,
    pub(super) keys: Vec<SshKey>,
}

impl Machine {
    pub(super) fn look() -> anyhow::Result<Self> {
        let interfaces = ip::interfaces()?;
        let gateway = |interface: &Interface| {
            // Without routes there is no default; the question is asked all the same.
            let gateway = ip::default_gateway(&interface.name).unwrap_or_default()?;
            Some((interface.name.clone(), gateway))
        };
        let gateways = interfaces.iter().filter_map(gateway).collect();
        let name = program::node_name().filter(|name| name.as_str() != "localhost");
        Ok(Self { interfaces, gateways, name: name.and_then(|name| name.as_str().parse().ok()), keys: keys::own() })
    }

    pub(super) fn interface(&self, name: &InterfaceName) -> Option<&Interface> {
        self.interfaces.iter().find(|interface| interface.name == *name)
    }

    pub(super) fn addresses(&self, name: &InterfaceName) -> &[Ipv4Net] {
        self.interface(name).map_or(&[], |interface| &interface.addresses)
    }

    pub(super) fn gateway(&self, name: &InterfaceName) -> Option<Ipv4Addr> {
        self.gateways.get(name).copied()
    }

    /// Those with an address. The one with the default route is rarely that of the machines, and a second DHCP server
    /// does harm there. So it comes last.
    pub(super) fn with_address(&self) -> Vec<&Interface> {
        let mut found: Vec<&Interface> = self.interfaces.iter().filter(|i| !i.addresses.is_empty()).collect();
        found.sort_by_key(|interface| self.gateways.contains_key(&interface.name));
        found
    }

    /// `eth0 (10.0.0.1/24), eth1 (no address)`, for a message.
    pub(super) fn describe(&self) -> String {
        let all: Vec<String> = self.interfaces.iter().map(describe).collect();
        if all.is_empty() { "none".to_owned() } else { all.join(", ") }
    }
}

/// An interface with its addresses.
pub(super) fn describe(interface: &Interface) -> String {
    let addresses: Vec<String> = interface.addresses.iter().map(ToString::to_string).collect();
    let addresses = if addresses.is_empty() { "no address".to_owned() } else { addresses.join(", ") };
    format!("{} ({addresses})", interface.name)
}
