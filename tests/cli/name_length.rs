// SPDX-License-Identifier: GPL-3.0-or-later
//! A name with its domain has at most 64 characters, wherever either of them comes from.

use crate::PROGRAM;
use crate::setup::{MAC, MACS, edit_cluster};
use crate::support::Node;

#[test]
fn a_domain_that_is_too_long_for_a_host_is_refused_with_the_sum() {
    let node = Node::unserved(PROGRAM);
    let name = "n".repeat(50);
    node.run("host-state", &["add", MAC, "--name", &name]).done();
    let before = node.snapshot("srv/hps-config/clusters");
    // 50, a dot and 14.
    for more in [&["--no-reload"][..], &["--no-reload", "--dry-run"], &[]] {
        let arguments = [&["--domain", "lab14.internal"], more].concat();
        node.configure(&arguments).fails(3, &[&name, "65 characters", "host-state set"]);
    }
    assert_eq!(node.snapshot("srv/hps-config/clusters"), before);
    node.configure(&["--domain", "lab3.internal", "--no-reload"]).done();
}

#[test]
fn a_domain_by_hand_stops_permissions_of_hosts_without_a_name_too() {
    let node = Node::unserved(PROGRAM);
    edit_cluster(&node, "lab.internal", &format!("{}.internal", "d".repeat(55)));
    let armed = node.run("host-state", &["arm", MACS[1], "--type", "SCH"]);
    armed.fails(3, &["network.domain", "64 characters"]);
    node.run("host-state", &["add", MACS[1], "--type", "SCH"]).fails(3, &["sch-001", "72 characters"]);
    assert_eq!(node.run("host-state", &["check"]).code, 1);
}
