// SPDX-License-Identifier: GPL-3.0-or-later
//! `host-state pending`: only a machine that asked, that has no system and that nothing installs by itself waits for a person.

use crate::setup::{MAC, boot, choose, json, rocky_node};
use crate::support::Node;

/// What each machine that waits asks for.
fn pending(node: &Node) -> Vec<(String, String)> {
    let list = json(&node.run("host-state", &["pending", "--json"]));
    let word = |one: &serde_json::Value, key: &str| one[key].as_str().unwrap().to_owned();
    list.as_array().unwrap().iter().map(|one| (word(one, "mac"), word(one, "asks"))).collect()
}

#[track_caller]
fn nobody_waits(node: &Node, why: &str) {
    assert_eq!(pending(node), [], "{why}");
    assert_eq!(node.run("host-state", &["pending"]).out, "", "{why}");
}

#[track_caller]
fn waits(node: &Node, asks: &str) {
    assert_eq!(pending(node), [(MAC.to_owned(), asks.to_owned())]);
    assert!(node.run("host-state", &["pending"]).out.contains(MAC));
}

#[test]
fn a_host_that_never_asked_does_not_wait() {
    let node = rocky_node(&[]);
    node.run("host-state", &["add", "52:54:00:00:00:02", "--type", "SCH"]).done();
    node.run("host-state", &["set", "sch-001", "state=UNCONFIGURED"]).done();
    nobody_waits(&node, "added by hand");
}

#[test]
fn a_machine_that_a_window_installs_does_not_wait() {
    let node = rocky_node(&[]);
    boot(&node, MAC, "");
    waits(&node, "new machine, nothing chosen");
    node.run("host-state", &["window", "open", "--type", "SCH", "--for", "2h", "--any", "--name", "rack7"]).done();
    nobody_waits(&node, "a window");
    node.run("host-state", &["window", "close", "rack7"]).done();
    waits(&node, "new machine, nothing chosen");
}

#[test]
fn a_machine_with_a_system_does_not_wait() {
    let node = rocky_node(&[]);
    boot(&node, MAC, "");
    for state in ["INSTALLED", "UNCONFIGURED"] {
        node.run("host-state", &["set", MAC, &format!("state={state}")]).done();
    }
    nobody_waits(&node, "it has a system");
}

/// Armed with no disk named, its console can still request that; a permission that names one grants it.
#[test]
fn a_request_at_the_console_waits_until_a_permission_grants_it() {
    let node = rocky_node(&[]);
    node.run("host-state", &["arm", MAC, "--type", "SCH"]).done();
    nobody_waits(&node, "it is armed");
    choose(&node, MAC, "force_install_on", "");
    waits(&node, "requests that a disk be wiped");
    node.run("host-state", &["arm", MAC, "--type", "SCH", "--wipe", "S1"]).done();
    nobody_waits(&node, "the disk is named");
}
