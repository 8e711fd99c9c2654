// SPDX-License-Identifier: GPL-3.0-or-later
//! `host-state erase`: which disks, two questions, refusals, and what remains of it in history and audit.

use crate::PROGRAM;
use crate::killed::killed_at;
use crate::setup::{MAC, edit_record, json};
use crate::support::{Answer, Node};
use crate::terminal::Terminal;

const PERMISSION: &str = "srv/hps-config/clusters/lab/permissions/erase/525400000001.toml";
const HARDWARE: &str = "srv/hps-config/clusters/lab/hardware/525400000001.toml";

/// A node with sch-001, whose hardware record has three disks.
fn node() -> Node {
    let node = Node::unserved(PROGRAM);
    node.run("host-state", &["add", MAC, "--type", "SCH"]).done();
    let disks: String = [("vda", "S1", "V"), ("nvme0n1", "S2", "FAST 1T"), ("sda", "S3", "ST4")]
        .map(|(name, serial, model)| {
            format!("[[now.disks]]\nname = {name:?}\nbytes = 4294967296\nserial = {serial:?}\nmodel = {model:?}\n")
        })
        .concat();
    let empty = "modules = []\ncards = []\n";
    let text = format!(
        "version = 1\n[now]\nat = \"2026-11-22T10:00:30Z\"\noccasion = \"installation\"\n{empty}[now.board]\n{disks}"
    );
    std::fs::write(node.path(HARDWARE), text).unwrap();
    node.run("host-state", &["hardware", MAC]).done();
    node
}

fn erase(node: &Node, more: &[&str]) -> Answer {
    node.run("host-state", &[&["erase", "sch-001"], more].concat())
}

fn named(node: &Node) -> Option<Vec<String>> {
    let permission: toml::Table = std::fs::read_to_string(node.path(PERMISSION)).ok()?.parse().unwrap();
    Some(permission["disks"].as_array().unwrap().iter().map(|disk| disk.as_str().unwrap().to_owned()).collect())
}

#[test]
fn a_person_sees_the_disks_and_is_asked_twice() {
    let node = node();
    let arguments = ["erase", "sch-001", "--disk", "S2", "--disk", "S3", "--reason", "sold"];
    let first = "Erase 2 disks of sch-001, so that the content is lost for ever? yes or no [no]";
    let second = "type the name of the host (sch-001)";
    let at = |steps: &[(&str, &str)]| Terminal::at_program(&node, "host-state", &arguments).run(steps);
    let no = at(&[(first, "")]);
    assert!(no.code == Some(1) && no.text.contains("nothing was changed") && !no.text.contains(second), "{no:?}");
    for shown in ["S2", "FAST 1T, 4.0 GiB", "S3", "ST4", "52:54:00:00:00:01", "CONFIGURED", "never installed"] {
        assert!(no.text.contains(shown), "{shown}: {no:?}");
    }
    assert!(!no.text.contains("S1"), "{no:?}");
    for wrong in ["yes", "sch-002", ""] {
        let wrong = at(&[(first, "yes"), (second, wrong)]);
        assert!(wrong.code == Some(1) && wrong.text.contains("nothing was changed"), "{wrong:?}");
    }
    let gone = at(&[(first, "yes"), (second, "\u{3}")]);
    assert!(gone.code != Some(0) && gone.left == 0, "{gone:?}");
    assert_eq!(named(&node), None);
    let yes = at(&[(first, "yes"), (second, "sch-001")]);
    assert!(yes.code == Some(0) && yes.text.contains("host-power boot-once sch-001 --now"), "{yes:?}");
    assert_eq!(named(&node).unwrap(), ["S2", "S3"]);
    let last = node.run("host-state", &["history", "sch-001", "--lines", "1"]).out;
    assert!(last.contains("erase permitted: S2 S3 until ") && last.contains(": sold"), "{last}");
    assert!(node.run("host-state", &["audit"]).out.contains("erase permitted"));
    assert!(node.run("host-state", &["show", "sch-001"]).out.contains("may erase       S2 S3, given by "));
}

#[test]
fn without_a_terminal_the_name_of_the_host_confirms() {
    let node = node();
    erase(&node, &["--disk", "S2"]).fails(2, &["--dry-run", "--yes-erase sch-001", "nothing was changed"]);
    erase(&node, &["--disk", "S2", "--yes-erase", "sch-002"]).fails(3, &["sch-002", "sch-001"]);
    erase(&node, &[]).fails(2, &["--disk", "--all-disks", "host-state hardware sch-001"]);
    let dry = erase(&node, &["--all-disks", "--dry-run"]);
    assert!(dry.code == 10 && dry.out.contains("FAST 1T, 4.0 GiB"), "{dry:?}");
    let dry = erase(&node, &["--all-disks", "--dry-run", "--json"]);
    assert!(dry.code == 10 && json(&dry)["disks"][1]["serial"] == "S2", "{dry:?}");
    assert_eq!(named(&node), None);
    let given = json(&erase(&node, &["--all-disks", "--yes-erase", "sch-001", "--expires", "2h", "--json"]));
    assert_eq!(given["disks"], serde_json::json!(["S1", "S2", "S3"]));
    // What the machine reports later adds no disk.
    std::fs::write(node.path(HARDWARE), "").unwrap();
    assert_eq!(named(&node).unwrap(), ["S1", "S2", "S3"]);
}

#[test]
fn what_cannot_be_meant_is_refused() {
    let node = node();
    let yes = |more: &[&str]| erase(&node, &[&["--yes-erase", "sch-001"], more].concat());
    yes(&["--disk", "S9"]).fails(3, &["S9", "host-state hardware sch-001"]);
    assert_eq!(yes(&["--disk", "none"]).code, 2);
    let text = std::fs::read_to_string(node.path(HARDWARE)).unwrap();
    std::fs::write(node.path(HARDWARE), text.replace("\"S3\"", "\"S2\"")).unwrap();
    yes(&["--disk", "S2"]).fails(3, &["2 disks", "S2"]);
    std::fs::write(node.path(HARDWARE), text.replace("\"S3\"", "\"none\"")).unwrap();
    yes(&["--all-disks"]).fails(3, &["sda", "no serial"]);
    std::fs::write(node.path(HARDWARE), text).unwrap();

    node.run("host-state", &["arm", "sch-001"]).done();
    yes(&["--disk", "S2"]).fails(3, &["host-state disarm sch-001"]);
    node.run("host-state", &["disarm", "sch-001"]).done();
    edit_record(&node, MAC, "state = \"CONFIGURED\"", "state = \"INSTALLING\"");
    yes(&["--disk", "S2", "--force"]).fails(3, &["INSTALLING"]);
    node.run("host-state", &["set", "sch-001", "state=INSTALLED"]).done();
    yes(&["--disk", "S2"]).fails(3, &["--force", "host-state retire sch-001"]);
    assert_eq!(named(&node), None);
    yes(&["--disk", "S2", "--force"]).done();
    node.run("host-state", &["arm", "sch-001"]).fails(3, &["S2", "host-state erase sch-001 --cancel"]);
}

#[test]
fn it_is_revoked_and_a_host_that_leaves_takes_it_along() {
    let node = node();
    let give = || erase(&node, &["--disk", "S2", "--yes-erase", "sch-001", "--force"]).done();
    give();
    let dry = erase(&node, &["--cancel", "--dry-run"]);
    assert!(dry.code == 10 && named(&node).is_some(), "{dry:?}");
    let cancelled = erase(&node, &["--cancel"]);
    assert!(cancelled.code == 0 && cancelled.out.contains("S2") && named(&node).is_none(), "{cancelled:?}");
    let again = erase(&node, &["--cancel"]);
    assert!(again.code == 0 && again.err.contains("nothing to revoke"), "{again:?}");
    assert!(node.run("host-state", &["history", "sch-001"]).out.contains("permission to erase ended: cancelled: S2"));
    node.run("host-state", &["arm", "sch-001"]).done();
    node.run("host-state", &["disarm", "sch-001"]).done();

    give();
    let retired = node.run("host-state", &["retire", "sch-001"]);
    assert!(retired.code == 0 && retired.err.contains("the permission to erase S2 ends"), "{retired:?}");
    assert_eq!(named(&node), None);
    erase(&node, &["--disk", "S2", "--yes-erase", "sch-001"]).done();
    node.run("host-state", &["rm", "sch-001"]).done();
    assert_eq!(named(&node), None);
    node.run("host-state", &["erase", MAC, "--protocol"]).fails(4, &[MAC]);
}

/// Root alone gives one: neither a person without that right nor a file that the web server's user wrote.
#[test]
fn only_a_file_of_root_counts() {
    let node = node();
    erase(&node, &["--disk", "S2", "--yes-erase", "sch-001"]).done();
    let path = node.path(PERMISSION);
    let before = std::fs::metadata(&path).unwrap().permissions();
    node.run("chmod", &["0660", path.to_str().unwrap()]).done();
    node.run("host-state", &["show", "sch-001"]).fails(3, &[PERMISSION]);
    std::fs::set_permissions(&path, before).unwrap();
    node.run("host-state", &["show", "sch-001"]).done();
}

/// Killed at each file that it puts in place: the permission is there whole or not at all, and the same command gives it.
#[test]
fn a_command_that_is_killed_gives_all_or_nothing() {
    let node = node();
    let command = ["erase", "sch-001", "--disk", "S2", "--disk", "S3", "--yes-erase", "sch-001"];
    let (mut without, mut with) = (0, 0);
    for number in 1..=40 {
        let killed = killed_at(&node, number, env!("CARGO_BIN_EXE_host-state"), &command);
        match named(&node) {
            None => without += 1,
            Some(disks) => {
                assert_eq!(disks, ["S2", "S3"], "{number}");
                with += 1;
            }
        }
        if killed.code == 0 {
            assert!(without > 0 && with > 0, "strace never ended it where it matters: {without} {with}");
            return;
        }
        node.run("host-state", &command).done();
        erase(&node, &["--cancel"]).done();
    }
    panic!("it changes more files");
}
