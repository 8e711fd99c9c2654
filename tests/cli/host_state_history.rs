// SPDX-License-Identifier: GPL-3.0-or-later
//! `host-state history`: each change of a host.

use crate::PROGRAM;
use crate::setup::{MACS, three};
use crate::support::Node;

#[test]
fn history_tells_every_change() {
    let node = Node::served(PROGRAM);
    three(&node);
    node.run("host-state", &["set", "sch-001", "name=backup", "address=10.99.0.50"]).done();
    let all = node.run("host-state", &["history", "backup"]).out;
    assert!(all.contains("name sch-001 -> backup, address 10.99.0.2 -> 10.99.0.50"), "{all}");
    assert!(all.lines().count() >= 2);
    assert_eq!(node.run("host-state", &["history", "backup", "--lines", "1"]).out.lines().count(), 1);
    assert!(node.run("host-state", &["history", "backup", "--json"]).out.contains("\"who\""));
    node.run("host-state", &["history", MACS[3]]).fails(4, &["never had"]);
}
