// SPDX-License-Identifier: GPL-3.0-or-later
//! Programs that only root may run.

use crate::PROGRAM;
use crate::setup::{MACS, three};
use crate::support::Node;

#[test]
fn only_root_may() {
    let node = Node::served(PROGRAM);
    for program in ["reload", "cluster-configure"] {
        let path = node.command(program);
        let path = path.get_args().last().unwrap().to_string_lossy().into_owned();
        node.run("setpriv", &["--reuid=65534", "--regid=65534", "--clear-groups", &path])
            .fails(3, &["only root may do this"]);
    }
}

/// The path of a copy of the program, which every user can start.
fn own(node: &Node, program: &str) -> String {
    let copy = node.path(program).display().to_string();
    let from = std::path::Path::new(PROGRAM).with_file_name(program);
    node.run("cp", &[&from.display().to_string(), &copy]).done();
    copy
}

#[test]
fn who_is_not_root_is_told_so_once() {
    let node = Node::served(PROGRAM);
    three(&node);
    let copy = own(&node, "host-state");
    let list = node.path("hosts.csv");
    std::fs::write(&list, "mac,name\n525400000021,a\n525400000022,b\n").unwrap();
    let nobody = |arguments: &[&str]| {
        node.run("setpriv", &[&["--reuid=65534", "--regid=65534", "--clear-groups", &copy], arguments].concat())
    };
    let list = list.display().to_string();
    let commands: [&[&str]; 6] = [
        &["list"],
        &["show", "sch-001"],
        &["window", "list"],
        &["import", &list],
        &["add", MACS[3]],
        &["set", MACS[0], "reason=x"],
    ];
    for command in commands {
        let answer = nobody(command);
        assert_eq!((answer.code, answer.err.lines().count()), (3, 1), "{command:?}: {}{}", answer.out, answer.err);
        assert!(answer.err.contains("only root may do this; try again with sudo"), "{command:?}: {}", answer.err);
    }
    let clusters = node.run(
        "setpriv",
        &["--reuid=65534", "--regid=65534", "--clear-groups", &own(&node, "cluster-configure"), "list"],
    );
    assert_eq!((clusters.out.as_str(), clusters.err.lines().count()), ("", 1), "{clusters:?}");
    clusters.fails(3, &["only root may do this; try again with sudo"]);
}
