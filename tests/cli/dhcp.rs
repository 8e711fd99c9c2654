// SPDX-License-Identifier: GPL-3.0-or-later
//! What dnsmasq offers to hosts: address, name and boot file.

use crate::PROGRAM;
use crate::setup::{MAC, MACS, boot, reservation, three};
use crate::support::Node;
use std::net::{Ipv4Addr, UdpSocket};

/// A small DHCP client (RFC 2131): the answer to a DISCOVER is read far enough to see address and boot file.
#[test]
fn dnsmasq_offers_the_reserved_address_and_the_boot_file() {
    let node = Node::served(PROGRAM);
    node.run("host-state", &["add", MAC, "--type", "SCH"]).done();
    let script = include_str!("dhcp_discover.py");
    for (arch, ipxe, expected) in [
        ("0", "no", "undionly.kpxe"),
        ("7", "no", "snponly.efi"),
        ("9", "no", "snponly.efi"),
        ("16", "no", "http://10.99.0.1/boot/snponly.efi"),
        ("0", "yes", "http://10.99.0.1/cgi-bin/boot_manager?cmd=init"),
    ] {
        let offer = node.run("python3", &["-c", script, MAC, arch, ipxe]);
        assert_eq!(offer.code, 0, "{}", offer.err);
        assert_eq!(offer.out.trim(), format!("10.99.0.2 {expected}"), "architecture {arch}, iPXE {ipxe}");
    }
    let stranger = node.run("python3", &["-c", script, "52:54:00:00:00:99", "7", "no"]).out;
    let address: Ipv4Addr = stranger.split(' ').next().unwrap().parse().unwrap();
    assert!(address.octets()[3] >= 128, "an unknown machine gets an address of the other range: {address}");
    let _unused = UdpSocket::bind("127.0.0.1:0");
}

#[test]
fn a_renamed_host_is_renamed_for_dnsmasq_too() {
    let node = Node::served(PROGRAM);
    node.run("host-state", &["add", MAC, "--type", "SCH"]).done();
    let name = || node.run("python3", &["-c", include_str!("dhcp_discover.py"), MAC, "0", "no"]).err;
    assert_eq!(name().trim(), "sch-001");
    node.run("host-state", &["set", "sch-001", "name=backup"]).done();
    // The signal is sent when the program ends; dnsmasq takes it in its own time.
    let begun = std::time::Instant::now();
    while name().trim() != "backup" {
        assert!(
            begun.elapsed().as_secs() < 20,
            "{}",
            std::fs::read_to_string(node.path("srv/log/dnsmasq.log")).unwrap()
        );
    }
}

/// A node where sch-001 has a second interface.
fn two_interfaces() -> Node {
    let node = Node::served(PROGRAM);
    three(&node);
    node.run("host-state", &["set", "sch-001", &format!("macs={},{}", MACS[0], MACS[3])]).done();
    node
}

#[test]
fn each_interface_of_a_host_is_offered_its_one_address() {
    let node = two_interfaces();
    assert!(node.run("host-state", &["show", MACS[3]]).out.contains("sch-001"));
    assert_eq!(reservation(&node, MACS[0]).unwrap(), "52:54:00:00:00:01,52:54:00:00:00:04,10.99.0.2,sch-001\n");
    let begun = std::time::Instant::now();
    let offer = |mac| node.run("python3", &["-c", include_str!("dhcp_discover.py"), mac, "0", "no"]).out;
    while !offer(MACS[3]).starts_with("10.99.0.2 ") {
        assert!(begun.elapsed().as_secs() < 20, "{}", offer(MACS[3]));
    }
    assert!(offer(MACS[0]).starts_with("10.99.0.2 "));
}

#[test]
fn an_interface_is_of_one_host() {
    let node = two_interfaces();
    node.run("host-state", &["add", MACS[3]]).fails(3, &["already a host", "sch-001"]);
    let set = |host: &str, macs: &str| node.run("host-state", &["set", host, &format!("macs={macs}")]);
    set("sch-002", &format!("{},{}", MACS[1], MACS[3])).fails(3, &[MACS[3], "sch-001"]);
    set("sch-001", MACS[3]).fails(3, &["must have"]);
}

/// What one interface was counts for the machine: installed over the first, it boots its disk by the second too.
#[test]
fn a_mark_of_one_interface_counts_for_the_machine() {
    let node = two_interfaces();
    node.run("host-state", &["set", "sch-001", "state=INSTALLED"]).done();
    assert!(boot(&node, MACS[3], "").contains("sanboot"), "{}", boot(&node, MACS[3], ""));
    node.run("host-state", &["rm", MACS[3]]).done();
    assert!(boot(&node, MACS[3], "").contains("sanboot") && boot(&node, MACS[0], "").contains("sanboot"));
}
