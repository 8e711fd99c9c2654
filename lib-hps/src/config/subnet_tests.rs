// SPDX-License-Identifier: GPL-3.0-or-later
//! `[[subnet]]`: what is refused, with its line, and which network an address is of.

use super::{Cluster, Placement};
use crate::types::{HostType, Ipv4Range};
use std::net::Ipv4Addr;

const LAB: &str = include_str!("../../../tests/fixtures/lab.cluster");

const RACK2: &str = "
[[subnet]]
name = \"rack2\"
network = \"10.0.1.0/24\"
dhcp_range = \"10.0.1.128-10.0.1.254\"
host_range = \"10.0.1.2-10.0.1.127\"
gateway = \"10.0.1.1\"
";

/// The line of `[[subnet]]` in `LAB` and `RACK2`.
fn first_line() -> usize {
    LAB.lines().count() + 2
}

fn problems(text: &str) -> Vec<String> {
    match Cluster::parse(text) {
        Ok(_) => Vec::new(),
        Err(error) => error.to_string().lines().map(str::to_owned).collect(),
    }
}

fn address(text: &str) -> Ipv4Addr {
    text.parse().unwrap()
}

#[test]
fn a_mistake_is_named_with_its_line() {
    let whole = format!("{LAB}{RACK2}");
    assert!(problems(&whole).is_empty(), "{:?}", problems(&whole));
    for (from, to, line, words) in [
        ("name = \"rack2\"", "name = \"rack 2\"", 1, "1 to 32"),
        ("10.0.1.0/24", "10.0.1.9/24", 2, "such as 10.0.1.0/24"),
        ("10.0.1.0/24", "10.0.1.0/30", 2, "at most 29 bits"),
        ("10.0.1.0/24", "10.0.0.0/16", 2, "overlaps the main network"),
        ("10.0.1.128-10.0.1.254", "10.0.1.128-10.0.1.255", 3, "outside the host addresses of 10.0.1.0/24"),
        ("10.0.1.128-10.0.1.254", "10.0.1.127-10.0.1.254", 3, "overlap"),
        ("10.0.1.2-10.0.1.127", "10.0.1.1-10.0.1.127", 4, "contains the gateway's address"),
        ("10.0.1.2-10.0.1.127", "10.0.2.2-10.0.2.127", 4, "outside"),
        ("gateway = \"10.0.1.1\"", "gateway = \"10.0.2.1\"", 5, "no host address of 10.0.1.0/24"),
        ("gateway = \"10.0.1.1\"\n", "", 0, "missing required key gateway"),
        ("10.0.1.1\"\n", "10.0.1.1\"\ndns = [\"10.0.1.2\", \"127.0.0.1\"]\n", 6, "cannot have this address"),
        ("10.0.1.1\"\n", "10.0.1.1\"\ntypes = []\n", 6, "leave it out for all types"),
        ("10.0.1.1\"\n", "10.0.1.1\"\nrouter = \"10.0.1.1\"\n", 6, "unknown key router"),
    ] {
        let found = problems(&format!("{LAB}{}", RACK2.replacen(from, to, 1)));
        let at = format!("line {}:", first_line() + line);
        let hit = found.iter().any(|problem| problem.contains(&at) && problem.contains(words));
        assert!(hit, "{to}: {found:?}");
    }
}

#[test]
fn networks_do_not_overlap_and_names_are_unique() {
    let second = RACK2.replace("10.0.1.", "10.0.2.");
    let both = |second: &str| problems(&format!("{LAB}{RACK2}{second}"));
    assert!(both(&second)[0].contains("two subnets have the name rack2"), "{:?}", both(&second));
    let rack3 = second.replace("rack2", "rack3");
    assert!(both(&rack3).is_empty(), "{:?}", both(&rack3));
    let same = RACK2.replace("rack2", "rack3");
    assert!(both(&same)[0].contains("overlaps subnet rack2, 10.0.1.0/24"), "{:?}", both(&same));
    let storage = "\n[[storage_network]]\nname = \"fast\"\nnetwork = \"10.0.1.0/24\"\nvlan = 7\n";
    assert!(both(storage)[0].contains("overlaps storage_network fast"), "{:?}", both(storage));
}

/// Beside another DHCP server a lease of this node proves nothing, and the neighbour table has only the router.
#[test]
fn without_leases_the_file_names_another_proof() {
    for mode in ["proxy", "none"] {
        let lab = LAB.replace("[install]", &format!("dhcp = \"{mode}\"\n[install]"));
        let found = problems(&format!("{lab}{RACK2}"));
        assert!(found.len() == 1 && found[0].contains("identity = \"address\""), "{found:?}");
        let found = problems(&format!("{lab}{RACK2}identity = \"address\"\n"));
        assert!(found.is_empty(), "{found:?}");
    }
}

#[test]
fn what_is_written_is_read_back() {
    let more = "dns = [\"10.0.1.5\"]\nntp = [\"10.0.1.6\"]\ndomain = \"rack2.lab.internal\"\ntypes = [\"SCH\"]\nmac_prefixes = [\"52:54\"]\nidentity = \"address\"\n";
    for text in [format!("{LAB}{RACK2}"), format!("{LAB}{RACK2}{more}")] {
        let cluster = Cluster::parse(&text).unwrap();
        assert_eq!(Cluster::parse(&cluster.to_text()).unwrap(), cluster);
        // An edit of another key leaves the section as a person wrote it.
        let mut changed = cluster.clone();
        changed.boot.menu_timeout = 90;
        let edited = changed.edit_text(&text).unwrap();
        assert_eq!(Cluster::parse(&edited).unwrap(), changed);
        assert!(edited.contains(RACK2), "{edited}");
    }
    let mut cluster = Cluster::parse(&format!("{LAB}{RACK2}")).unwrap();
    cluster.subnets[0].gateway = address("10.0.1.127");
    cluster.subnets[0].host_range = "10.0.1.2-10.0.1.126".parse().unwrap();
    let edited = cluster.edit_text(&format!("{LAB}{RACK2}")).unwrap();
    assert_eq!(Cluster::parse(&edited).unwrap(), cluster);
    cluster.subnets.clear();
    assert_eq!(Cluster::parse(&cluster.edit_text(&edited).unwrap()).unwrap(), cluster);
}

#[test]
fn an_address_decides_what_a_host_gets() {
    let more = "ntp = [\"10.0.1.6\"]\ndomain = \"rack2.lab.internal\"\n";
    let cluster = Cluster::parse(&format!("{LAB}{RACK2}{more}")).unwrap();
    let there: Placement<'_> = cluster.placement(address("10.0.1.7"));
    assert_eq!(there.to_string(), "subnet rack2");
    assert_eq!(there.gateway(), Some(address("10.0.1.1")));
    assert_eq!(there.network(), "10.0.1.0/24".parse().unwrap());
    assert_eq!(there.host_range(), "10.0.1.2-10.0.1.127".parse::<Ipv4Range>().unwrap());
    assert_eq!(there.domain().as_str(), "rack2.lab.internal");
    assert_eq!(there.ntp(), [address("10.0.1.6")]);
    assert_eq!(there.name_servers(), cluster.name_servers(), "this node, as for the main network");
    let here = cluster.placement(address("10.0.0.7"));
    assert_eq!((here.to_string().as_str(), here.gateway()), ("the main network", cluster.network.gateway));
    for (text, is_taken) in
        [("10.0.1.7", true), ("10.0.0.7", true), ("10.0.1.1", false), ("10.0.1.255", false), ("10.0.2.7", false)]
    {
        assert_eq!(cluster.takes_host(address(text)).is_ok(), is_taken, "{text}");
    }
}

#[test]
fn a_subnet_takes_the_hosts_that_it_names() {
    let mac = "525400000001".parse().unwrap();
    let subnet = |more: &str| Cluster::parse(&format!("{LAB}{RACK2}{more}")).unwrap().subnets.remove(0);
    assert!(subnet("").takes(HostType::TCH, mac).is_ok());
    assert!(subnet("types = [\"SCH\"]\n").takes(HostType::SCH, mac).is_ok());
    let error = subnet("types = [\"SCH\"]\n").takes(HostType::TCH, mac).unwrap_err().to_string();
    assert!(error.contains("rack2") && error.contains("TCH"), "{error}");
    assert!(subnet("mac_prefixes = [\"52:54\"]\n").takes(HostType::SCH, mac).is_ok());
    let error = subnet("mac_prefixes = [\"52:55\"]\n").takes(HostType::SCH, mac).unwrap_err().to_string();
    assert!(error.contains("52:54:00:00:00:01"), "{error}");
}
