// SPDX-License-Identifier: GPL-3.0-or-later
//! New addresses for hosts whose network is replaced by another one.

use super::cluster::Cluster;
use super::placement::Placement;
use std::collections::{BTreeMap, BTreeSet};
use std::net::Ipv4Addr;

/// What becomes of an address that the cluster cannot give to a host any more.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NewAddress {
    /// The same number in the new network.
    Same(Ipv4Addr),
    /// The next free one: the same number is taken, or not in `host_range`.
    Free(Ipv4Addr),
    /// All of `host_range` are taken.
    Outside,
    /// It is of no network of the cluster, now or before, and the cluster has subnets: nothing says which of them is meant.
    Unknown,
}

impl NewAddress {
    /// The address, if there is one.
    pub fn address(self) -> Option<Ipv4Addr> {
        match self {
            Self::Same(address) | Self::Free(address) => Some(address),
            Self::Outside | Self::Unknown => None,
        }
    }
}

impl Cluster {
    /// Whether the cluster can give this address to a host: [`Self::takes_host`], and it is not for unknown machines.
    pub fn is_address_of_hosts(&self, address: Ipv4Addr) -> bool {
        self.takes_host(address).is_ok() && !self.placement(address).dhcp_range().contains(address)
    }

    /// Whether an address is of one of the networks.
    pub fn has_network_of(&self, address: Ipv4Addr) -> bool {
        self.placements().any(|place| place.network().contains(&address))
    }

    /// New addresses for those of `hosts` that this cluster cannot give. The others stay. An address of a subnet goes to
    /// the subnet of the same name, if there still is one. `before` are the settings that the addresses may be of; the
    /// first with a network of an address counts.
    pub fn renumbered(&self, before: &[&Self], hosts: &[Ipv4Addr]) -> BTreeMap<Ipv4Addr, NewAddress> {
        let (stay, go): (BTreeSet<_>, BTreeSet<_>) =
            hosts.iter().partition(|address| self.is_address_of_hosts(**address));
        let mut taken = stay;
        let has_subnets = |cluster: &Self| !cluster.subnets.is_empty();
        let asks_which = has_subnets(self) || before.iter().any(|before| has_subnets(before));
        let of = |address: Ipv4Addr| before.iter().copied().find(|before| before.has_network_of(address));
        let (unknown, go): (BTreeSet<_>, BTreeSet<_>) =
            go.into_iter().partition(|address| asks_which && !self.has_network_of(*address) && of(*address).is_none());
        let mut new: BTreeMap<_, _> = unknown.into_iter().map(|address| (address, NewAddress::Unknown)).collect();
        // First those that keep their number, so that no other host gets it.
        for address in &go {
            let same = self.same_number(of(*address), *address).filter(|same| !taken.contains(same));
            if let Some(same) = same {
                taken.insert(same);
                new.insert(*address, NewAddress::Same(same));
            }
        }
        for address in go {
            if new.contains_key(&address) {
                continue;
            }
            let free = self.successor(of(address), address).host_range().iter().find(|free| !taken.contains(free));
            taken.extend(free);
            new.insert(address, free.map_or(NewAddress::Outside, NewAddress::Free));
        }
        new
    }

    /// The network that takes the place of the one that the address is of.
    fn successor(&self, before: Option<&Self>, address: Ipv4Addr) -> Placement<'_> {
        let old = before.and_then(|before| before.subnet_at(address));
        let named = old.and_then(|old| self.subnet(&old.name).ok());
        named.map_or(self.main_network(), |subnet| self.placement(subnet.gateway))
    }

    /// The address with the same number in the new network, if it is one for hosts.
    fn same_number(&self, before: Option<&Self>, address: Ipv4Addr) -> Option<Ipv4Addr> {
        let place = self.successor(before, address);
        let new = place.network();
        let old = before.map(|before| before.placement(address).network()).filter(|old| old.contains(&address));
        let number = u32::from(address) & u32::from(old.unwrap_or(new).hostmask());
        let same = Ipv4Addr::from(u32::from(new.network()).checked_add(number)?);
        (new.contains(&same) && place.host_range().contains(same) && self.is_address_of_hosts(same)).then_some(same)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LAB: &str = include_str!("../../../tests/fixtures/lab.cluster");

    fn cluster(from: &str, to: &str, hosts: &str) -> Cluster {
        let text = LAB.replace("10.0.0.2-10.0.0.127", hosts).replace(from, to);
        Cluster::parse(&text).unwrap_or_else(|error| panic!("{error}"))
    }

    fn address(text: &str) -> Ipv4Addr {
        text.parse().unwrap()
    }

    fn moves(before: Option<&Cluster>, after: &Cluster, hosts: &[&str]) -> Vec<(String, NewAddress)> {
        let hosts: Vec<Ipv4Addr> = hosts.iter().map(|host| address(host)).collect();
        let before: Vec<&Cluster> = before.into_iter().collect();
        after.renumbered(&before, &hosts).into_iter().map(|(from, to)| (from.to_string(), to)).collect()
    }

    #[test]
    fn a_host_keeps_its_number_where_it_fits() {
        let before = cluster("", "", "10.0.0.2-10.0.0.127");
        let after = cluster("10.0.0.", "10.3.0.", "10.0.0.2-10.0.0.9");
        let found = moves(Some(&before), &after, &["10.0.0.5", "10.0.0.2", "10.0.0.100"]);
        assert_eq!(
            found,
            [
                ("10.0.0.2".to_owned(), NewAddress::Same(address("10.3.0.2"))),
                ("10.0.0.5".to_owned(), NewAddress::Same(address("10.3.0.5"))),
                // Its number is outside of host_range. The first two are taken or kept.
                ("10.0.0.100".to_owned(), NewAddress::Free(address("10.3.0.3"))),
            ]
        );
    }

    #[test]
    fn a_network_that_is_too_small_leaves_hosts_outside() {
        let before = cluster("", "", "10.0.0.2-10.0.0.127");
        let after = cluster("10.0.0.", "10.3.0.", "10.0.0.2-10.0.0.3");
        let found = moves(Some(&before), &after, &["10.0.0.2", "10.0.0.50", "10.0.0.51"]);
        let new: Vec<NewAddress> = found.into_iter().map(|(_, to)| to).collect();
        assert_eq!(
            new,
            [NewAddress::Same(address("10.3.0.2")), NewAddress::Free(address("10.3.0.3")), NewAddress::Outside]
        );
    }

    #[test]
    fn what_is_still_good_stays_and_its_address_is_not_given() {
        let wide = "address = \"10.0.0.1/24\"";
        let before = cluster("", "", "10.0.0.2-10.0.0.127");
        let after = cluster(wide, "address = \"10.0.0.9/24\"", "10.0.0.10-10.0.0.12");
        // Only the host at this node's new address must go. Its own number is this node's, and 10.0.0.10 stays taken.
        let found = moves(Some(&before), &after, &["10.0.0.9", "10.0.0.10", "10.0.0.100"]);
        assert_eq!(found, [("10.0.0.9".to_owned(), NewAddress::Free(address("10.0.0.11")))]);
    }

    #[test]
    fn an_address_of_a_subnet_stays_in_it() {
        let subnet = |net: &str| {
            format!(
                "\n[[subnet]]\nname = \"rack2\"\nnetwork = \"{net}.0/24\"\ndhcp_range = \"{net}.128-{net}.254\"\n\
                 host_range = \"{net}.2-{net}.127\"\ngateway = \"{net}.1\"\n"
            )
        };
        let with = |net: &str| Cluster::parse(&format!("{LAB}{}", subnet(net))).unwrap();
        let (before, after) = (with("10.0.1"), with("10.5.1"));
        let found = moves(Some(&before), &after, &["10.0.0.7", "10.0.1.7"]);
        assert_eq!(found, [("10.0.1.7".to_owned(), NewAddress::Same(address("10.5.1.7")))]);
        // The file was edited by hand, so nothing knows of which network the address was.
        for before in [Some(&after), None] {
            let found = moves(before, &after, &["10.0.0.7", "10.0.1.7"]);
            assert_eq!(found, [("10.0.1.7".to_owned(), NewAddress::Unknown)]);
        }
        let gone = Cluster::parse(LAB).unwrap();
        let found = moves(Some(&before), &gone, &["10.0.0.7", "10.0.1.7"]);
        assert_eq!(found, [("10.0.1.7".to_owned(), NewAddress::Free(address("10.0.0.2")))]);
    }
}
