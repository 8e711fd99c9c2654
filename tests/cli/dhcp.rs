// SPDX-License-Identifier: GPL-3.0-or-later
//! What dnsmasq offers to hosts: address, name and boot file.

use crate::PROGRAM;
use crate::setup::{MAC, MACS, boot, json, reservation, three};
use crate::support::{Node, SERVER};
use hps::exec::apt_index::Candidate;
use hps::files::Base;
use hps::media::loader_packages::LoaderPackages;
use hps::media::proven_package::ProvenPackage;
use hps::types::Sha256Digest;
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
        ("11", "yes", "http://10.99.0.1/cgi-bin/boot_manager?cmd=init"),
        // An address alone.
        ("6", "no", ""),
        ("10", "no", ""),
        ("11", "no", ""),
        ("15", "no", ""),
        ("19", "no", ""),
        ("20", "no", ""),
        ("27", "no", ""),
        ("300", "no", ""),
    ] {
        let offer = node.run("python3", &["-c", script, MAC, arch, ipxe]);
        assert_eq!(offer.code, 0, "{}", offer.err);
        assert_eq!(offer.out.trim(), format!("10.99.0.2 {expected}").trim(), "architecture {arch}, iPXE {ipxe}");
    }
    arm64_is_fetched(&node);
    for (arch, expected) in [("11", "ipxe-arm64.efi"), ("19", "http://10.99.0.1/boot/ipxe-arm64.efi")] {
        let offer = node.run("python3", &["-c", script, MAC, arch, "no"]);
        assert_eq!(offer.out.trim(), format!("10.99.0.2 {expected}"), "architecture {arch}");
        let url = if arch == "11" { format!("tftp://{SERVER}/{expected}") } else { expected.to_owned() };
        assert_eq!(node.run("curl", &["-sS", &url]).out, "arm64 iPXE");
    }
    let stranger = node.run("python3", &["-c", script, "52:54:00:00:00:99", "7", "no"]).out;
    let address: Ipv4Addr = stranger.split(' ').next().unwrap().parse().unwrap();
    assert!(address.octets()[3] >= 128, "an unknown machine gets an address of the other range: {address}");
    let _unused = UdpSocket::bind("127.0.0.1:0");
}

/// A package with iPXE for arm64, as `build-image --boot-loaders` keeps it, is served by the next reload.
fn arm64_is_fetched(node: &Node) {
    let candidate = Candidate {
        package: "ipxe".to_owned(),
        version: "1.21".to_owned(),
        file: "ipxe_1.21_all.deb".to_owned(),
        size: 1,
        sha256: Sha256Digest::hash(b"deb"),
    };
    let files = [("/usr/lib/ipxe/ipxe-arm64.efi".into(), b"arm64 iPXE".to_vec())].into();
    let folder = node.path("srv/hps-config/state").join(LoaderPackages::FOLDER);
    let packages = LoaderPackages::new(folder, Base::from_folders([node.path("").as_path()]));
    packages.keep("trixie", &ProvenPackage { candidate, files }).unwrap();
    node.run("reload", &[]).done();
}

/// What `host-state pending` says of a netboot, after it had an hour to come further: the last line of the log is as old
/// as the file, so an older file makes all lines older.
fn netboot(node: &Node, mac: &str) -> Option<serde_json::Value> {
    let log = std::fs::File::options().append(true).open(node.path("srv/log/dnsmasq.log")).unwrap();
    log.set_modified(std::time::SystemTime::now() - std::time::Duration::from_secs(3_600)).unwrap();
    let list = json(&node.run("host-state", &["pending", "--json"]));
    list.as_array().unwrap().iter().find(|one| one["mac"] == mac && !one["netboot"].is_null()).cloned()
}

#[test]
fn a_machine_that_is_not_served_is_seen() {
    let node = Node::served(PROGRAM);
    let _removed = std::fs::remove_file(node.path("srv/log/web/access.log"));
    let script = include_str!("dhcp_discover.py");
    for (arch, name) in [("6", "x86 UEFI"), ("27", "RISC-V 64-bit UEFI"), ("11", "ARM 64-bit UEFI")] {
        let mac = format!("52:54:00:00:01:{arch:0>2}");
        node.run("python3", &["-c", script, &mac, arch, "no"]).done();
        let found = netboot(&node, &mac).unwrap_or_else(|| panic!("{arch} is not listed"));
        let netboot = &found["netboot"];
        assert_eq!(netboot["architecture"].to_string(), arch);
        assert_eq!((netboot["architecture_name"].as_str(), netboot["stage"].as_str()), (Some(name), Some("address")));
        assert!(netboot["vendor_class"].as_str().unwrap().starts_with("PXEClient"), "{netboot}");
        let problem = netboot["problem"].as_str().unwrap();
        assert!(problem.contains("not served") && (arch != "11" || problem.contains("build-image --boot-loaders")));
        assert!(found["address"].as_str().unwrap().starts_with("10.99.0."), "{found}");
    }
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
    set("sch-001", MACS[3]).fails(3, &["must begin with", MACS[0]]);
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
