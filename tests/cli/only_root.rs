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

#[test]
fn who_is_not_root_is_told_so_once() {
    let node = Node::served(PROGRAM);
    three(&node);
    let program = std::path::Path::new(PROGRAM).with_file_name("host-state");
    let copy = node.path("host-state");
    node.run("cp", &[&program.display().to_string(), &copy.display().to_string()]).done();
    let list = node.path("hosts.csv");
    std::fs::write(&list, "mac,name\n525400000021,a\n525400000022,b\n").unwrap();
    let nobody = |arguments: &[&str]| {
        let copy = copy.display().to_string();
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
}
