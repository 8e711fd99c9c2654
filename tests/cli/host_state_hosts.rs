// SPDX-License-Identifier: GPL-3.0-or-later
//! Which hosts a command of `host-state` is for: ranges and files of hosts.

use crate::PROGRAM;
use crate::setup::{MACS, edit_record, json, names, three};
use crate::support::Node;

#[test]
fn a_host_is_named_as_people_name_it() {
    let node = Node::unserved(PROGRAM);
    three(&node);
    let list = |word: &str| node.run("host-state", &["list", word]);
    let address = json(&node.run("host-state", &["show", "sch-002", "--json"]))["address"].as_str().unwrap().to_owned();
    let dotted = format!(
        "{}.{}.{}",
        &MACS[1].replace(':', "")[..4],
        &MACS[1].replace(':', "")[4..8],
        &MACS[1].replace(':', "")[8..]
    );
    for word in ["sch-002.lab.internal", "SCH-002.Lab.Internal.", &address, &dotted] {
        assert_eq!(names(&list(word)), ["sch-002"], "{word}");
    }
    list("sch-002.other.example").fails(4, &["is not in lab.internal, the domain of cluster lab"]);
    list("10.99.0.250").fails(4, &["no host of cluster lab has the address 10.99.0.250"]);
    // An address that a person wrote into a record is found before it is allocated.
    edit_record(&node, MACS[1], &format!("\"{address}\""), "\"10.99.0.77\"");
    assert_eq!(names(&list("10.99.0.77")), ["sch-002"]);
    list(&address).fails(4, &["has the address"]);
    // A command that changes something takes the same words.
    node.run("host-state", &["set", "sch-001.lab.internal", "type=tch", "state=failed"]).done();
    node.run("host-state", &["rm", "10.99.0.77", "--force"]).done();
    assert_eq!(names(&node.run("host-state", &["list"])), ["sch-001", "sch-003"]);
}

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
