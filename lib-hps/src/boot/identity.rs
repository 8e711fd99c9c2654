// SPDX-License-Identifier: GPL-3.0-or-later
//! Whether a request comes from the host that it names.
//!
//! The order: first the kernel's neighbour entry for the sender's address. If there is none, the address that is
//! reserved for the host. If that does not fit, dnsmasq's lease of the address. A device on the same LAN can forge all
//! three, and the docs warn of it. None of them can cause the disk of an installed host to be wiped.
//!
//! A machine behind a relay is never in the neighbour table: the router is. There only dnsmasq's lease counts, or, if the
//! cluster file says so, the reserved address.

use crate::types::{MacAddr, Timestamp};
use std::cmp::Reverse;
use std::fmt;
use std::net::Ipv4Addr;

/// What is known of the sender.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Identity {
    /// It is the host, as this proves.
    Proven(Proof),
    /// The address belongs to another MAC.
    Foreign(MacAddr),
    /// The address is unknown, or there is none (a request by hand).
    Unknown,
}

/// What proved it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Proof {
    /// The address reserved for the host.
    ReservedAddress,
    /// The kernel's neighbour table.
    Neighbour,
    /// The lease file of dnsmasq.
    Lease,
    /// Nothing: the operator asks what the host itself would be served. No request has this.
    Assumed,
}

/// A noun, as it follows "known by".
impl fmt::Display for Proof {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::ReservedAddress => "its reserved address",
            Self::Neighbour => "the kernel's neighbour table",
            Self::Lease => "its lease",
            Self::Assumed => "an assumption",
        })
    }
}

impl Identity {
    /// Whether the request comes from the host.
    pub fn is_proven(self) -> bool {
        matches!(self, Self::Proven(_))
    }
}

/// Decides for a request from behind a relay. `reserved` is the address of the host if that proves who it is, and `lease`
/// is called if it does not.
pub fn identify_behind_relay(
    remote: Ipv4Addr,
    macs: &[MacAddr],
    reserved: Option<Ipv4Addr>,
    lease: impl FnOnce(Ipv4Addr) -> Option<MacAddr>,
) -> Identity {
    if reserved == Some(remote) {
        return Identity::Proven(Proof::ReservedAddress);
    }
    by_lease(lease(remote), macs)
}

fn by_lease(lease: Option<MacAddr>, macs: &[MacAddr]) -> Identity {
    match lease {
        Some(mac) if macs.contains(&mac) => Identity::Proven(Proof::Lease),
        Some(mac) => Identity::Foreign(mac),
        None => Identity::Unknown,
    }
}

/// Decides from the facts. `neighbour` and `lease` are called only if they are needed.
pub fn identify(
    remote: Option<Ipv4Addr>,
    macs: &[MacAddr],
    reserved: Option<Ipv4Addr>,
    neighbour: impl FnOnce(Ipv4Addr) -> Option<MacAddr>,
    lease: impl FnOnce(Ipv4Addr) -> Option<MacAddr>,
) -> Identity {
    let Some(remote) = remote else { return Identity::Unknown };
    // The kernel has just answered a connection of this address, so a machine of this LAN is in the table. Its entry
    // decides.
    if let Some(mac) = neighbour(remote) {
        return if macs.contains(&mac) { Identity::Proven(Proof::Neighbour) } else { Identity::Foreign(mac) };
    }
    if reserved == Some(remote) {
        return Identity::Proven(Proof::ReservedAddress);
    }
    by_lease(lease(remote), macs)
}

/// The MAC of an address in dnsmasq's lease file: end, MAC, address, name, client id. A lease that ended proves nothing.
/// dnsmasq rewrites the file in place, so the last line may be incomplete: such a line matches nothing.
pub fn lease_in(leases: &str, address: Ipv4Addr, now: Timestamp) -> Option<MacAddr> {
    let wanted = address.to_string();
    leases.lines().find_map(|line| {
        let mut words = line.split_ascii_whitespace();
        let (end, mac, address) = (words.next()?, words.next()?, words.next()?);
        // Name and client id follow. Otherwise the line is incomplete.
        let is_valid = address == wanted && words.count() >= 2 && valid_until(end, now).is_some();
        is_valid.then(|| mac.parse().ok())?
    })
}

/// The addresses that these MACs have a lease of, as in [`lease_in`]: the lease that ends last comes first.
pub fn addresses_of(leases: &str, macs: &[MacAddr], now: Timestamp) -> Vec<Ipv4Addr> {
    let of_macs = |line: &str| {
        let words: Vec<&str> = line.split_ascii_whitespace().collect();
        let &[end, holder, address, _, _] = words.as_slice() else { return None };
        let is_theirs = holder.parse().is_ok_and(|holder| macs.contains(&holder));
        is_theirs.then(|| Some((valid_until(end, now)?, address.parse().ok()?)))?
    };
    let mut found: Vec<(u64, Ipv4Addr)> = leases.lines().filter_map(of_macs).collect();
    // dnsmasq writes a new lease before the older ones, and this sort keeps the order of equal ends.
    found.sort_by_key(|(end, _)| Reverse(*end));
    found.into_iter().map(|(_, address)| address).collect()
}

/// The end of a lease in seconds since 1970, if it did not end yet. An infinite lease has the end 0 in the file (dnsmasq,
/// lease.c) and ends last here.
fn valid_until(end: &str, now: Timestamp) -> Option<u64> {
    match end.parse().ok()? {
        0 => Some(u64::MAX),
        end => (end > now.as_unix()).then_some(end),
    }
}

/// The MAC and the address of each lease that has a name, as in [`lease_in`].
pub fn named_leases(leases: &str) -> Vec<(MacAddr, Ipv4Addr)> {
    let named = |line: &str| {
        let words: Vec<&str> = line.split_ascii_whitespace().collect();
        match words.as_slice() {
            [_, mac, address, name, _] if *name != "*" => Some((mac.parse().ok()?, address.parse().ok()?)),
            _ => None,
        }
    };
    leases.lines().filter_map(named).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn leases_with_a_name() {
        let text = "1795974960 52:54:00:00:00:15 10.99.0.172 sch-001 *\n1 52:54:00:00:00:14 10.99.0.171 * *\nduid 00\n1 52:54:0";
        assert_eq!(named_leases(text), [(mac(0x15), "10.99.0.172".parse().unwrap())]);
    }

    fn mac(last: u8) -> MacAddr {
        format!("5254000000{last:02x}").parse().unwrap()
    }

    #[test]
    fn evidence_in_order() {
        let here: Ipv4Addr = "10.0.0.20".parse().unwrap();
        let none = |_| None;
        let a = |_| Some(mac(1));
        let b = |_| Some(mac(2));
        let own = [mac(1)];
        assert_eq!(identify(None, &own, Some(here), a, a), Identity::Unknown);
        assert_eq!(
            identify(Some(here), &own, Some(here), b, b),
            Identity::Foreign(mac(2)),
            "another card has its address"
        );
        assert_eq!(identify(Some(here), &own, Some(here), none, b), Identity::Proven(Proof::ReservedAddress));
        assert_eq!(identify(Some(here), &own, None, a, b), Identity::Proven(Proof::Neighbour));
        assert_eq!(identify(Some(here), &own, None, b, a), Identity::Foreign(mac(2)));
        assert_eq!(identify(Some(here), &own, None, none, a), Identity::Proven(Proof::Lease));
        assert_eq!(identify(Some(here), &own, None, none, b), Identity::Foreign(mac(2)));
        assert_eq!(identify(Some(here), &own, None, none, none), Identity::Unknown);
    }

    #[test]
    fn behind_a_relay_the_lease_decides() {
        let there: Ipv4Addr = "10.0.1.20".parse().unwrap();
        let own = [mac(1), mac(3)];
        let ask = |reserved, lease: Option<MacAddr>| identify_behind_relay(there, &own, reserved, |_| lease);
        assert_eq!(ask(None, Some(mac(3))), Identity::Proven(Proof::Lease));
        assert_eq!(ask(None, Some(mac(2))), Identity::Foreign(mac(2)), "another machine has this address");
        assert_eq!(ask(None, None), Identity::Unknown);
        assert_eq!(ask(Some(there), Some(mac(2))), Identity::Proven(Proof::ReservedAddress));
    }

    #[test]
    fn the_leases_of_a_machine() {
        let leases = "60 52:54:00:00:00:02 10.0.0.130 * *\n60 52:54:00:00:00:03 10.0.1.131 * *\n\
                      90 52:54:00:00:00:02 10.0.2.130 * *\n0 52:54:00:00:00:04 10.0.3.1 * *\n60 52:54:00:00:00:02 10.0.1.1";
        let of_macs = |macs: &[MacAddr], now| -> Vec<String> {
            addresses_of(leases, macs, Timestamp::from_unix(now)).iter().map(Ipv4Addr::to_string).collect()
        };
        assert_eq!(of_macs(&[mac(2)], 59), ["10.0.2.130", "10.0.0.130"], "the newest first");
        assert_eq!(of_macs(&[mac(2), mac(3), mac(4)], 60), ["10.0.3.1", "10.0.2.130"], "infinite, valid");
        assert!(of_macs(&[mac(2)], 90).is_empty(), "all ended");
        assert!(of_macs(&[mac(1)], 1).is_empty());
    }

    #[test]
    fn leases() {
        let leases =
            "1795341600 52:54:00:00:00:02 10.0.0.130 * 01:52:54:00:00:00:02\n1795341600 52:54:00:00:00:03 10.0.0.13";
        let holder = |leases, address: &str, now| lease_in(leases, address.parse().unwrap(), Timestamp::from_unix(now));
        assert_eq!(holder(leases, "10.0.0.130", 1_795_341_599), Some(mac(2)));
        assert_eq!(holder(leases, "10.0.0.130", 1_795_341_600), None, "it ended");
        assert_eq!(holder(leases, "10.0.0.13", 1), None, "a torn line");
        assert_eq!(holder("0 52:54:00:00:00:02 10.0.0.9 * *", "10.0.0.9", 1_795_341_600), Some(mac(2)), "infinite");
    }
}
