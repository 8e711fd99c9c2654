// SPDX-License-Identifier: GPL-3.0-or-later
//! A host by its MAC or its name.

use crate::program::{Ended, Exit};
use hps::host::Host;
use hps::store::Store;
use hps::types::{HostName, MacAddr};
use std::str::FromStr;

/// MAC or name, as it is typed.
#[derive(Debug, Clone)]
pub(super) enum HostArgument {
    Mac(MacAddr),
    Name(HostName),
}

impl FromStr for HostArgument {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        if let Ok(mac) = text.parse() {
            return Ok(Self::Mac(mac));
        }
        // Names are kept in lower case; nobody should have to remember that at night.
        let name = text.to_ascii_lowercase().parse();
        name.map(Self::Name)
            .map_err(|_| "expected a MAC, such as 52:54:00:12:34:56, or a host name, such as sch-001".to_owned())
    }
}

impl HostArgument {
    /// The MAC of the host.
    pub(super) fn mac(&self, store: &Store) -> anyhow::Result<MacAddr> {
        match self {
            Self::Mac(mac) => Ok(*mac),
            Self::Name(name) => store.mac_of(name)?.ok_or_else(|| {
                Ended::error(
                    Exit::NotFound,
                    format!("no host of cluster {} is called {name}; see: host-state list", store.cluster.name),
                )
            }),
        }
    }

    /// The record of the host.
    pub(super) fn host(&self, store: &Store) -> anyhow::Result<Host> {
        let mac = self.mac(store)?;
        store.host(mac)?.ok_or_else(|| {
            Ended::error(
                Exit::NotFound,
                format!("cluster {} has no host {}; see: host-state list", store.cluster.name, mac.colons()),
            )
        })
    }
}
