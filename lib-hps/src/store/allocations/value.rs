// SPDX-License-Identifier: GPL-3.0-or-later
//! A value that one host has for itself alone.

use crate::host::Host;
use crate::store::records::Key;
use crate::types::{HostName, MacAddr};
use std::net::Ipv4Addr;

/// A value that one host has for itself alone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Value {
    Address(Ipv4Addr),
    Name(HostName),
    /// A MAC beside the one that names the record.
    Mac(MacAddr),
}

impl Value {
    pub(super) fn key(&self) -> Key {
        match self {
            Self::Address(address) => Key::address(*address),
            Self::Name(name) => Key::host_name(name),
            Self::Mac(mac) => Key::further_mac(*mac),
        }
    }

    /// Whether a record has it.
    pub(super) fn is_in(&self, host: &Host) -> bool {
        match self {
            Self::Address(address) => host.address == Some(*address),
            Self::Name(name) => host.name.as_ref() == Some(name),
            Self::Mac(mac) => host.macs().any(|m| m == *mac),
        }
    }

    /// All values of a record.
    pub(super) fn all_of(host: &Host) -> Vec<Self> {
        let name = host.name.iter().cloned().map(Self::Name);
        let address = host.address.into_iter().map(Self::Address);
        let further = host.macs().filter(|mac| *mac != host.mac()).map(Self::Mac);
        name.chain(address).chain(further).collect()
    }
}
