// SPDX-License-Identifier: GPL-3.0-or-later
//! Storage networks and the cards that they are on.

use crate::config::{Cluster, ClusterError, RoleError};
use crate::types::HostType;

const CLUSTER: &str = include_str!("../../../tests/fixtures/lab.cluster");

fn parse(more: &str) -> Result<Cluster, ClusterError> {
    Cluster::parse(&format!("{CLUSTER}{more}\n"))
}

fn storage(name: &str, more: &str) -> String {
    format!("\n[[storage_network]]\nname = \"{name}\"\n{more}\n")
}

#[test]
fn networks_find_their_cards() {
    let cluster = parse(&format!(
        "\n[types.SCH.network]\nnics = [1, 2]\nbond = \"802.3ad\"\n{}{}{}",
        storage("a", "network = \"10.1.0.0/24\"\nvlan = 101"),
        storage("b", "network = \"10.2.0.0/24\"\nnics = [3, 4]\nmtu = 9000"),
        storage("c", "network = \"10.3.0.0/24\"\nnics = [3, 4]\nvlan = 103\nmtu = 9000"),
    ))
    .unwrap();
    let links = cluster.links(HostType::SCH, None).unwrap();
    assert_eq!(links.len(), 2);
    let bonds: Vec<String> =
        links.iter().map(|l| l.bond.as_ref().map_or_else(String::new, |b| format!("{} {}", b.name, b.mode))).collect();
    assert_eq!(bonds, ["bond0 802.3ad", "bond1 active-backup"]);
    let vlans = |at: usize| links[at].vlans.iter().map(|v| v.network.name.as_str()).collect::<Vec<_>>();
    assert_eq!((vlans(0), vlans(1)), (vec!["a"], vec!["c"]));
    assert_eq!(links[1].mtu.unwrap().get(), 9_000);
    let network = &cluster.storage_networks[0];
    let there = network.address_of("10.0.0.17".parse().unwrap(), cluster.network.address);
    assert_eq!(there.to_string(), "10.1.0.17/24");
    let why = cluster.has_cards(HostType::SCH, None, "sch-001", 3).unwrap_err();
    assert!(matches!(why, RoleError::Cards { needed: 4, macs: 3, .. }), "{why}");
    cluster.has_cards(HostType::SCH, None, "sch-001", 4).unwrap();
}

#[test]
fn what_cannot_be_is_refused_with_its_line() {
    let net = |n: u8| format!("network = \"10.{n}.0.0/24\"");
    let two = |one: &str, other: &str| {
        storage("a", &format!("{}\n{one}", net(1))) + &storage("b", &format!("{}\n{other}", net(2)))
    };
    for (more, expected) in [
        (storage("a", &net(1)), "line 19: storage_network a has no vlan"),
        (storage("a", "network = \"10.0.0.0/16\"\nvlan = 1"), "overlaps the main network"),
        (storage("a", "network = \"10.1.0.0/25\"\nvlan = 1"), "too small"),
        (storage("a", "network = \"10.1.0.7/24\"\nvlan = 1"), "expected a network, such as 10.1.0.0/24"),
        (storage("eth1", &format!("{}\nvlan = 1", net(1))), "this name is reserved for cards"),
        (storage("nic1", &format!("{}\nvlan = 1", net(1))), "this name is reserved for cards"),
        (storage("virbr0", &format!("{}\nvlan = 1", net(1))), "this name is reserved for cards"),
        (storage("enp3s0", &format!("{}\nvlan = 1", net(1))), "this name is reserved for cards"),
        (storage("a", &format!("{}\nvlan = 4095", net(1))), "expected a VLAN of 1 to 4094"),
        (storage("a", &format!("{}\nnics = [2, 2]", net(1))), "names one card twice"),
        (storage("a", &format!("{}\nvlan = 1\nmtu = 9000", net(1))), "set network.mtu"),
        (two("vlan = 1", "vlan = 1"), "both are VLAN 1"),
        (two("nics = [2, 3]", "nics = [3, 4]"), "card 3 belongs to another link"),
        (two("nics = [2]", "nics = [2]"), "carry another network without a tag"),
        (two("vlan = 1", "vlan = 2").replace("\"b\"", "\"a\""), "two storage_networks have the name a"),
        (two("nics = [2]", "nics = [2]\nvlan = 7\nmtu = 9000"), "above that of a"),
        ("\n[types.SCH.network]\nnics = [2]".to_owned(), "it must have card 1"),
        (
            format!("\n[types.SCH.network]\nbridge = \"a\"\n{}", storage("a", &format!("{}\nvlan = 1", net(1)))),
            "two interfaces of a SCH are called a",
        ),
        ("\n[types.SCH.network]\nbridge = \"nic1\"".to_owned(), "the bridge of SCH has the name of a card, nic1"),
        ("\n[types.SCH.network]\nbond = \"bundle\"".to_owned(), "expected active-backup"),
    ] {
        let error = parse(&more).unwrap_err().to_string();
        assert!(error.contains(expected), "{more}: {error}");
    }
}

#[test]
fn numbers_leave_the_networks_that_are_taken_alone() {
    let main = "10.100.1.1/24".parse().unwrap();
    let first = super::StorageNetwork::numbered(1, main, &[]).unwrap();
    assert_eq!((first.network.to_string(), first.name.as_str()), ("10.100.2.0/24".to_owned(), "storage1"));
    let second = super::StorageNetwork::numbered(2, main, &[first.network]).unwrap();
    assert_eq!((second.network.to_string(), second.vlan.unwrap().get()), ("10.100.3.0/24".to_owned(), 102));
    let wide = super::StorageNetwork::numbered(1, "10.0.0.1/8".parse().unwrap(), &[]);
    assert_eq!(wide, None, "a network of its own size is not free beside 10.0.0.0/8");
}
