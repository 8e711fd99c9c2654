// SPDX-License-Identifier: GPL-3.0-or-later
//! What this node knows of the sender of a request: neighbour table and leases.

use super::{Store, neighbour, read_plain};
use crate::boot::identity::{Identity, identify, lease_in};
use crate::host::Host;
use crate::types::MacAddr;
use std::net::Ipv4Addr;
use std::path::Path;

/// More than any network of ours has leases for.
const LEASES: u64 = 16 << 20;

impl Store {
    /// Whether a request from `remote` comes from the host that it names.
    pub fn identify(&self, remote: Option<Ipv4Addr>, mac: MacAddr, host: Option<&Host>) -> Identity {
        let macs: Vec<MacAddr> = host.map_or_else(|| vec![mac], |h| h.macs().collect());
        identify(
            remote,
            &macs,
            host.and_then(|h| h.address),
            |address| neighbour::mac_of(&self.cluster.network.interface, address),
            |address| lease_in(&read(&self.paths.leases()), address),
        )
    }
}

/// A table that cannot be read proves nothing, and that is all that follows from it.
fn read(path: &Path) -> String {
    read_plain(path, LEASES).map(|bytes| String::from_utf8_lossy(&bytes).into_owned()).unwrap_or_default()
}
