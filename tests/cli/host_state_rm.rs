// SPDX-License-Identifier: GPL-3.0-or-later
//! `host-state rm`: what ends with a host, what stays, and removals that were killed.

use crate::PROGRAM;
use crate::setup::{MAC, MACS, ROCKY, boot, installing, lease, names, publish, reservation, three};
use crate::support::Node;

/// A node with sch-001 to sch-003, of which sch-001 was installed and is armed.
fn installed_and_armed() -> Node {
    let node = Node::served(PROGRAM);
    three(&node);
    node.run("host-state", &["set", "sch-001", "state=INSTALLED"]).done();
    node.run("host-state", &["arm", "sch-001", "--type", "SCH", "--wipe", "QM00001"]).done();
    node
}

#[test]
fn a_dry_run_names_what_would_be_removed_and_what_stays() {
    let node = installed_and_armed();
    let before = node.snapshot("srv/hps-config");
    let dry = node.run("host-state", &["rm", "sch-001", "--dry-run"]);
    assert_eq!(dry.code, 10);
    for part in ["would end", "hosts/525400000001.toml", "claims/name/sch-001", "claims/address/10.99.0.2", "keeps"] {
        assert!(dry.out.contains(part), "{part} in {}", dry.out);
    }
    assert_eq!(node.snapshot("srv/hps-config"), before);
}

#[test]
fn a_removed_host_leaves_its_history_and_boots_its_disk() {
    let node = installed_and_armed();
    node.run("host-state", &["rm", "sch-001"]).done();
    node.run("host-state", &["rm", "sch-001"]).fails(4, &["sch-001"]);
    node.run("host-state", &["rm", MACS[0]]).fails(4, &["has no host"]);
    let history = node.run("host-state", &["history", MACS[0]]);
    assert!(history.code == 0 && history.out.lines().last().unwrap().contains("removed"), "{}", history.out);
    assert!(boot(&node, MACS[0], "").contains("sanboot"), "it boots its disk");
    assert_eq!(reservation(&node, MACS[0]), None);
    assert_eq!(node.run("host-state", &["check"]).out, "");
}

#[test]
fn a_host_that_is_being_installed_is_removed_by_force_alone() {
    let node = Node::unserved(PROGRAM);
    three(&node);
    installing(&node, MACS[1], "disks", 1);
    node.run("host-state", &["rm", "sch-[002-003]"]).fails(3, &["sch-002", "--force"]);
    assert_eq!(names(&node.run("host-state", &["list"])).len(), 3, "nothing was removed");
    node.run("host-state", &["rm", "sch-[002-003]", "--force"]).done();
    assert_eq!(names(&node.run("host-state", &["list"])), ["sch-001"]);
}

#[test]
fn a_removal_that_was_killed_is_finished_by_name() {
    let node = Node::served(PROGRAM);
    three(&node);
    std::fs::remove_file(node.path("srv/hps-config/clusters/lab/hosts/525400000001.toml")).unwrap();
    node.run("host-state", &["rm", "sch-001"]).done();
    assert_eq!(reservation(&node, MACS[0]), None);
    assert_eq!(node.run("host-state", &["check"]).out, "");
}

/// Killed at any moment: what is left of the host cannot be installed, and doing it again finishes it.
#[test]
fn a_killed_removal_leaves_nothing_that_is_installed() {
    let node = Node::served(PROGRAM);
    let cluster = |below: &str| node.path(&format!("srv/hps-config/clusters/lab/{below}"));
    let (mut cut_short, mut pause, mut whole) = (0, 0, 20_000);
    // The pauses go over the time that a whole removal takes, again and again, until some fell into one.
    for _ in 0..400 {
        if cut_short == 8 {
            return;
        }
        pause = if pause > whole { 0 } else { pause + whole / 40 };
        node.run("host-state", &["add", MACS[0], "--type", "SCH", "--name", "victim"]).done();
        node.run("host-state", &["arm", MACS[0], "--type", "SCH"]).done();
        let marks = || std::fs::read_dir(node.path("srv/hps-config/state/spent")).unwrap().count();
        let before = marks();
        // Without `ip` in front, so that the program itself is killed.
        let program = std::path::Path::new(PROGRAM).with_file_name("host-state");
        let mut command = std::process::Command::new(program);
        command.env("HPS_CONFIG", node.conf()).args(["rm", MACS[0]]).stdout(std::process::Stdio::null());
        let begun = std::time::Instant::now();
        let mut child = command.spawn().unwrap();
        std::thread::sleep(std::time::Duration::from_micros(pause));
        let _may_be_over = child.kill();
        if child.wait().unwrap().success() {
            whole = u64::try_from(begun.elapsed().as_micros()).unwrap();
        }
        let left = [
            cluster("hosts/525400000001.toml"),
            cluster("claims/name/victim"),
            cluster("claims/address/10.99.0.2"),
            cluster("permissions/525400000001.toml"),
            node.path("srv/hps-config/services/dhcp-hosts.lab/525400000001"),
        ];
        let there = left.iter().filter(|path| path.exists()).count();
        if there < left.len() {
            assert_eq!(marks(), before + 1, "whatever is gone, the permission went first: {left:?}");
        }
        cut_short += usize::from(there > 0 && marks() > before);
        if there > 0 {
            node.run("host-state", &["rm", "victim"]).done();
        }
        assert!(left.iter().all(|path| !path.exists()));
        assert_eq!(node.run("host-state", &["check"]).out, "");
    }
    assert!(cut_short > 0, "no kill fell into a removal");
}

#[test]
fn a_removal_ends_what_rules_and_windows_permit_too() {
    let node = Node::new(PROGRAM);
    node.configure(&["--enrolment", "armed", "--type", &format!("SCH={ROCKY}")]).done();
    publish(&node);
    lease(&node, MAC);
    let host_state = |arguments: &[&str]| node.run("host-state", arguments);
    host_state(&["window", "open", "--type", "SCH", "--for", "2h", "--any", "--name", "all"]).done();
    host_state(&["window", "open", "--type", "SCH", "--for", "2h", "--mac-prefix", "52:54:00", "--name", "some"])
        .done();
    // The operator's permission stands in front of both.
    host_state(&["arm", MAC, "--type", "SCH"]).done();
    host_state(&["rm", MAC]).done();
    let script = boot(&node, MAC, "");
    assert!(script.contains("has no permission to install"), "{script}");
}
