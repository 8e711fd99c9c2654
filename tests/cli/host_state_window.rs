// SPDX-License-Identifier: GPL-3.0-or-later
//! `host-state window`: machines that are installed without a permission of their own, for some hours.

use crate::PROGRAM;
use crate::setup::{MAC, MACS, boot, choose, json, lease, rocky_node};
use crate::support::{Answer, Node};
use std::collections::BTreeSet;

const OTHER: &str = MACS[1];

fn open(node: &Node, more: &[&str]) -> Answer {
    node.run("host-state", &[&["window", "open", "--type", "SCH", "--for", "2h"], more].concat())
}

/// The names of the windows, sorted.
fn windows(node: &Node) -> Vec<String> {
    let list = json(&node.run("host-state", &["window", "list", "--json"]));
    let names = list.as_array().unwrap().iter().map(|window| window["rule"]["name"].as_str().unwrap().to_owned());
    names.collect::<BTreeSet<_>>().into_iter().collect()
}

#[test]
fn a_dry_run_opens_and_closes_nothing() {
    let node = Node::unserved(PROGRAM);
    let dry = open(&node, &["--product", "R640", "--name", "rack7", "--dry-run"]);
    assert_eq!(dry.code, 10, "{}", dry.err);
    assert!(windows(&node).is_empty());
    assert!(node.run("host-state", &["window", "list"]).out.is_empty());
    let opened = open(&node, &["--product", "R640", "--name", "rack7", "--json"]);
    assert_eq!((opened.code, json(&opened)["rule"]["product"].as_str()), (0, Some("R640")));
    assert_eq!(node.run("host-state", &["window", "close", "rack7", "--dry-run"]).code, 10);
    assert_eq!(windows(&node), ["rack7"]);
}

#[test]
fn a_window_says_which_machines_it_is_for() {
    let node = Node::unserved(PROGRAM);
    assert_eq!(open(&node, &["--name", "rack7"]).code, 2, "which machines?");
    assert_eq!(open(&node, &["--name", "rack7", "--any", "--product", "R640"]).code, 2);
    let opened = open(&node, &["--product", "R640", "--name", "rack7"]);
    assert_eq!((opened.code, opened.out.starts_with("window rack7: ")), (0, true), "{}", opened.out);
    assert!(opened.out.contains("until 20") && opened.out.contains("product=R640"), "{}", opened.out);
    assert!(node.run("host-state", &["window", "list"]).out.contains("rack7"));
}

#[test]
fn a_name_is_that_of_one_window() {
    let node = Node::unserved(PROGRAM);
    open(&node, &["--product", "R640", "--name", "rack7"]).done();
    open(&node, &["--any", "--name", "rack7"]).fails(3, &["rack7"]);
    assert_eq!(windows(&node), ["rack7"]);
    node.run("host-state", &["window", "close", "rack7"]).done();
    node.run("host-state", &["window", "close", "rack7"]).fails(4, &["rack7"]);
    assert!(windows(&node).is_empty());
}

#[test]
fn a_window_that_ties_with_another_one_is_named() {
    let node = Node::unserved(PROGRAM);
    open(&node, &["--product", "R640", "--name", "rack7"]).done();
    let tie = open(&node, &["--product", "R640", "--name", "rack8"]);
    assert!(tie.code == 0 && tie.err.contains("window rack7"), "{}", tie.err);
    assert_eq!(windows(&node), ["rack7", "rack8"]);
    node.run("host-state", &["window", "close", "rack8"]).done();
    let other = open(&node, &["--any", "--name", "all", "--dry-run"]);
    assert!(other.code == 10 && !other.err.contains("window rack7"), "{}", other.err);
    assert_eq!(windows(&node), ["rack7"]);
}

#[test]
fn an_unknown_machine_starts_its_own_disk_until_a_window_enrols_it() {
    let node = rocky_node(&["--enrolment", "armed"]);
    let host_state = |arguments: &[&str]| node.run("host-state", arguments);
    let answer = || json(&host_state(&["explain", MAC, "--json"]))["answer"].as_str().unwrap().to_owned();
    assert!(!boot(&node, MAC, "&serial=S1&product=R640").contains("menu_item=enrol"));
    assert_eq!(answer(), "own_disk");
    let waiting = json(&host_state(&["pending", "--json"]));
    assert_eq!((waiting[0]["mac"].as_str(), waiting[0]["asks"].as_str()), (Some(MAC), Some("unknown machine")));
    assert_eq!(waiting[0]["firmware"]["product"], "R640", "{waiting}");
    assert!(host_state(&["pending"]).out.contains("product=R640"));

    open(&node, &["--product", "R640", "--name", "rack7"]).done();
    let script = boot(&node, MAC, "&product=other");
    assert!(!script.contains("menu_item=enrol") && !script.contains("inst.ks="), "{script}");
    let script = boot(&node, MAC, "&product=R640");
    assert!(script.contains("menu_item=enrol"), "{script}");
    assert!(host_state(&["list"]).out.lines().count() <= 1, "asking moves nothing");
    let script = choose(&node, MAC, "enrol", "&product=R640");
    assert!(script.contains("inst.ks="), "{script}");
    assert!(host_state(&["list"]).out.contains("sch-001"));
    assert!(host_state(&["pending"]).out.is_empty());
}

#[test]
fn the_window_is_named_wherever_the_permission_is_shown() {
    let node = rocky_node(&["--enrolment", "armed"]);
    open(&node, &["--product", "R640", "--name", "rack7"]).done();
    assert!(choose(&node, MAC, "enrol", "&product=R640").contains("inst.ks="));
    let shown = |arguments: &[&str]| node.run("host-state", arguments).out;
    let show = shown(&["show", "sch-001"]);
    assert!(show.contains("given by window rack7 of ") && show.contains("enrolled: by window rack7"), "{show}");
    assert!(shown(&["explain", "sch-001"]).contains("window rack7"), "{}", shown(&["explain", "sch-001"]));
    assert!(shown(&["list"]).contains("armed by window rack7"), "{}", shown(&["list"]));
    assert!(shown(&["show", "sch-001", "--json"]).contains("\"source\": \"window\""));
}

#[test]
fn a_machine_that_was_installed_in_its_life_is_not_in_a_window() {
    let node = rocky_node(&["--enrolment", "armed"]);
    open(&node, &["--product", "R640", "--name", "rack7"]).done();
    node.run("host-state", &["add", OTHER, "--type", "SCH"]).done();
    node.run("host-state", &["set", "sch-001", "state=INSTALLED"]).done();
    node.run("host-state", &["set", "sch-001", "state=UNCONFIGURED"]).done();
    lease(&node, OTHER);
    let script = boot(&node, OTHER, "&product=R640");
    assert!(script.contains("sanboot") && !script.contains("enrol"), "{script}");
}
