// SPDX-License-Identifier: GPL-3.0-or-later
//! `host-state audit`: who changed what, by which program, also by hand.

use crate::PROGRAM;
use crate::setup::{MACS, edit_cluster, edit_record, json, three};
use crate::support::{Node, SERVER};
use serde_json::Value;

fn audit(node: &Node, more: &[&str]) -> Vec<Value> {
    let answer = node.run("host-state", &[&["audit", "--json"], more].concat());
    json(&answer).as_array().unwrap().clone()
}

/// A line as `what, who`.
fn words(line: &Value) -> String {
    format!("{}, {}", line["what"].as_str().unwrap(), line["who"].as_str().unwrap())
}

#[test]
fn every_program_that_changes_something_is_in_it() {
    let node = Node::served(PROGRAM);
    node.run("env", &["SUDO_USER=anna", &program("host-state"), "add", MACS[0], "--type", "SCH"]).done();
    node.run("host-state", &["arm", "sch-001"]).done();
    node.run("host-state", &["set", "sch-001", "name=backup"]).done();
    node.run("host-state", &["window", "open", "--any", "--type", "SCH", "--for", "1h", "--name", "rack7"]).done();
    node.run("host-state", &["window", "close", "rack7"]).done();
    boot(&node);
    node.run("host-state", &["rm", "backup", "--force"]).done();
    let all: Vec<String> = audit(&node, &[]).iter().map(words).collect();
    for part in [
        "written, root with cluster-configure",
        "services follow the settings, root with reload",
        "first seen, anna with host-state",
        "armed, root with host-state",
        "set by hand, root with host-state",
        "window opened, root with host-state",
        "window closed, root with host-state",
        "removed, root with host-state",
    ] {
        assert!(all.iter().any(|line| line == part), "{part} in {all:#?}");
    }
    let renamed = audit(&node, &["--host", MACS[0]]).into_iter().find(|line| line["what"] == "set by hand").unwrap();
    assert_eq!(renamed["note"], "name sch-001 -> backup");
    assert!(audit(&node, &["--who", "anna"]).iter().all(|line| line["who"] == "anna with host-state"));
    assert_eq!(audit(&node, &["-n", "2"]).len(), 2);
    assert!(!audit(&node, &["--since", "1h"]).is_empty());
    let people = node.run("host-state", &["audit", "--host", MACS[0], "-n", "1"]).out;
    assert!(people.contains(&format!("{} CONFIGURED -> UNCONFIGURED removed: it was backup", MACS[0])), "{people}");
}

#[test]
fn an_edit_by_hand_is_in_it_with_before_and_after() {
    let node = Node::served(PROGRAM);
    three(&node);
    node.run("reload", &[]).done();
    let before = audit(&node, &[]).len();
    assert_eq!(audit(&node, &[]).len(), before, "nothing was edited");
    edit_record(&node, MACS[1], "\"sch-002\"", "\"hand\"");
    edit_cluster(&node, "enrolment = \"menu\"", "enrolment = \"armed\"");
    node.run("reload", &[]).done();
    let all = audit(&node, &[]);
    let by_hand: Vec<&Value> = all[before..].iter().filter(|line| line["who"] == "by hand").collect();
    assert_eq!(by_hand.len(), 2, "{by_hand:#?}");
    assert!(by_hand[0]["file"].as_str().unwrap().ends_with("clusters/lab.cluster"), "{by_hand:#?}");
    let changes: Vec<&str> =
        by_hand[0]["changes"].as_array().unwrap().iter().map(|line| line.as_str().unwrap()).collect();
    let begins = ["-enrolment = \"menu\"", "+enrolment = \"armed\""];
    assert!(
        changes.len() == 2 && changes.iter().zip(begins).all(|(line, begin)| line.starts_with(begin)),
        "{changes:?}"
    );
    let note = "name sch-002 -> hand; seen by root with reload";
    assert_eq!((&by_hand[1]["note"], &by_hand[1]["what"]), (&note.into(), &"edited by hand".into()));
    edit_record(&node, MACS[2], "\"sch-003\"", "\"other\"");
    let seen = node.run("host-state", &["audit", "-n", "1"]).out;
    assert!(
        seen.contains("other edited by hand: name sch-003 -> other; seen by root with host-state, by hand"),
        "{seen}"
    );
    assert!(node.run("host-state", &["history", "other"]).out.contains("edited by hand"));
}

#[test]
fn a_full_or_missing_audit_stops_no_boot() {
    let node = Node::served(PROGRAM);
    three(&node);
    let folder = node.path("srv/log/audit");
    std::fs::remove_dir_all(&folder).unwrap();
    node.run("host-state", &["set", "sch-001", "reason=x"]).done();
    std::fs::write(&folder, "no folder").unwrap();
    node.run("host-state", &["set", "sch-001", "reason=y"]).done();
    assert!(boot(&node).contains("#!ipxe"));
    assert_ne!(node.run("host-state", &["audit"]).code, 0, "a log that cannot be read is no empty one");
}

fn boot(node: &Node) -> String {
    let url = format!("http://{SERVER}/cgi-bin/boot_manager?cmd=boot_action&mac=525400000001");
    node.run("curl", &["-sS", &url]).out
}

fn program(name: &str) -> String {
    std::path::Path::new(PROGRAM).with_file_name(name).display().to_string()
}

/// A command, and how it would be noted.
#[test]
fn commands_for_clusters_are_in_it() {
    let node = Node::served(PROGRAM);
    let configure = |words: &str| node.run("cluster-configure", &words.split(' ').collect::<Vec<_>>());
    let noted = |words: &str, expected: &[(&str, &str)]| {
        let before = audit(&node, &[]).len();
        let answer = configure(words);
        assert_eq!(answer.code, 0, "{words}: {}", answer.err);
        let own = "root with cluster-configure";
        let lines: Vec<(String, String)> = audit(&node, &[])[before..]
            .iter()
            .filter(|line| line["who"] == own)
            .map(|line| {
                let file = line["file"].as_str().unwrap_or_default().rsplit('/').next().unwrap_or_default();
                (line["what"].as_str().unwrap().to_owned(), file.to_owned())
            })
            .collect();
        let expected: Vec<(String, String)> =
            expected.iter().map(|(what, file)| ((*what).to_owned(), (*file).to_owned())).collect();
        assert_eq!(lines, expected, "{words}");
    };
    let lab = node.path("srv/hps-config/clusters/lab.cluster").display().to_string();
    noted(&format!("--from {lab} --name site2 --no-activate"), &[("written", "site2.cluster")]);
    noted("rename site2 site3", &[("renamed", "site3.cluster"), ("removed", "site2.cluster")]);
    noted("rename lab zurich", &[("renamed", "zurich.cluster"), ("removed", "lab.cluster")]);
    noted("select site3", &[("zurich is no longer active; site3 is", "")]);
    noted("remove zurich", &[("removed", "zurich.cluster")]);
    let editor = node.path("editor");
    std::fs::write(&editor, "#!/bin/sh\nsed -i 's/enrolment = \"menu\"/enrolment = \"armed\"/' \"$1\"\n").unwrap();
    std::fs::set_permissions(&editor, std::os::unix::fs::PermissionsExt::from_mode(0o755)).unwrap();
    let before = audit(&node, &[]).len();
    let mut edit = node.command("cluster-configure");
    let edit = edit.arg("edit").env_remove("VISUAL").env("EDITOR", &editor).stdin(std::process::Stdio::null());
    assert!(edit.output().unwrap().status.success());
    let lines = audit(&node, &[]);
    assert_eq!(lines[before..].iter().map(words).collect::<Vec<_>>(), ["edited, root with cluster-configure"]);
    let changes: Vec<&str> =
        lines[before]["changes"].as_array().unwrap().iter().filter_map(serde_json::Value::as_str).collect();
    assert!(changes.len() == 2 && changes[1].starts_with("+enrolment = \"armed\""), "{changes:?}");
}
