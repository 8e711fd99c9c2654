// SPDX-License-Identifier: GPL-3.0-or-later
//! `host-state set` and `unset`: values of a record, and what a change ends.

use crate::PROGRAM;
use crate::setup::{MAC, MACS, boot, json, reservation, three};
use crate::support::{Answer, Node, SERVER};

/// sch-001 to sch-003, and no services.
fn three_unserved() -> Node {
    let node = Node::unserved(PROGRAM);
    three(&node);
    node
}

#[test]
fn a_dry_run_shows_the_change_and_makes_none() {
    let node = Node::unserved(PROGRAM);
    node.run("host-state", &["add", MAC, "--type", "SCH"]).done();
    let before = node.snapshot("srv/hps-config/clusters/lab");
    let dry = node.run("host-state", &["set", "sch-001", "name=backup", "state=INSTALLED", "--dry-run"]);
    assert_eq!(dry.code, 10);
    assert!(dry.out.contains("+name = \"backup\""), "{}", dry.out);
    assert_eq!(node.snapshot("srv/hps-config/clusters/lab"), before);
}

#[test]
fn a_host_that_is_set_to_installed_boots_its_disk() {
    let node = Node::served(PROGRAM);
    node.run("host-state", &["add", MAC, "--type", "SCH"]).done();
    node.run("host-state", &["set", "sch-001", "name=backup", "state=INSTALLED"]).done();
    assert_eq!(node.run("host-state", &["set", "backup", "state=INSTALLED"]).code, 0, "nothing to do");
    assert!(boot(&node, MAC, "").contains("sanboot"), "it boots its disk");
    assert!(node.run("host-state", &["show", MAC]).out.contains("ever installed  yes"));
}

fn set(node: &Node, arguments: &[&str]) -> Answer {
    node.run("host-state", &[&["set"], arguments].concat())
}

#[test]
fn an_address_that_a_host_cannot_have_is_refused() {
    let node = three_unserved();
    set(&node, &["sch-001", "address=10.99.0.3"]).fails(3, &["10.99.0.3", "sch-002"]);
    set(&node, &["sch-001", "address=10.98.0.3"]).fails(3, &["10.98.0.3", "cannot be a host's"]);
    set(&node, &["sch-001", &format!("address={SERVER}")]).fails(3, &[SERVER, "cannot be a host's"]);
    set(&node, &["sch-001", "address=10.99.0.200"]).fails(3, &["dhcp_range"]);
}

#[test]
fn values_that_do_not_fit_together_are_refused() {
    let node = three_unserved();
    set(&node, &["sch-001", "profile=STORAGERAID", "type=TCH"]).fails(3, &["TCH", "STORAGERAID"]);
    set(&node, &["sch-[001-002]", "name=a"]).fails(3, &["one host", "2"]);
}

#[test]
fn what_can_be_set_is_named_where_nothing_is() {
    let node = three_unserved();
    set(&node, &["sch-001"]).fails(2, &["name=, type=, profile="]);
    set(&node, &["type=SCH"]).fails(2, &["no host is named"]);
    set(&node, &["bar"]).fails(2, &["name=, type=, profile="]);
    assert_eq!(set(&node, &["sch-001", "colour=red"]).code, 2);
}

#[test]
fn a_new_address_moves_the_reservation_and_frees_the_old_one() {
    let node = three_unserved();
    let dry = set(&node, &["sch-001", "address=10.99.0.77", "--dry-run"]);
    assert!(dry.code == 10 && dry.out.contains("+address = \"10.99.0.77\""), "{}{}", dry.out, dry.err);
    assert!(reservation(&node, MACS[0]).unwrap().contains("10.99.0.2,"));
    set(&node, &["sch-001", "address=10.99.0.77"]).done();
    assert_eq!(reservation(&node, MACS[0]).unwrap(), "52:54:00:00:00:01,10.99.0.77,sch-001\n");
    node.run("host-state", &["add", MACS[3], "--type", "SCH"]).done();
    assert!(node.run("host-state", &["show", MACS[3], "--json"]).out.contains("\"address\": \"10.99.0.2\""));
}

#[test]
fn many_hosts_get_one_profile() {
    let node = three_unserved();
    set(&node, &["sch-[001-003]", "profile=STORAGERAID"]).done();
    let list = json(&node.run("host-state", &["list", "--json"]));
    let profiles: Vec<_> = list.as_array().unwrap().iter().map(|host| host["profile"].as_str().unwrap()).collect();
    assert_eq!(profiles, ["STORAGERAID"; 3], "{list}");
}

fn unset(node: &Node, arguments: &[&str]) -> Answer {
    node.run("host-state", &[&["unset"], arguments].concat())
}

#[test]
fn unset_takes_values_away() {
    let node = three_unserved();
    set(&node, &["sch-001", "reason=moved"]).done();
    let dry = unset(&node, &["sch-001", "reason", "type", "--dry-run"]);
    assert!(dry.code == 10 && dry.out.contains("-reason = \"moved\""), "{}", dry.out);
    unset(&node, &["sch-001", "reason", "type"]).done();
    let shown = json(&node.run("host-state", &["show", "sch-001", "--json"]));
    assert!(shown["state"] == "UNCONFIGURED" && shown["reason"].is_null() && shown["type"].is_null(), "{shown}");
    assert_eq!(shown["history"].as_array().unwrap().last().unwrap()["before"]["reason"], "moved", "{shown}");
    assert_eq!(unset(&node, &["sch-001", "reason"]).code, 0, "nothing to do");
}

#[test]
fn a_host_without_an_address_has_no_reservation() {
    let node = Node::served(PROGRAM);
    three(&node);
    unset(&node, &["sch-002", "address"]).done();
    assert_eq!(reservation(&node, MACS[1]), None);
    assert_eq!(node.run("host-state", &["check"]).code, 0);
}

#[test]
fn what_can_be_unset_is_named_where_nothing_is() {
    let node = three_unserved();
    unset(&node, &["sch-[001-003]"]).fails(2, &["nothing to remove", "name, type, profile"]);
    unset(&node, &["sch-001", "foo"]).fails(2, &["name, type, profile"]);
    assert_eq!(unset(&node, &["sch-001", "state"]).code, 2);
}

#[test]
fn a_state_set_by_hand_ends_a_permission() {
    let node = Node::unserved(PROGRAM);
    node.run("host-state", &["add", MAC, "--type", "SCH"]).done();
    set(&node, &["sch-001", "state=INSTALLED"]).done();
    node.run("host-state", &["arm", "sch-001", "--type", "SCH"]).done();
    assert!(node.run("host-state", &["list"]).out.contains("armed for"));
    let ended = set(&node, &["sch-001", "state=INSTALLED"]);
    assert!(ended.code == 0 && ended.out.contains("the permission given by"), "{}{}", ended.out, ended.err);
    assert!(!node.run("host-state", &["list"]).out.contains("armed for"));
    assert!(node.run("host-state", &["show", "sch-001", "--json"]).out.contains("\"permission\": null"));
}

/// sch-001 is armed. The MAC that is to join it has a permission of its own, as an older version could leave it, and was installed.
fn armed_with_another_mac() -> Node {
    let node = Node::unserved(PROGRAM);
    let host_state = |arguments: &[&str]| node.run("host-state", arguments);
    host_state(&["arm", MACS[0], "--type", "SCH"]).done();
    host_state(&["arm", MACS[1], "--type", "SCH", "--wipe", "D2"]).done();
    // Its record goes, and the permission stays.
    let permission = node.path("srv/hps-config/clusters/lab/permissions/525400000002.toml");
    let mut text = std::fs::read_to_string(&permission).unwrap();
    let digit = text.find("id = \"").unwrap() + 6;
    text.replace_range(digit..=digit, if text[digit..].starts_with('a') { "b" } else { "a" });
    host_state(&["rm", MACS[1]]).done();
    std::fs::write(&permission, text).unwrap();
    node.run("chmod", &["0640", &permission.display().to_string()]).done();
    std::fs::write(node.path("srv/hps-config/state/ever-installed/525400000002"), "2026-01-01T00:00:00Z lab\n")
        .unwrap();
    node
}

const JOIN: [&str; 2] = ["sch-001", "macs=52:54:00:00:00:01,52:54:00:00:00:02"];

#[test]
fn macs_that_end_permissions_say_so_before() {
    let node = armed_with_another_mac();
    let dry = set(&node, &[&JOIN[..], &["--dry-run"]].concat());
    assert_eq!(dry.code, 10, "{}", dry.err);
    for part in [
        "the permission of 52:54:00:00:00:02 given by ",
        " ends: its machine became a part of another host\n",
        " ends: the host got other MACs, and with them other marks of installations\n",
    ] {
        assert!(dry.out.contains(part), "{part}: {}", dry.out);
    }
    let dry = set(&node, &[&JOIN[..], &["--json", "--dry-run"]].concat());
    assert_eq!(dry.out.matches("\"given_by\"").count(), 2, "{}", dry.out);
}

#[test]
fn macs_that_end_permissions_end_them_for_ever() {
    let node = armed_with_another_mac();
    let done = set(&node, &[&JOIN[..], &["--json"]].concat());
    assert_eq!(done.code, 0, "{}", done.err);
    assert!(done.out.contains("\"ended_permissions\": ["), "{}", done.out);
    assert_eq!(done.out.matches("\"given_by\"").count(), 2, "{}", done.out);
    assert_eq!(node.run("host-state", &["history", "sch-001"]).out.matches(" disarmed: ").count(), 2);
    // Nor does what ended come back with the MACs of before.
    unset(&node, &["sch-001", "macs"]).done();
    let explain = node.run("host-state", &["explain", "sch-001"]).out;
    assert!(explain.contains("(the host got other MACs"), "{explain}");
}
