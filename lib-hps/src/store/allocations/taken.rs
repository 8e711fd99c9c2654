// SPDX-License-Identifier: GPL-3.0-or-later
//! That an address, a name or a MAC belongs to another host, and to which.

use super::Allocations;
use super::value::Value;
use crate::store::StoreError;
use crate::store::records::Key;
use crate::types::{HostName, MacAddr};

const ANOTHER_HOST: &str = "another host";

impl Allocations<'_> {
    /// What messages call the host of a record that may be gone.
    pub(in crate::store) fn label_of(self, mac: MacAddr) -> String {
        self.hosts().own(mac).ok().flatten().map_or_else(|| mac.colons(), |(host, _)| host.label())
    }

    pub(in crate::store) fn mac_taken(mac: MacAddr, holder: &str) -> StoreError {
        let mac = mac.colons();
        StoreError::Taken(format!("MAC {mac} belongs to {holder}; if it is the same machine: host-state rm {mac}"))
    }

    /// That a value belongs to another host.
    pub(super) fn taken(self, value: &Value) -> StoreError {
        match value {
            Value::Name(name) => {
                let holder = self.holder_of_name(name).ok().flatten();
                let holder = holder.map_or_else(|| ANOTHER_HOST.to_owned(), |mac| format!("host {}", mac.colons()));
                StoreError::Taken(format!("host name {name} belongs to {holder}"))
            }
            Value::Address(address) => {
                let holder = self.holder_of_address(*address).ok().flatten();
                let holder =
                    holder.map_or_else(|| ANOTHER_HOST.to_owned(), |mac| format!("host {}", self.label_of(mac)));
                StoreError::Taken(format!("address {address} belongs to {holder}"))
            }
            Value::Mac(mac) => {
                let holder = self.hosts().holder_of_mac(*mac).ok().flatten();
                Self::mac_taken(*mac, &holder.map_or_else(|| ANOTHER_HOST.to_owned(), |mac| self.label_of(mac)))
            }
        }
    }

    /// The host whose record confirms that it has a name.
    fn holder_of_name(self, name: &HostName) -> Result<Option<MacAddr>, StoreError> {
        let Some(holder) = self.holder(&Key::host_name(name))? else { return Ok(None) };
        Ok(self.hosts().own(holder)?.filter(|(host, _)| host.name.as_ref() == Some(name)).map(|_| holder))
    }
}
