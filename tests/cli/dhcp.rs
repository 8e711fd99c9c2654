// SPDX-License-Identifier: GPL-3.0-or-later
//! What dnsmasq offers to hosts: address, name and boot file.

use crate::PROGRAM;
use crate::setup::{MAC, MACS, reservation, three};
use crate::support::{Node, SERVER};
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

#[test]
fn one_host_of_several_interfaces() {
    let node = Node::served(PROGRAM);
    three(&node);
    let both = format!("macs={},{}", MACS[0], MACS[3]);
    node.run("host-state", &["set", "sch-001", &both]).done();
    assert!(node.run("host-state", &["show", MACS[3]]).out.contains("sch-001"));
    assert_eq!(reservation(&node, MACS[0]).unwrap(), "52:54:00:00:00:01,52:54:00:00:00:04,10.99.0.2,sch-001\n");
    // dnsmasq gives the one address to either interface.
    let begun = std::time::Instant::now();
    let offer = |mac| node.run("python3", &["-c", include_str!("dhcp_discover.py"), mac, "0", "no"]).out;
    while !offer(MACS[3]).starts_with("10.99.0.2 ") {
        assert!(begun.elapsed().as_secs() < 20, "{}", offer(MACS[3]));
    }
    assert!(offer(MACS[0]).starts_with("10.99.0.2 "));
    node.run("host-state", &["add", MACS[3]]).fails(3, &["already a host", "sch-001"]);
    node.run("host-state", &["set", "sch-002", &format!("macs={},{}", MACS[1], MACS[3])])
        .fails(3, &["52:54:00:00:00:04 belongs to sch-001"]);
    node.run("host-state", &["set", "sch-001", &format!("macs={}", MACS[3])]).fails(3, &["must hold"]);
    // What one interface was counts for the machine: installed over the first, it boots its disk by the second too.
    node.run("host-state", &["set", "sch-001", "state=INSTALLED"]).done();
    let boot = |mac: &str| {
        let url = format!("http://{SERVER}/cgi-bin/boot_manager?cmd=boot_action&mac={mac}");
        node.run("curl", &["-sS", &url]).out
    };
    assert!(boot(MACS[3]).contains("sanboot"), "{}", boot(MACS[3]));
    node.run("host-state", &["rm", MACS[3]]).done();
    assert!(boot(MACS[3]).contains("sanboot") && boot(MACS[0]).contains("sanboot"));
}
