// SPDX-License-Identifier: GPL-3.0-or-later
//! What this node knows of the sender of a request: neighbour table and leases.

use super::parts::Parts;
use super::{Paths, StoreError};
use crate::boot::identity::{Identity, addresses_of, identify, identify_behind_relay, lease_in};
use crate::config::{Cluster, DhcpMode, Subnet, SubnetIdentity};
use crate::files::{self, IoError, check_mode};
use crate::host::Host;
use crate::types::{MacAddr, Timestamp};
use crate::wire::mac_of;
use rustix::fs::OFlags;
use std::io::{ErrorKind, Read as _};
use std::net::Ipv4Addr;

/// More than any network of ours has leases for.
const MAX_LEASES_BYTES: u64 = 16 << 20;

/// The senders of requests.
#[derive(Debug, Clone, Copy)]
pub struct Senders<'a> {
    paths: &'a Paths,
    cluster: &'a Cluster,
    /// Whether this node's dnsmasq gives the addresses. If another server does, neither a reservation nor an old lease
    /// here proves who has an address.
    gives_addresses: bool,
}

impl<'a> Senders<'a> {
    pub(super) fn new(parts: Parts<'a>) -> Self {
        let gives_addresses = parts.cluster.network.dhcp == DhcpMode::Server;
        Self { paths: parts.paths, cluster: parts.cluster, gives_addresses }
    }

    /// Whether a request from `remote` comes from the host that it names.
    pub fn identify(self, remote: Option<Ipv4Addr>, mac: MacAddr, host: Option<&Host>, now: Timestamp) -> Identity {
        let macs: Vec<MacAddr> = host.map_or_else(|| vec![mac], |h| h.macs().collect());
        // Leases that cannot be believed prove nothing, and that is all that follows from it.
        let lease =
            |address| lease_in(&self.leases().unwrap_or_default(), address, now).filter(|_| self.gives_addresses);
        if let Some((remote, subnet)) = remote.and_then(|remote| Some((remote, self.cluster.subnet_at(remote)?))) {
            let reserved = host.and_then(|h| h.address).filter(|_| subnet.identity == SubnetIdentity::Address);
            return identify_behind_relay(remote, &macs, reserved, lease);
        }
        identify(
            remote,
            &macs,
            host.and_then(|h| h.address).filter(|_| self.gives_addresses),
            |address| mac_of(&self.cluster.network.interface, address),
            lease,
        )
    }

    /// The subnet in which a machine with these MACs last asked for an address, by its newest lease that did not end;
    /// `None` also for the main network.
    ///
    /// # Errors
    /// As [`Self::leases`].
    pub fn subnet_by_lease(self, macs: &[MacAddr], now: Timestamp) -> Result<Option<&'a Subnet>, StoreError> {
        let is_known = |address: &Ipv4Addr| self.cluster.placements().any(|place| place.network().contains(address));
        let newest = addresses_of(&self.leases()?, macs, now).into_iter().find(is_known);
        Ok(newest.and_then(|address| self.cluster.subnet_at(address)))
    }

    /// What dnsmasq knows of its leases; empty where it has given none yet. A lease proves who sends a request, so leases count only
    /// where only dnsmasq and root can have written them.
    ///
    /// # Errors
    /// When they cannot be read, are no plain file or too many, or others can write them.
    pub fn leases(self) -> Result<String, StoreError> {
        let path = self.paths.leases();
        let file = match files::open_plain(&path, OFlags::RDONLY) {
            Ok(file) => file,
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(String::new()),
            Err(error) => return Err(IoError::new("read", &path, error).into()),
        };
        check_mode(&path, &file.metadata().map_err(IoError::during("read", &path))?)?;
        let mut bytes = Vec::new();
        file.take(MAX_LEASES_BYTES + 1).read_to_end(&mut bytes).map_err(IoError::during("read", &path))?;
        if bytes.len() as u64 > MAX_LEASES_BYTES {
            return Err(StoreError::content(&path, "over 16 MiB, more than leases can have"));
        }
        Ok(String::from_utf8_lossy(&bytes).into_owned())
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::store;
    use crate::boot::identity::{Identity, Proof};
    use crate::config::DhcpMode;
    use crate::host::Host;
    use crate::types::Timestamp;
    use std::fs::Permissions;
    use std::os::unix::fs::PermissionsExt as _;

    #[test]
    fn beside_another_dhcp_server_only_the_neighbour_table_proves_an_address() {
        let (_folder, mut store) = store("10.0.0.2-10.0.0.9");
        let mac = "525400000001".parse().unwrap();
        std::fs::write(store.paths.leases(), "1795341600 52:54:00:00:00:01 10.0.0.130 * *\n").unwrap();
        let mut host = Host::new(mac, Timestamp::from_unix(0));
        host.address = Some("10.0.0.2".parse().unwrap());
        for (mode, expected) in [
            (DhcpMode::Server, [Identity::Proven(Proof::ReservedAddress), Identity::Proven(Proof::Lease)]),
            (DhcpMode::Proxy, [Identity::Unknown; 2]),
            (DhcpMode::None, [Identity::Unknown; 2]),
        ] {
            store.cluster.network.dhcp = mode;
            let who = |address: &str| {
                store.senders().identify(Some(address.parse().unwrap()), mac, Some(&host), Timestamp::from_unix(1))
            };
            assert_eq!(["10.0.0.2", "10.0.0.130"].map(who), expected, "{mode}");
        }
    }

    /// In the neighbour table there is only the router.
    #[test]
    fn in_a_subnet_a_reserved_address_proves_something_only_if_the_file_says_so() {
        let (_folder, mut store) = store("10.0.0.2-10.0.0.9");
        let mac = "525400000001".parse().unwrap();
        std::fs::write(store.paths.leases(), "1795341600 52:54:00:00:00:01 10.0.1.130 * *\n").unwrap();
        let mut host = Host::new(mac, Timestamp::from_unix(0));
        host.address = Some("10.0.1.2".parse().unwrap());
        let subnet = "name = \"a\"\nnetwork = \"10.0.1.0/24\"\ndhcp_range = \"10.0.1.128-10.0.1.254\"\n\
                      host_range = \"10.0.1.2-10.0.1.9\"\ngateway = \"10.0.1.1\"\n";
        for (more, reserved) in
            [("", Identity::Unknown), ("identity = \"address\"\n", Identity::Proven(Proof::ReservedAddress))]
        {
            store.cluster.subnets = vec![toml::from_str(&format!("{subnet}{more}")).unwrap()];
            let who = |address: &str| {
                store.senders().identify(Some(address.parse().unwrap()), mac, Some(&host), Timestamp::from_unix(1))
            };
            assert_eq!(who("10.0.1.2"), reserved);
            assert_eq!(who("10.0.1.130"), Identity::Proven(Proof::Lease));
        }
    }

    #[test]
    fn the_newest_lease_that_did_not_end_says_where_a_machine_is() {
        let (_folder, mut store) = store("10.0.0.2-10.0.0.9");
        let subnet = "name = \"a\"\nnetwork = \"10.0.1.0/24\"\ndhcp_range = \"10.0.1.128-10.0.1.254\"\n\
                      host_range = \"10.0.1.2-10.0.1.9\"\ngateway = \"10.0.1.1\"\n";
        store.cluster.subnets = vec![toml::from_str(subnet).unwrap()];
        let macs = ["525400000001", "525400000002"].map(|mac| mac.parse().unwrap());
        let (there, here) = ("52:54:00:00:00:01 10.0.1.130 * *", "52:54:00:00:00:02 10.0.0.130 * *");
        for (leases, expected) in [
            (format!("60 {there}\n"), Some("a")),
            (format!("50 {there}\n"), None),
            (format!("0 {there}\n"), Some("a")),
            (format!("60 {there}\n70 {here}\n"), None),
            (format!("70 {there}\n60 {here}\n"), Some("a")),
            // A network that is no longer one of the cluster decides nothing.
            (format!("60 {there}\n70 52:54:00:00:00:02 10.0.7.130 * *\n"), Some("a")),
        ] {
            std::fs::write(store.paths.leases(), &leases).unwrap();
            let found = store.senders().subnet_by_lease(&macs, Timestamp::from_unix(50)).unwrap();
            assert_eq!(found.map(|subnet| subnet.name.as_str()), expected, "{leases}");
        }
    }

    #[test]
    fn leases_that_others_can_write_prove_nothing() {
        let (_folder, store) = store("10.0.0.2-10.0.0.9");
        assert_eq!(store.senders().leases().unwrap(), "", "none are given yet");
        let (path, mac) = (store.paths.leases(), "525400000001".parse().unwrap());
        std::fs::write(&path, "1795341600 52:54:00:00:00:01 10.0.0.130 * *\n").unwrap();
        let who = || store.senders().identify(Some("10.0.0.130".parse().unwrap()), mac, None, Timestamp::from_unix(1));
        for (mode, is_believed) in [(0o644, true), (0o646, false), (0o600, true), (0o666, false)] {
            std::fs::set_permissions(&path, Permissions::from_mode(mode)).unwrap();
            assert_eq!(who() == Identity::Proven(Proof::Lease), is_believed, "{mode:o}");
            assert_eq!(store.senders().leases().is_ok(), is_believed, "{mode:o}");
        }
        let problem = store.senders().leases().unwrap_err().to_string();
        assert!(problem.contains("everybody can write it (mode 0666)"), "{problem}");
    }
}
