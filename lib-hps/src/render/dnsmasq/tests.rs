// SPDX-License-Identifier: GPL-3.0-or-later

use super::{Places, configuration};
use crate::config::Cluster;
use std::path::Path;

const LAB: &str = include_str!("../../../../tests/fixtures/lab.cluster");

const RACK2: &str = "[[subnet]]\nname = \"rack2\"\nnetwork = \"10.0.1.0/24\"\ndhcp_range = \"10.0.1.128-10.0.1.254\"\n\
                     host_range = \"10.0.1.2-10.0.1.127\"\ngateway = \"10.0.1.1\"\n";

fn made(text: &str) -> String {
    let path = Path::new("/p");
    let places = Places { tftp: path, hosts: path, names: path, leases: path, log: path, pid: path };
    configuration(&Cluster::parse(text).unwrap(), &[], &places, None)
}

/// dnsmasq answers a relay only in a network of which it has a range.
#[test]
fn a_subnet_has_a_range_and_options_of_its_own() {
    let text = made(&format!("{LAB}{RACK2}domain = \"rack2.internal\"\n"));
    for line in [
        "dhcp-range=set:subnet-rack2,10.0.1.128,10.0.1.254,255.255.255.0,1h",
        "dhcp-option=tag:subnet-rack2,option:router,10.0.1.1",
        "dhcp-option=tag:subnet-rack2,option:dns-server,10.0.0.1",
        "dhcp-option=tag:subnet-rack2,option:domain-name,rack2.internal",
        "local=/rack2.internal/",
        "rev-server=10.0.1.0/24",
        // As before for the main network.
        "dhcp-range=10.0.0.128,10.0.0.252,255.255.255.0,1h",
        "dhcp-option=option:router",
    ] {
        assert!(text.lines().any(|found| found == line), "{line} in {text}");
    }
    assert!(!text.contains("tag:subnet-rack2,option:ntp-server"), "{text}");
}

#[test]
fn beside_another_server_a_subnet_gets_no_addresses() {
    let with = |mode: &str| {
        let lab = LAB.replace("[install]", &format!("dhcp = \"{mode}\"\n[install]"));
        made(&format!("{lab}{RACK2}identity = \"address\"\n"))
    };
    assert!(with("proxy").contains("dhcp-range=set:subnet-rack2,10.0.1.0,proxy,255.255.255.0\n"));
    assert!(!with("proxy").contains("dhcp-option=tag:subnet"), "{}", with("proxy"));
    assert!(!with("none").contains("dhcp-range"), "{}", with("none"));
}
