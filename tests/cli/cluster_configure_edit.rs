// SPDX-License-Identifier: GPL-3.0-or-later
//! `cluster-configure edit`: nothing with a mistake is saved.

use crate::PROGRAM;
use crate::setup::CLUSTER;
use crate::support::{Answer, Node};
use crate::terminal::Terminal;

/// An editor that runs this script on its file, `$1`.
fn editor(node: &Node, script: &str) -> String {
    let place = node.path("editor");
    std::fs::write(&place, format!("#!/bin/sh\n{script}\n")).unwrap();
    std::fs::set_permissions(&place, std::os::unix::fs::PermissionsExt::from_mode(0o755)).unwrap();
    place.to_string_lossy().into_owned()
}

fn edit(node: &Node, script: &str, more: &[&str]) -> Answer {
    let editor = editor(node, script);
    let mut command = node.command("cluster-configure");
    command.arg("edit").args(more).env_remove("VISUAL").env("EDITOR", editor).stdin(std::process::Stdio::null());
    Answer::from_output(command.output().unwrap())
}

fn cluster(node: &Node) -> String {
    std::fs::read_to_string(node.path(CLUSTER)).unwrap()
}

#[test]
fn a_good_change_is_saved_and_the_former_file_is_kept() {
    let node = Node::unserved(PROGRAM);
    let before = cluster(&node);
    let change = "sed -i 's/\"menu\" /\"armed\"/' \"$1\"";
    let shown = edit(&node, change, &["--dry-run"]);
    assert!(shown.code == 10 && shown.out.contains("+enrolment = \"armed\""), "{shown:?}");
    assert_eq!(cluster(&node), before);
    edit(&node, change, &["lab"]).fails(0, &["is saved; next: reload"]);
    assert_eq!(cluster(&node), before.replace("\"menu\" ", "\"armed\""));
    let kept = node.path("srv/hps-config/clusters/lab.cluster.bak");
    assert_eq!(std::fs::read_to_string(&kept).unwrap(), before);
    let mode = std::os::unix::fs::PermissionsExt::mode(&std::fs::metadata(&kept).unwrap().permissions());
    assert_eq!(mode & 0o777, 0o640, "it may have the hash of a password");
    edit(&node, "true", &[]).fails(0, &["nothing was changed"]);
    edit(&node, "true", &["other"]).fails(4, &["no cluster other"]);
}

#[test]
fn a_mistake_is_not_saved() {
    let node = Node::unserved(PROGRAM);
    let before = node.snapshot("srv");
    let twice = "sed -i -e 's/^domain .*/domain = site/' -e 's/\"menu\"/\"men\"/' \"$1\"";
    let answer = edit(&node, twice, &[]);
    assert_eq!((answer.code, answer.err.lines().count()), (1, 2), "each mistake: {answer:?}");
    assert!(answer.err.contains("lab.cluster: line") && answer.err.contains("domain = \"site\""), "{answer:?}");
    edit(&node, "sed -i 's/\"lab\"/\"lob\"/' \"$1\"", &[]).fails(1, &["cluster-configure rename"]);
    edit(&node, "exit 3", &[]).fails(1, &["editor failed", "3"]);
    edit(&node, &format!("echo >> {}; echo >> \"$1\"", node.path(CLUSTER).display()), &[])
        .fails(3, &["was changed by another program meanwhile"]);
    let again = before.iter().map(|(path, _)| path).collect::<Vec<_>>();
    assert_eq!(node.snapshot("srv").iter().map(|(path, _)| path).collect::<Vec<_>>(), again, "no file more");
    assert!(node.snapshot("run/hps").iter().all(|(path, _)| path.extension().is_none_or(|e| e != "cluster")));
}

#[test]
fn a_person_edits_again_or_drops_the_changes() {
    let node = Node::unserved(PROGRAM);
    let before = cluster(&node);
    // Each call adds a line: the first one is a mistake, the second one makes it a comment.
    let editor = editor(&node, "grep -q '^oops' \"$1\" && sed -i 's/^oops/# oops/' \"$1\" || echo oops >> \"$1\"");
    let mut terminal = Terminal::new(&node, &["edit"]);
    terminal.environment.extend([("VISUAL", ""), ("EDITOR", editor.leak())]);
    let seen = terminal.run(&[("edit or drop", "drop")]);
    assert_eq!((seen.code, seen.left), (Some(1), 0), "{}", seen.text);
    assert_eq!(cluster(&node), before);
    let seen = terminal.run(&[("edit or drop", "")]);
    assert_eq!((seen.code, seen.left), (Some(0), 0), "{}", seen.text);
    assert_eq!(cluster(&node), before + "# oops\n");
}
