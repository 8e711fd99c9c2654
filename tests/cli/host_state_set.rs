// SPDX-License-Identifier: GPL-3.0-or-later
//! `host-state set` and `unset`: values of a record, and what a change ends.

use crate::PROGRAM;
use crate::setup::{MAC, MACS, reservation, three};
use crate::support::{Node, SERVER};

#[test]
fn a_change_is_shown_and_a_dry_run_is_only_that() {
    let node = Node::served(PROGRAM);
    node.run("host-state", &["add", MAC, "--type", "SCH"]).done();
    let before = node.snapshot("srv/hps-config/clusters/lab");
    let dry = node.run("host-state", &["set", "sch-001", "name=backup", "state=INSTALLED", "--dry-run"]);
    assert_eq!(dry.code, 10);
    assert!(
        dry.out.contains("-name = \"sch-001\"\n+name = \"backup\"") || dry.out.contains("+name = \"backup\""),
        "{}",
        dry.out
    );
    assert_eq!(node.snapshot("srv/hps-config/clusters/lab"), before);
    node.run("host-state", &["set", "sch-001", "name=backup", "state=INSTALLED"]).done();
    assert_eq!(node.run("host-state", &["set", "backup", "state=INSTALLED"]).code, 0, "nothing to do");
    let url = format!("http://{SERVER}/cgi-bin/boot_manager?cmd=boot_action&mac={MAC}");
    assert!(node.run("curl", &["-sS", &url]).out.contains("sanboot"), "it boots its disk");
    assert!(node.run("host-state", &["show", MAC]).out.contains("ever installed  yes"));
}

#[test]
fn set_claims_refuses_and_moves_the_reservation() {
    let node = Node::served(PROGRAM);
    three(&node);
    let set = |arguments: &[&str]| node.run("host-state", &[&["set"], arguments].concat());
    set(&["sch-001", "address=10.99.0.3"]).fails(3, &["10.99.0.3 belongs to host sch-002"]);
    set(&["sch-001", "address=10.98.0.3"]).fails(3, &["cannot be a host's"]);
    set(&["sch-001", &format!("address={SERVER}")]).fails(3, &["cannot be a host's"]);
    set(&["sch-001", "address=10.99.0.200"]).fails(3, &["dhcp_range"]);
    set(&["sch-001", "profile=STORAGERAID", "type=TCH"]).fails(3, &["TCH has no profile STORAGERAID"]);
    set(&["sch-[001-002]", "name=a"]).fails(3, &["to one host, but 2 are given"]);
    set(&["sch-001"]).fails(2, &["nothing to set", "name=, type=, profile="]);
    set(&["type=SCH"]).fails(2, &["no host is named"]);
    set(&["bar"]).fails(2, &["name=, type=, profile="]);
    assert_eq!(set(&["sch-001", "colour=red"]).code, 2);
    let dry = set(&["sch-001", "address=10.99.0.77", "--dry-run"]);
    assert!(dry.code == 10 && dry.out.contains("+address = \"10.99.0.77\""), "{}{}", dry.out, dry.err);
    assert!(reservation(&node, MACS[0]).unwrap().contains("10.99.0.2,"));
    set(&["sch-001", "address=10.99.0.77"]).done();
    assert_eq!(reservation(&node, MACS[0]).unwrap(), "52:54:00:00:00:01,10.99.0.77,sch-001\n");
    // The old address is free for the next one.
    node.run("host-state", &["add", MACS[3], "--type", "SCH"]).done();
    assert!(node.run("host-state", &["show", MACS[3], "--json"]).out.contains("\"address\": \"10.99.0.2\""));
    set(&["sch-[001-003]", "profile=STORAGERAID"]).done();
    let json = node.run("host-state", &["list", "--json"]).out;
    assert_eq!(json.matches("STORAGERAID").count(), 3, "{json}");
}

#[test]
fn unset_takes_values_away() {
    let node = Node::served(PROGRAM);
    three(&node);
    let unset = |arguments: &[&str]| node.run("host-state", &[&["unset"], arguments].concat());
    node.run("host-state", &["set", "sch-001", "reason=moved"]).done();
    let dry = unset(&["sch-001", "reason", "type", "--dry-run"]);
    assert!(dry.code == 10 && dry.out.contains("-reason = \"moved\""), "{}", dry.out);
    unset(&["sch-001", "reason", "type"]).done();
    let shown = node.run("host-state", &["show", "sch-001", "--json"]).out;
    assert!(shown.contains("\"state\": \"UNCONFIGURED\"") && !shown.contains("moved"), "{shown}");
    unset(&["sch-002", "address"]).done();
    assert_eq!(reservation(&node, MACS[1]), None, "no address, no reservation");
    assert_eq!(node.run("host-state", &["check"]).code, 0);
    unset(&["sch-[001-003]"]).fails(2, &["nothing to remove", "name, type, profile"]);
    unset(&["sch-001", "foo"]).fails(2, &["name, type, profile"]);
    assert_eq!(unset(&["sch-001", "state"]).code, 2);
    assert_eq!(unset(&["sch-001", "reason"]).code, 0, "nothing to do");
}

#[test]
fn a_state_set_by_hand_ends_a_permission() {
    let node = Node::served(PROGRAM);
    node.run("host-state", &["add", MAC, "--type", "SCH"]).done();
    node.run("host-state", &["set", "sch-001", "state=INSTALLED"]).done();
    node.run("host-state", &["arm", "sch-001", "--type", "SCH"]).done();
    assert!(node.run("host-state", &["list"]).out.contains("armed for"));
    let ended = node.run("host-state", &["set", "sch-001", "state=INSTALLED"]);
    assert!(ended.code == 0 && ended.out.contains("the permission given by"), "{}{}", ended.out, ended.err);
    assert!(!node.run("host-state", &["list"]).out.contains("armed for"));
    assert!(node.run("host-state", &["show", "sch-001", "--json"]).out.contains("\"permission\": null"));
}

/// The MAC that joins has a permission of its own, and was installed: both permissions end, and both are shown.
#[test]
fn macs_that_end_a_permission_say_so() {
    let node = Node::served(PROGRAM);
    let host_state = |arguments: &[&str]| node.run("host-state", arguments);
    let other = "52:54:00:00:00:02";
    host_state(&["arm", MAC, "--type", "SCH"]).done();
    host_state(&["arm", other, "--type", "SCH", "--wipe", "D2"]).done();
    // Its record goes, and a permission of it is there, as an older version could leave it.
    let permission = node.path("srv/hps-config/clusters/lab/permissions/525400000002.toml");
    let mut text = std::fs::read_to_string(&permission).unwrap();
    let digit = text.find("id = \"").unwrap() + 6;
    text.replace_range(digit..=digit, if text[digit..].starts_with('a') { "b" } else { "a" });
    host_state(&["rm", other]).done();
    std::fs::write(&permission, text).unwrap();
    node.run("chmod", &["0640", &permission.display().to_string()]).done();
    std::fs::write(node.path("srv/hps-config/state/ever-installed/525400000002"), "2026-01-01T00:00:00Z lab\n")
        .unwrap();
    let set =
        |more: &[&str]| host_state(&[&["set", "sch-001", "macs=52:54:00:00:00:01,52:54:00:00:00:02"], more].concat());
    let dry = set(&["--dry-run"]);
    assert_eq!(dry.code, 10, "{}", dry.err);
    for part in [
        "the permission of 52:54:00:00:00:02 given by ",
        " ends: its machine became a part of another host\n",
        " ends: the host got other MACs, and with them other marks of installations\n",
    ] {
        assert!(dry.out.contains(part), "{part}: {}", dry.out);
    }
    let json = set(&["--json", "--dry-run"]);
    assert_eq!(json.out.matches("\"given_by\"").count(), 2, "{}", json.out);
    let done = set(&["--json"]);
    assert!(done.code == 0 && done.out.contains("\"ended_permissions\": ["), "{}{}", done.out, done.err);
    assert_eq!(done.out.matches("\"given_by\"").count(), 2, "{}", done.out);
    assert_eq!(host_state(&["history", "sch-001"]).out.matches(" disarmed: ").count(), 2);
    // Nor does what ended come back with the MACs of before.
    host_state(&["unset", "sch-001", "macs"]).done();
    let explain = host_state(&["explain", "sch-001"]).out;
    assert!(explain.contains("it ended (the host got other MACs"), "{explain}");
}
