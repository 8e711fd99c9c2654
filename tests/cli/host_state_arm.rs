// SPDX-License-Identifier: GPL-3.0-or-later
//! `host-state arm` and `disarm`: who may be installed, which disks may be wiped, and where that is shown.

use crate::PROGRAM;
use crate::setup::{MAC, MACS, json, three};
use crate::support::{Node, SERVER};

/// A node with sch-001.
fn one() -> Node {
    let node = Node::unserved(PROGRAM);
    node.run("host-state", &["add", MAC, "--type", "SCH"]).done();
    node
}

#[test]
fn an_armed_host_has_a_name_an_address_and_a_permission() {
    let node = Node::unserved(PROGRAM);
    let armed = node.run("host-state", &["arm", MAC, "--type", "SCH", "--reason", "first host", "--json"]);
    assert_eq!(armed.code, 0, "{}", armed.err);
    let shown = json(&node.run("host-state", &["show", "SCH-001", "--json"]));
    let host = if shown.is_array() { &shown[0] } else { &shown };
    for (key, value) in [("name", "sch-001"), ("state", "CONFIGURED"), ("address", "10.99.0.2"), ("mac", MAC)] {
        assert_eq!(host[key], value, "{shown}");
    }
    assert_eq!(host["permission"]["reason"], "first host", "{shown}");
    let list = node.run("host-state", &["list"]).out;
    let line = list.lines().nth(1).unwrap();
    assert!(line.starts_with("sch-001  52:54:00:00:00:01  CONFIGURED  SCH   10.99.0.2  armed for 2"), "{list}");
}

#[test]
fn dnsmasq_knows_an_armed_host_at_once() {
    let node = Node::served(PROGRAM);
    node.run("host-state", &["arm", MAC, "--type", "SCH"]).done();
    // Without a signal.
    let found = node.run("curl", &["-sS", "--max-time", "2", "-o", "/dev/null", &format!("http://{SERVER}/nothing")]);
    assert_eq!(found.code, 0);
    let log = std::fs::read_to_string(node.path("srv/log/dnsmasq.log")).unwrap();
    assert!(log.contains("dhcp-hosts.lab/525400000001"), "{log}");
    assert!(!log.contains("duplicate"), "{log}");
}

#[test]
fn many_are_armed_or_none() {
    let node = one();
    let arm = |arguments: &[&str]| node.run("host-state", &[&["arm", "sch-001", MACS[1]], arguments].concat());
    let before = node.snapshot("srv/hps-config/clusters/lab");
    let dry = arm(&["--type", "SCH", "--dry-run"]);
    assert_eq!(dry.code, 10, "{}", dry.err);
    assert!(dry.out.contains("sch-001 would be armed: SCH STORAGESINGLE with x86_64-linux-"), "{}", dry.out);
    assert_eq!(dry.out.lines().count(), 2, "{}", dry.out);
    arm(&[]).fails(3, &[MACS[1], "type"]);
    arm(&["--type", "SCH", "--wipe", "S1"]).fails(3, &["--wipe", "one host"]);
    assert_eq!(node.snapshot("srv/hps-config/clusters/lab"), before, "nothing was written");
}

#[test]
fn the_type_of_the_record_is_enough() {
    let node = one();
    let dry = node.run("host-state", &["arm", "sch-001", "--dry-run", "--json"]);
    assert!(dry.code == 10 && dry.out.contains("\"host\": \"sch-001\""), "{}{}", dry.out, dry.err);
    let armed = node.run("host-state", &["arm", "sch-001"]);
    assert_eq!((armed.code, armed.out.lines().count()), (0, 1), "{armed:?}");
    assert!(armed.out.starts_with("sch-001 (52:54:00:00:00:01, 10.99.0.2) "), "{}", armed.out);
    assert!(armed.out.contains(": SCH STORAGESINGLE with "), "{}", armed.out);
    assert!(node.run("host-state", &["list"]).out.contains("armed for"));
}

#[test]
fn a_permission_that_is_replaced_is_named() {
    let node = one();
    let armed = node.run("host-state", &["arm", "sch-001"]);
    assert!(!armed.err.contains("replaces"), "{}", armed.err);
    let again = node.run("host-state", &["arm", "sch-001"]);
    assert!(again.code == 0 && again.err.contains("sch-001: this replaces the permission given by"), "{}", again.err);
}

#[test]
fn the_disk_that_may_be_wiped_is_shown_wherever_the_permission_is() {
    let node = one();
    let host_state = |arguments: &[&str]| node.run("host-state", arguments);
    host_state(&["arm", "sch-001", "--wipe", "S3Z8", "--expires", "2h", "--reason", "new disk"]).done();
    let show = host_state(&["show", "sch-001"]).out;
    assert!(show.contains(", may wipe S3Z8, given by ") && show.contains(": new disk\n"), "{show}");
    assert!(host_state(&["list"]).out.contains("h, may wipe S3Z8\n"), "{}", host_state(&["list"]).out);
    let history = host_state(&["history", "sch-001"]).out;
    let line = history.lines().last().unwrap();
    for part in [" armed: SCH STORAGESINGLE with x86_64-linux-", ", until 20", ", may wipe S3Z8: new disk, "] {
        assert!(line.contains(part), "{part} in {line}");
    }
}

#[test]
fn each_permission_and_its_end_are_in_the_history() {
    let node = one();
    let history = || node.run("host-state", &["history", "sch-001"]).out;
    node.run("host-state", &["arm", "sch-001"]).done();
    let before = history().lines().count();
    // Each time, although nothing else of the record changes.
    node.run("host-state", &["arm", "sch-001"]).done();
    assert_eq!(history().lines().count(), before + 1);
    let show = node.run("host-state", &["show", "sch-001"]).out;
    assert!(show.lines().any(|l| l.starts_with("permission ") && l.ends_with(" with host-state")), "{show}");
    node.run("host-state", &["disarm", "sch-001"]).done();
    assert!(history().contains(" CONFIGURED disarmed: given by "), "{}", history());
}

#[test]
fn a_permission_that_expired_is_shown_as_that() {
    let node = one();
    node.run("host-state", &["arm", "sch-001", "--expires", "1s"]).done();
    std::thread::sleep(std::time::Duration::from_millis(2_100));
    let list = node.run("host-state", &["list"]).out;
    assert!(list.contains("permission expired ") && !list.contains("armed for"), "{list}");
}

#[test]
fn disarm_ends_permissions() {
    let node = Node::unserved(PROGRAM);
    three(&node);
    node.run("host-state", &["arm", "sch-001", "sch-002", "--type", "SCH"]).done();
    let dry = node.run("host-state", &["disarm", "sch-[001-003]", "--dry-run"]);
    assert!(dry.code == 10 && dry.out.lines().count() == 2 && dry.out.contains("would end"), "{}", dry.out);
    assert!(node.run("host-state", &["list"]).out.contains("armed for"));
    node.run("host-state", &["disarm", "sch-[001-003]"]).done();
    assert!(!node.run("host-state", &["list"]).out.contains("armed for"));
    let again = node.run("host-state", &["disarm", "sch-001"]);
    assert!(again.code == 0 && again.err.contains("nothing to revoke"), "{}", again.err);
}
