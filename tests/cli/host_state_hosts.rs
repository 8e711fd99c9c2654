// SPDX-License-Identifier: GPL-3.0-or-later
//! Which hosts a command of `host-state` is for: ranges and files of hosts.

use crate::PROGRAM;
use crate::setup::{MACS, names, three};
use crate::support::Node;

#[test]
fn hosts_are_named_by_ranges_and_files() {
    let node = Node::served(PROGRAM);
    three(&node);
    let list = |arguments: &[&str]| node.run("host-state", &[&["list"], arguments].concat());
    assert_eq!(names(&list(&["sch-[001-002]"])), ["sch-001", "sch-002"]);
    assert_eq!(names(&list(&["SCH-003", MACS[0]])), ["sch-001", "sch-003"]);
    list(&["sch-[001-005]"]).fails(4, &["sch-004, sch-005"]);
    assert_eq!(list(&["sch-[3-1]"]).code, 2);
    std::fs::write(node.path("hosts"), "# two\nsch-[002-003]   # the rest\n\nSCH-001\n").unwrap();
    let file = node.path("hosts").display().to_string();
    let shown = node.run("host-state", &["show", "--hosts-from", &file, "--json"]);
    let shown = shown.out;
    assert_eq!(shown.matches("\"state\": \"CONFIGURED\"").count(), 3, "{shown}");
    std::fs::write(node.path("hosts"), "sch-001\nwhat is this\n").unwrap();
    node.run("host-state", &["disarm", "--hosts-from", &file]).fails(3, &["hosts:2:", "what is this"]);
    std::fs::write(node.path("hosts"), "# none\n").unwrap();
    node.run("host-state", &["rm", "--hosts-from", &file]).fails(3, &["no host is named"]);
    assert_eq!(node.run("host-state", &["rm"]).code, 2);
}
