// SPDX-License-Identifier: GPL-3.0-or-later
//! A command that is killed at each file that it puts in place, and the same command again.

use crate::PROGRAM;
use crate::setup::{MAC, boot, json, lease};
use crate::support::{Answer, Node};

/// What puts a file in place, or removes one.
const CALLS: &str = "?rename,?renameat,?renameat2,?link,?linkat,?unlink,?unlinkat";

/// Runs a program that is killed at its call `number` of these.
pub(crate) fn killed_at(node: &Node, number: usize, program: &str, arguments: &[&str]) -> Answer {
    let (trace, inject) = (format!("trace={CALLS}"), format!("inject={CALLS}:signal=SIGKILL:when={number}"));
    let strace = ["-f", "-o", "/dev/null", "-e", &trace, "-e", &inject, program];
    node.run("strace", &[&strace[..], arguments].concat())
}

const NEW: &str = "52:54:00:00:00:0a";

/// Its only name is the MAC that goes away.
#[test]
fn the_same_command_finishes_a_replacement_for_a_host_without_a_name() {
    let node = Node::new(PROGRAM);
    node.configure(&["--enrolment", "menu"]).done();
    lease(&node, MAC);
    boot(&node, MAC, "");
    let clusters = node.path("srv/hps-config/clusters");
    let shell = |script: &str| node.run("sh", &["-ec", script, "sh", clusters.to_str().unwrap()]).done();
    shell("cp -a $1 $1.before");
    let command = ["replace-nic", MAC, MAC, NEW];
    let has = |mac: &str| node.run("host-state", &["show", mac]).code == 0;
    let (mut both, mut done) = (0, 0);
    for number in 1..=60 {
        let killed = killed_at(&node, number, env!("CARGO_BIN_EXE_host-state"), &command);
        if killed.code == 0 {
            assert!(both > 0 && done > 0, "strace never ended it where it matters: {both} {done}");
            node.run("host-state", &command).done();
            node.run("host-state", &["replace-nic", MAC, MAC, "52:54:00:00:00:0b"]).fails(4, &[MAC]);
            return;
        }
        match (has(MAC), has(NEW)) {
            (true, true) => both += 1,
            (false, true) => done += 1,
            (true, false) => {}
            (false, false) => panic!("{number}: no record"),
        }
        node.run("host-state", &command).done();
        assert!(!has(MAC), "{number}");
        let host = json(&node.run("host-state", &["show", NEW, "--json"]));
        assert_eq!(host["macs"], serde_json::json!(["52:54:00:00:00:0a"]), "{number}");
        shell("rm -r $1; cp -a $1.before $1");
    }
    panic!("it changes more files");
}
