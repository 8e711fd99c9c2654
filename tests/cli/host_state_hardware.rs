// SPDX-License-Identifier: GPL-3.0-or-later
//! `host-state hardware`, and what `show`, `list`, `check` and `watch` say of a machine that lost a part.

use crate::PROGRAM;
use crate::setup::{MACS, json, three};
use crate::support::Node;

const FILE: &str = "srv/hps-config/clusters/lab/hardware/525400000001.toml";

/// sch-001 has reported twice, and then lacks a disk; sch-002 has reported once.
fn reported() -> Node {
    let node = Node::unserved(PROGRAM);
    three(&node);
    let report = |disks: &[&str]| {
        let disk = |serial: &&str| {
            format!(
                "[[{{}}.disks]]\nname = \"sda\"\nserial = \"{serial}\"\nbytes = 4000787030016\nmodel = \"ST4000\"\n"
            )
        };
        let disks: String = disks.iter().map(disk).collect();
        format!("[{{}}]\nat = \"2026-11-30T10:00:00Z\"\noccasion = \"installation\"\nmemory_mib = 16000\n{disks}")
    };
    let named = |report: String, name: &str| report.replace("{}", name);
    let both = named(report(&["A1"]), "now") + &named(report(&["A1", "B2"]), "before");
    write(&node, 1, &format!("version = 1\n{both}"));
    write(&node, 2, &format!("version = 1\n{}", named(report(&["C3"]), "now")));
    node
}

fn write(node: &Node, number: u8, text: &str) {
    let path = node.path(&FILE.replace("01.toml", &format!("{number:02}.toml")));
    std::fs::create_dir_all(path.parent().unwrap()).unwrap();
    std::fs::write(path, text).unwrap();
}

#[test]
fn what_a_machine_lost_is_named_until_it_is_accepted() {
    let node = reported();
    let host_state = |arguments: &[&str]| node.run("host-state", arguments);
    let gone = "disk B2 (ST4000, 3.6 TiB) is gone";
    assert_eq!(host_state(&["hardware", "sch-001", "--changes"]).out, format!("{gone}\n"));
    assert_eq!(json(&host_state(&["hardware", "sch-001", "--changes", "--json"]))[0]["what"], "disk-gone");
    assert!(host_state(&["list"]).out.contains(gone));
    let listed = json(&host_state(&["list", "--json"]));
    assert_eq!(
        (&listed[0]["hardware_losses"][0], &listed[1]["hardware_losses"]),
        (&gone.into(), &serde_json::json!([]))
    );
    host_state(&["check"]).fails(1, &[]);
    assert!(host_state(&["check"]).out.contains(gone));
    let watched = host_state(&["watch", "sch-001", "--timeout", "1s", "--json"]).out;
    let events: Vec<serde_json::Value> = watched.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(events.iter().filter(|event| event["event"] == "hardware").count(), 1, "{watched}");
    assert_eq!(host_state(&["hardware", "sch-001", "--accept", "--dry-run"]).code, 10);
    assert!(host_state(&["list"]).out.contains(gone), "a dry run accepts nothing");
    host_state(&["hardware", "sch-001", "--accept"]).done();
    host_state(&["hardware", "sch-001", "--accept"]).done();
    let history = host_state(&["history", "sch-001"]).out;
    assert_eq!(history.matches("hardware accepted").count(), 1, "{history}");
    assert!(host_state(&["audit"]).out.contains("hardware accepted"));
    for command in ["list", "check"] {
        assert!(!host_state(&[command]).out.contains(gone), "{command}");
    }
    assert!(!host_state(&["show", "sch-001"]).out.contains("  changed"));
    assert_eq!(host_state(&["hardware", "sch-001", "--changes"]).out, format!("{gone}\n"), "they stay known");
}

#[test]
fn what_a_machine_is_made_of_is_shown() {
    let node = reported();
    let host_state = |arguments: &[&str]| node.run("host-state", arguments);
    let shown = host_state(&["hardware", "sch-002"]).out;
    assert!(shown.contains("serial C3") && shown.contains("16000 MiB"), "{shown}");
    assert_eq!(json(&host_state(&["hardware", MACS[1], "--json"]))["now"]["disks"][0]["serial"], "C3");
    assert_eq!(json(&host_state(&["show", "sch-002", "--json"]))["hardware"]["now"]["memory_mib"], 16000);
    assert!(host_state(&["show", "sch-002"]).out.contains("1 disk"));
    host_state(&["hardware", "sch-003"]).fails(4, &["next installation"]);
    assert!(json(&host_state(&["show", "sch-003", "--json"]))["hardware"].is_null());
}

#[test]
fn a_record_that_is_hostile_or_torn_stops_nothing_else() {
    let node = reported();
    let host_state = |arguments: &[&str]| node.run("host-state", arguments);
    for text in ["version = 1\n[now]\nat = ", "version = 1\n[before\n", "\u{1b}[2J", "version = 7\n"] {
        write(&node, 3, text);
        host_state(&["list"]).done();
        host_state(&["show", "sch-003"]).done();
        let check = host_state(&["check"]);
        assert!(check.out.contains("hardware/525400000003.toml") && !check.out.contains('\u{1b}'), "{}", check.out);
    }
    let path = node.path(&FILE.replace("01.toml", "03.toml"));
    std::fs::remove_file(&path).unwrap();
    std::os::unix::fs::symlink("/etc/shadow", &path).unwrap();
    let answer = host_state(&["hardware", "sch-003"]);
    assert!(answer.code != 0 && !format!("{}{}", answer.out, answer.err).contains("root:"), "{answer:?}");
}

#[test]
fn the_record_goes_with_the_host() {
    let node = reported();
    let host_state = |arguments: &[&str]| node.run("host-state", arguments);
    host_state(&["replace-nic", "sch-001", MACS[0], "52:54:00:00:00:77"]).done();
    assert!(host_state(&["hardware", "sch-001"]).out.contains("serial A1"));
    assert!(!node.path(FILE).exists());
    host_state(&["rm", "sch-002"]).done();
    assert!(host_state(&["hardware", MACS[1]]).out.contains("serial C3"), "as its history stays");
    node.run("cluster-configure", &["rename", "lab", "other"]).done();
    assert!(host_state(&["hardware", "sch-001"]).out.contains("serial A1"));
}
