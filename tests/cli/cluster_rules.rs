// SPDX-License-Identifier: GPL-3.0-or-later
//! `[[rule]]` in the cluster file: what it permits, and where that is shown.

use crate::PROGRAM;
use crate::setup::{MAC, MACS, add_to_cluster};
use crate::support::Node;

/// A node with sch-001, whom a rule permits.
fn permitted() -> Node {
    let node = Node::unserved(PROGRAM);
    add_to_cluster(&node, "\n[[rule]]\nname = \"rack 9\"\nmac_prefix = \"52:54:00\"\ntype = \"SCH\"\n");
    node.run("host-state", &["add", MAC, "--type", "SCH"]).done();
    node
}

fn show(node: &Node, host: &str) -> String {
    node.run("host-state", &["show", host]).out
}

#[test]
fn a_rule_is_named_wherever_the_permission_is_shown() {
    let node = permitted();
    assert!(show(&node, "sch-001").contains("given by rule rack 9: mac_prefix="), "{}", show(&node, "sch-001"));
    let list = node.run("host-state", &["list"]).out;
    assert!(list.contains("  armed by rule rack 9\n"), "{list}");
}

/// As at the menu, it ends with a state that is set.
#[test]
fn what_a_rule_permits_is_shown_until_it_is_used_up() {
    let node = permitted();
    let set = node.run("host-state", &["set", "sch-001", "state=UNCONFIGURED"]);
    assert!(set.code == 0 && set.out.contains("given by rule rack 9"), "{}", set.out);
    let show = show(&node, "sch-001");
    assert!(show.contains("permission      none\n") && show.contains("disarmed: state set by hand"), "{show}");
    assert!(show.contains("type            -\n") && show.contains("profile         -\n"), "{show}");
}

#[test]
fn a_rule_and_a_window_that_contradict_each_other_permit_nothing_and_are_named() {
    let node = permitted();
    let open = ["window", "open", "--type", "SCH", "--for", "2h", "--mac-prefix", "52:54:00", "--name", "now"];
    let opened = node.run("host-state", &open);
    assert!(opened.code == 0 && opened.err.contains("rule rack 9"), "{}", opened.err);
    node.run("host-state", &["add", MACS[1]]).done();
    let show = show(&node, MACS[1]);
    assert!(show.contains("permission      none: rule rack 9 and window now of "), "{show}");
}
