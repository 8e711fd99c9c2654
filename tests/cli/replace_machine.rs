// SPDX-License-Identifier: GPL-3.0-or-later
//! `host-state replace-machine`: another machine in the place of one.

use crate::PROGRAM;
use crate::killed::killed_at;
use crate::setup::{MAC, MACS, add_to_cluster, boot, edit_record, json, lease, reservation, rocky_node, three};
use crate::support::{Answer, Node};

const NEW: &str = "52:54:00:00:00:0a";
const FURTHER: &str = "52:54:00:00:00:0b";

fn host_state(node: &Node, arguments: &[&str]) -> Answer {
    node.run("host-state", arguments)
}

fn show(node: &Node, host: &str) -> serde_json::Value {
    json(&host_state(node, &["show", host, "--json"]))
}

/// sch-001 is INSTALLED, armed again, and knows its disk.
fn installed_and_armed() -> Node {
    let node = Node::served(PROGRAM);
    three(&node);
    host_state(&node, &["set", "sch-001", "state=INSTALLED"]).done();
    edit_record(&node, MAC, "state = ", "system_disks = [\"S3Z8\"]\nstate = ");
    host_state(&node, &["arm", "sch-001", "--wipe", "S3Z8"]).done();
    node
}

#[test]
fn the_new_machine_has_the_place_and_nothing_else_of_the_old_one() {
    let node = installed_and_armed();
    let before = show(&node, "sch-001");
    let files = node.snapshot("srv/hps-config/clusters");
    let dry = host_state(&node, &["replace-machine", "sch-001", NEW, FURTHER, "--dry-run"]);
    assert!(dry.code == 10 && dry.out.contains("-macs = [\"525400000001\"]"), "{dry:?}");
    assert!(dry.out.contains("-state = \"INSTALLED\"") && dry.out.contains("-system_disks"), "{dry:?}");
    assert_eq!(node.snapshot("srv/hps-config/clusters"), files);

    let done = host_state(&node, &["replace-machine", "sch-001", NEW, FURTHER]);
    assert!(done.code == 0 && done.err.ends_with("to install it: host-state arm sch-001\n"), "{done:?}");
    let after = show(&node, "sch-001");
    for key in ["name", "address", "type", "profile"] {
        assert_eq!(after[key], before[key], "{key}");
    }
    assert_eq!(after["macs"], serde_json::json!([NEW, FURTHER]));
    assert_eq!((&after["state"], &after["ever_installed"]), (&"CONFIGURED".into(), &false.into()), "{after}");
    assert!(after["permission"].is_null() && !after.to_string().contains("\"system_disks\":[\"S3Z8\"]"), "{after}");
    assert_eq!(reservation(&node, MAC), None);
    assert_eq!(reservation(&node, NEW).unwrap(), format!("{NEW},{FURTHER},10.99.0.2,sch-001\n"));
    // The old machine is no host, is not installed by its old permission, and boots its disk.
    host_state(&node, &["show", MAC]).fails(4, &[MAC]);
    assert!(node.path("srv/hps-config/state/ever-installed/525400000001").exists());
    assert!(!node.path("srv/hps-config/state/ever-installed/52540000000a").exists());
    lease(&node, MAC);
    assert!(!boot(&node, MAC, "").contains("vmlinuz"));
    let history = host_state(&node, &["history", MAC]).out;
    assert!(history.contains("machine replaced") && history.contains("armed"), "{history}");
    // The same command again, also by the MAC that is no host any more; and a new permission for the new machine.
    let files = node.snapshot("srv/hps-config/clusters");
    assert_eq!(host_state(&node, &["replace-machine", "sch-001", NEW, FURTHER]).code, 0);
    assert_eq!(host_state(&node, &["replace-machine", MAC, NEW, FURTHER]).code, 0);
    let left = node.path("srv/hps-config/services/dhcp-hosts.lab/525400000001");
    std::fs::write(&left, format!("{MAC},10.99.0.2,sch-001\n")).unwrap();
    assert_eq!(host_state(&node, &["replace-machine", "sch-001", NEW, FURTHER]).code, 0);
    assert!(!left.exists(), "an interrupted command left it");
    host_state(&node, &["replace-machine", "52:54:00:00:00:0c", NEW, FURTHER]).fails(4, &["52:54:00:00:00:0c"]);
    assert_eq!(node.snapshot("srv/hps-config/clusters"), files);
    host_state(&node, &["arm", "sch-001"]).done();
    let found = host_state(&node, &["check"]).out;
    assert!(found.lines().all(|line| line.contains("is not published")), "{found}");
}

#[test]
fn what_cannot_be_replaced_is_refused_with_the_command() {
    let node = installed_and_armed();
    let files = node.snapshot("srv/hps-config/clusters");
    let replace = |more: &[&str]| host_state(&node, &[&["replace-machine"], more].concat());
    replace(&["sch-001", MACS[1]]).fails(3, &[MACS[1], "sch-002"]);
    replace(&["sch-001", NEW, MAC]).fails(3, &["sch-001", "host-state replace-nic"]);
    replace(&["sch-001", NEW, NEW]).fails(3, &["sch-001"]);
    replace(&["sch-009", NEW]).fails(4, &["sch-009"]);
    assert_eq!(node.snapshot("srv/hps-config/clusters"), files);
}

/// A rule permits each machine once: the old one does not use it when it comes back.
#[test]
fn a_rule_does_not_install_the_old_machine() {
    let node = rocky_node(&[]);
    add_to_cluster(&node, "[[rule]]\nname = \"all\"\ntype = \"SCH\"\nmac_prefix = \"52:54:00\"\n");
    host_state(&node, &["add", MAC, "--type", "SCH"]).done();
    host_state(&node, &["replace-machine", "sch-001", NEW]).done();
    lease(&node, MAC);
    let old = boot(&node, MAC, "");
    assert!(!old.contains("vmlinuz"), "{old}");
    lease(&node, NEW);
    assert!(boot(&node, NEW, "").contains("vmlinuz"), "the new machine is one that the rule permits");
}

/// Killed after the records changed: `--dry-run` reports whether the same command would still change something.
#[test]
fn a_preview_of_an_interrupted_replacement_would_change_something() {
    let node = Node::served(PROGRAM);
    three(&node);
    let folder = node.path("srv/hps-config");
    let shell = |script: &str| node.run("sh", &["-ec", script, "sh", folder.to_str().unwrap()]).done();
    shell("for f in clusters services state; do cp -a $1/$f $1/$f.before; done");
    let command = ["replace-machine", "sch-001", NEW];
    let (mut interrupted, mut codes) = (0, Vec::new());
    for number in 1..=60 {
        let killed = killed_at(&node, number, env!("CARGO_BIN_EXE_host-state"), &command);
        if killed.code == 0 {
            assert!(interrupted > 0, "strace never ended it where it matters: {codes:?}");
            return;
        }
        let dry = host_state(&node, &["replace-machine", "sch-001", NEW, "--dry-run"]);
        interrupted += usize::from(dry.err.contains("was interrupted"));
        let before = node.snapshot("srv/hps-config");
        host_state(&node, &command).done();
        let is_changed = node.snapshot("srv/hps-config") != before;
        assert_eq!(dry.code == 10, is_changed, "{number}: {dry:?}");
        codes.push(dry.code);
        shell("for f in clusters services state; do rm -r $1/$f; cp -a $1/$f.before $1/$f; done");
    }
    panic!("it changes more files");
}

#[test]
fn a_retired_machine_is_no_new_one() {
    let node = Node::unserved(PROGRAM);
    three(&node);
    host_state(&node, &["add", NEW]).done();
    host_state(&node, &["retire", NEW, "--free"]).done();
    host_state(&node, &["replace-machine", "sch-001", NEW]).fails(3, &[NEW]);
    host_state(&node, &["retire", NEW, "--undo"]).done();
    host_state(&node, &["replace-machine", "sch-001", NEW]).done();
}
