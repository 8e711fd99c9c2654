// SPDX-License-Identifier: GPL-3.0-or-later
//! `host-state add`: a host gets a record, a name and an address.

use crate::PROGRAM;
use crate::setup::{MAC, MACS, edit_record, three};
use crate::support::Node;

#[test]
fn what_cannot_be_is_refused_in_one_line() {
    let node = Node::served(PROGRAM);
    let host_state = |arguments: &[&str]| node.run("host-state", arguments);
    host_state(&["show", "sch-009"]).fails(4, &["no host of cluster lab is called sch-009"]);
    host_state(&["show", MAC]).fails(4, &["has no host 52:54:00:00:00:01"]);
    host_state(&["arm", MAC, "--type", "TCH"]).fails(3, &["installs no TCH"]);
    host_state(&["arm", MAC, "--type", "TCH", "--profile", "STORAGERAID"]).fails(3, &["installs no TCH"]);
    host_state(&["log", "sch-001"]).fails(4, &["sch-001"]);
    assert_eq!(host_state(&["arm", "not a mac", "--type", "SCH"]).code, 2);
    host_state(&["arm", MAC]).fails(3, &["has no type; give --type"]);
    assert!(node.snapshot("srv/hps-config/clusters/lab/hosts").is_empty());
    assert_eq!(host_state(&["add", MAC, "--name", "first"]).code, 0);
    host_state(&["add", MAC]).fails(3, &["already a host"]);
    host_state(&["add", "52:54:00:00:00:02", "--type", "SCH", "--name", "first"])
        .fails(3, &["first belongs to host 52:54:00:00:00:01"]);
    host_state(&["set", "first", "state=INSTALLING"]).fails(3, &["only an installer"]);
}

/// A program that dies behind the empty record leaves what `add` without values makes: the same command completes it, once.
#[test]
fn an_add_that_was_cut_short_is_completed() {
    let node = Node::served(PROGRAM);
    let host_state = |arguments: &[&str]| node.run("host-state", arguments);
    host_state(&["add", MAC]).done();
    let add = ["add", MAC, "--type", "SCH", "--name", "backup", "--address", "10.99.0.9"];
    host_state(&add).done();
    let show = host_state(&["show", "backup"]).out;
    assert!(show.contains("CONFIGURED") && show.contains("10.99.0.9"), "{show}");
    let reservation = node.path("srv/hps-config/services/dhcp-hosts.lab/525400000001");
    assert!(std::fs::read_to_string(reservation).unwrap().contains("10.99.0.9"));
    host_state(&add).fails(3, &["is already a host"]);
    host_state(&["add", MAC, "--type", "SCH", "--name", "other"]).fails(3, &["is already a host"]);
}

/// Linux keeps 64 characters of a name with its domain, and Anaconda refuses more behind the wipe.
#[test]
fn a_name_that_is_too_long_with_its_domain_is_refused_with_the_sum() {
    let node = Node::new(PROGRAM);
    // "sch-99999" and the dot leave 54.
    let domain = |length: usize| format!("{}.internal", "d".repeat(length - ".internal".len()));
    let words = ["network.domain ", "has 55 characters: expected at most 54", "are 65"];
    node.configure(&["--domain", &domain(55)]).fails(1, &words);
    node.configure(&["--domain", &domain(54)]).done();
    let name = |length: usize| "n".repeat(length);
    let host_state = |arguments: &[&str]| node.run("host-state", arguments);
    let long = name(10);
    let words = ["(10)", "(54)", "are 65 characters", "at most 64"];
    host_state(&["add", MAC, "--name", &long]).fails(3, &words);
    host_state(&["add", MAC, "--name", &long, "--type", "SCH"]).fails(3, &words);
    let list = node.path("hosts.csv");
    std::fs::write(&list, format!("mac,name\n525400000001,{long}\n")).unwrap();
    let imported = host_state(&["import", &list.display().to_string()]);
    assert!(imported.code == 3 && words.iter().all(|word| imported.err.contains(word)), "{imported:?}");
    assert!(node.snapshot("srv/hps-config/clusters/lab/hosts").is_empty());
    host_state(&["add", MAC, "--name", &name(9), "--type", "SCH"]).done();
    host_state(&["set", MAC, &format!("name={long}")]).fails(3, &words);
    // A record of before, or a domain that was changed by hand since.
    let file = node.path("srv/hps-config/clusters/lab/hosts/525400000001.toml");
    let text = std::fs::read_to_string(&file).unwrap().replace(&name(9), &name(63));
    std::fs::write(&file, text).unwrap();
    let (old, words) = (name(63), ["(63)", "are 118 characters", "name=NAME"]);
    host_state(&["arm", &old]).fails(3, &words);
    let check = host_state(&["check"]);
    assert!(check.code == 1 && words.iter().all(|word| check.out.contains(word)), "{check:?}");
    // It can be read, and corrected.
    host_state(&["set", MAC, "reason=long"]).done();
    host_state(&["set", MAC, "name=short"]).done();
    host_state(&["arm", "short"]).done();
}

#[test]
fn a_full_range_is_said() {
    let node = Node::new(PROGRAM);
    node.configure(&["--host-range", "10.99.0.2-10.99.0.3"]).done();
    for mac in [MAC, "52:54:00:00:00:02"] {
        node.run("host-state", &["add", mac, "--type", "SCH"]).done();
    }
    node.run("host-state", &["add", "52:54:00:00:00:03", "--type", "SCH"])
        .fails(1, &["no free address", "10.99.0.2-10.99.0.3", "widen"]);
}

#[test]
fn a_dry_run_says_what_would_be_added() {
    let node = Node::unserved(PROGRAM);
    three(&node);
    let add = |more: &[&str]| node.run("host-state", &[&["add", MACS[3], "--type", "SCH"], more].concat());
    let dry = add(&["--dry-run"]);
    assert_eq!(dry.code, 10);
    assert_eq!(dry.out, "sch-004 (52:54:00:00:00:04) would be added: CONFIGURED, SCH, 10.99.0.5\n");
    assert_eq!(add(&[]).out, dry.out.replace("would be", "is"));
}

#[test]
fn a_mac_of_a_machine_that_was_installed_makes_the_host_one_that_was() {
    let node = Node::unserved(PROGRAM);
    three(&node);
    // Written by hand, so that the removal makes the mark.
    edit_record(&node, MACS[0], "\"CONFIGURED\"", "\"INSTALLED\"");
    node.run("host-state", &["rm", "sch-001"]).done();
    let set = node.run("host-state", &["set", "sch-003", &format!("macs={},{}", MACS[2], MACS[0])]);
    assert!(set.err.contains("sch-003 boots its disk from now on"), "{}", set.err);
}
