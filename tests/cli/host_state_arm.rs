// SPDX-License-Identifier: GPL-3.0-or-later
//! `host-state arm` and `disarm`: who may be installed, which disks may be wiped, and where that is shown.

use crate::PROGRAM;
use crate::setup::{MAC, three};
use crate::support::{Node, SERVER};

#[test]
fn an_armed_host_has_a_name_an_address_and_a_permission() {
    let node = Node::served(PROGRAM);
    let armed = node.run("host-state", &["arm", MAC, "--type", "SCH", "--reason", "first host", "--json"]);
    assert_eq!(armed.code, 0, "{}", armed.err);
    let shown = node.run("host-state", &["show", "SCH-001", "--json"]).out;
    for part in [
        "\"name\": \"sch-001\"",
        "\"state\": \"CONFIGURED\"",
        "\"address\": \"10.99.0.2\"",
        "\"reason\": \"first host\"",
        "\"mac\": \"52:54:00:00:00:01\"",
    ] {
        assert!(shown.contains(part), "{part} in {shown}");
    }
    let list = node.run("host-state", &["list"]).out;
    assert!(
        list.lines()
            .nth(1)
            .unwrap()
            .starts_with("sch-001  52:54:00:00:00:01  CONFIGURED  SCH   10.99.0.2  armed for 2"),
        "{list}"
    );
    // dnsmasq answers with that name at once, without a signal.
    let found = node.run("curl", &["-sS", "--max-time", "2", "-o", "/dev/null", &format!("http://{SERVER}/nothing")]);
    assert_eq!(found.code, 0);
    let log = std::fs::read_to_string(node.path("srv/log/dnsmasq.log")).unwrap();
    assert!(log.contains("dhcp-hosts.lab/525400000001"), "{log}");
    assert!(!log.contains("duplicate"), "{log}");
}

#[test]
fn many_are_armed_or_none() {
    let node = Node::served(PROGRAM);
    let host_state = |arguments: &[&str]| node.run("host-state", arguments);
    host_state(&["add", MAC, "--type", "SCH"]).done();
    let before = node.snapshot("srv/hps-config/clusters/lab");
    let dry = host_state(&["arm", "sch-001", "52:54:00:00:00:02", "--type", "SCH", "--dry-run"]);
    assert_eq!(dry.code, 10, "{}", dry.err);
    assert!(dry.out.contains("sch-001 would be armed: SCH STORAGESINGLE with x86_64-linux-"), "{}", dry.out);
    assert_eq!(dry.out.lines().count(), 2, "{}", dry.out);
    host_state(&["arm", "sch-001", "52:54:00:00:00:02"]).fails(3, &["the record of 52:54:00:00:00:02 has no type"]);
    host_state(&["arm", "sch-001", "52:54:00:00:00:02", "--type", "SCH", "--wipe", "S1"])
        .fails(3, &["--wipe names a disk of one host"]);
    assert_eq!(node.snapshot("srv/hps-config/clusters/lab"), before, "nothing was written");
    // The type of the record is enough.
    let json = host_state(&["arm", "sch-001", "--dry-run", "--json"]);
    assert!(json.code == 10 && json.out.contains("\"host\": \"sch-001\""), "{}{}", json.out, json.err);
    let armed = host_state(&["arm", "sch-001"]);
    assert!(armed.out.starts_with("sch-001 (52:54:00:00:00:01, 10.99.0.2) is armed: SCH STORAGESINGLE with "));
    assert!(armed.code == 0 && armed.out.lines().count() == 1 && !armed.err.contains("replaces"), "{}", armed.err);
    assert!(host_state(&["list"]).out.contains("armed for"));
    let again = host_state(&["arm", "sch-001"]);
    assert!(again.err.contains("sch-001: this replaces the permission given by"), "{}", again.err);
}

#[test]
fn who_may_wipe_what_is_shown_wherever_the_permission_is() {
    let node = Node::served(PROGRAM);
    let host_state = |arguments: &[&str]| node.run("host-state", arguments);
    host_state(&["add", MAC, "--type", "SCH"]).done();
    host_state(&["arm", "sch-001", "--wipe", "S3Z8", "--expires", "2h", "--reason", "new disk"]).done();
    let show = host_state(&["show", "sch-001"]).out;
    assert!(show.contains(", may wipe S3Z8, given by ") && show.contains(": new disk\n"), "{show}");
    assert!(host_state(&["list"]).out.contains("h, may wipe S3Z8\n"), "{}", host_state(&["list"]).out);
    let history = || host_state(&["history", "sch-001"]).out;
    let armed = history();
    let line = armed.lines().last().unwrap();
    for part in [" armed: SCH STORAGESINGLE with x86_64-linux-", ", until 20", ", may wipe S3Z8: new disk, "] {
        assert!(line.contains(part), "{part} in {line}");
    }
    // Each time, although nothing else of the record changes.
    host_state(&["arm", "sch-001"]).done();
    assert_eq!(history().lines().count(), armed.lines().count() + 1);
    let show = host_state(&["show", "sch-001"]).out;
    assert!(show.lines().any(|l| l.starts_with("permission ") && l.ends_with(" with host-state")), "{show}");
    host_state(&["disarm", "sch-001"]).done();
    assert!(history().contains(" CONFIGURED disarmed: given by "), "{}", history());
    host_state(&["arm", "sch-001", "--expires", "1s"]).done();
    std::thread::sleep(std::time::Duration::from_millis(2_100));
    assert!(host_state(&["list"]).out.contains("permission expired "), "{}", host_state(&["list"]).out);
}

#[test]
fn disarm_ends_permissions() {
    let node = Node::served(PROGRAM);
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
