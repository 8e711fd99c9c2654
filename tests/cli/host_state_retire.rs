// SPDX-License-Identifier: GPL-3.0-or-later
//! `host-state retire`: a host that leaves the site.

use crate::PROGRAM;
use crate::killed::killed_at;
use crate::setup::{MAC, MACS, add_to_cluster, boot, edit_record, json, lease, reservation, rocky_node, three};
use crate::support::{Answer, Node};

fn host_state(node: &Node, arguments: &[&str]) -> Answer {
    node.run("host-state", arguments)
}

fn show(node: &Node, host: &str) -> serde_json::Value {
    json(&host_state(node, &["show", host, "--json"]))
}

#[test]
fn a_retired_host_boots_its_disk_and_is_not_armed() {
    let node = rocky_node(&[]);
    add_to_cluster(&node, "[[rule]]\nname = \"all\"\ntype = \"SCH\"\nmac_prefix = \"52:54:00\"\n");
    host_state(&node, &["add", MAC, "--type", "SCH"]).done();
    host_state(&node, &["arm", "sch-001", "--type", "SCH"]).done();
    // It has a permission, and --undo does not say otherwise.
    let undo = host_state(&node, &["retire", "sch-001", "--undo"]);
    assert!(undo.code == 0 && undo.out.is_empty() && undo.err.contains("sch-001 is not retired"), "{undo:?}");
    let files = node.snapshot("srv/hps-config");
    let dry = host_state(&node, &["retire", "sch-001", "--dry-run"]);
    assert!(dry.code == 10 && dry.out.starts_with("sch-001 would be retired: name and address are kept until"));
    assert_eq!(node.snapshot("srv/hps-config"), files);

    host_state(&node, &["retire", "sch-001", "--reason", "sold"]).done();
    let shown = show(&node, "sch-001");
    assert!(shown["retired"]["free_at"].is_string() && shown["permission"]["counts"] != true, "{shown}");
    let list = host_state(&node, &["list"]).out;
    assert!(list.contains("retired, name and address are kept until") && !list.contains("armed for"), "{list}");
    lease(&node, MAC);
    let script = boot(&node, MAC, "");
    assert!(!script.contains("vmlinuz"), "neither the permission nor the rule installs it: {script}");
    host_state(&node, &["arm", "sch-001"]).fails(3, &["sch-001", "host-state retire sch-001 --undo"]);
    let history = host_state(&node, &["history", "sch-001"]).out;
    assert!(history.contains("retired: ") || history.contains("sold"), "{history}");

    // Taken back, it has no permission: the rule is used up, and its mark stays.
    assert_eq!(host_state(&node, &["retire", "sch-001", "--undo", "--dry-run"]).code, 10);
    host_state(&node, &["retire", "sch-001", "--undo"]).done();
    assert!(show(&node, "sch-001")["retired"].is_null());
    assert!(!boot(&node, MAC, "").contains("vmlinuz"));
    host_state(&node, &["arm", "sch-001"]).done();
    assert!(boot(&node, MAC, "").contains("vmlinuz"), "a new permission installs it");
}

#[test]
fn name_and_address_are_free_after_the_time() {
    let node = Node::served(PROGRAM);
    three(&node);
    host_state(&node, &["retire", "sch-001"]).done();
    assert!(reservation(&node, MAC).is_some(), "kept");
    host_state(&node, &["set", "sch-002", "name=sch-001"]).fails(3, &["sch-001"]);
    // Its time is over, and the next reload frees both.
    let record = std::fs::read_to_string(node.path("srv/hps-config/clusters/lab/hosts/525400000001.toml")).unwrap();
    let free_at = record.lines().find(|line| line.starts_with("free_at")).unwrap();
    edit_record(&node, MAC, free_at, "free_at = \"2026-01-01T00:00:00Z\"");
    host_state(&node, &["set", "sch-002", "name=sch-001", "--dry-run"]).fails(3, &["sch-001"]);
    node.run("reload", &[]).done();
    assert_eq!(reservation(&node, MAC), None);
    let shown = show(&node, MAC);
    assert!(shown["name"].is_null() && shown["address"].is_null() && shown["retired"].is_object(), "{shown}");
    host_state(&node, &["set", "sch-002", "name=sch-001", "address=10.99.0.2"]).done();
    assert!(reservation(&node, MACS[1]).unwrap().contains("10.99.0.2,sch-001"));
    // At once, and another host gets the place without a reload.
    host_state(&node, &["retire", "sch-003", "--free"]).done();
    assert_eq!(reservation(&node, MACS[2]), None);
    host_state(&node, &["add", "52:54:00:00:00:0a", "--type", "SCH", "--name", "sch-003"]).done();
    let found = host_state(&node, &["check"]).out;
    assert!(found.lines().all(|line| line.contains("is not published")), "{found}");
}

#[test]
fn one_record_keeps_no_other_place_and_a_table_in_one_line_counts_too() {
    let node = Node::unserved(PROGRAM);
    three(&node);
    host_state(&node, &["retire", "sch-[001-002]"]).done();
    for mac in &MACS[..2] {
        let record = node.path(&format!("srv/hps-config/clusters/lab/hosts/{}.toml", mac.replace(':', "")));
        let text = std::fs::read_to_string(&record).unwrap();
        let (text, _) = text.split_once("[retired]").unwrap();
        let over = "retired = { at = \"2026-01-01T00:00:00Z\", free_at = \"2026-01-02T00:00:00Z\" }\n";
        std::fs::write(&record, format!("{text}{over}")).unwrap();
    }
    // By mistake it has a card of another host, so it cannot be changed.
    edit_record(&node, MAC, "macs = [\"525400000001\"]", "macs = [\"525400000001\", \"525400000003\"]");
    let added = host_state(&node, &["add", "52:54:00:00:00:0a", "--type", "SCH", "--name", "sch-002"]);
    assert!(added.code == 0 && added.err.contains(MACS[2]), "{added:?}");
}

#[test]
fn every_host_is_checked_before_one_is_retired() {
    let node = Node::unserved(PROGRAM);
    three(&node);
    edit_record(&node, MACS[1], "state = \"CONFIGURED\"", "state = \"INSTALLING\"");
    host_state(&node, &["retire", "sch-[001-003]"]).fails(3, &["sch-002", "INSTALLING"]);
    assert!(show(&node, "sch-001")["retired"].is_null());
    host_state(&node, &["retire", "sch-009"]).fails(4, &["sch-009"]);
}

/// Killed at each file that it changes: the same command again leaves nothing of the place.
#[test]
fn a_place_is_freed_whole_after_a_kill() {
    let node = Node::served(PROGRAM);
    three(&node);
    let clusters = node.path("srv/hps-config");
    let shell = |script: &str| node.run("sh", &["-ec", script, "sh", clusters.to_str().unwrap()]).done();
    shell("cp -a $1/clusters $1/clusters.before; cp -a $1/services $1/services.before; cp -a $1/state $1/state.before");
    let command = ["retire", "sch-001", "--free"];
    let mut between = 0;
    for number in 1..=60 {
        let killed = killed_at(&node, number, env!("CARGO_BIN_EXE_host-state"), &command);
        if killed.code == 0 {
            assert!(between > 0, "strace never ended it where it matters");
            return;
        }
        let record = show(&node, MAC);
        between += usize::from(record["retired"].is_object() && reservation(&node, MAC).is_none());
        node.run("host-state", &["retire", MAC, "--free"]).done();
        assert_eq!(reservation(&node, MAC), None, "{number}");
        assert!(show(&node, MAC)["name"].is_null(), "{number}");
        shell("for f in clusters services state; do rm -r $1/$f; cp -a $1/$f.before $1/$f; done");
    }
    panic!("it changes more files");
}
