// SPDX-License-Identifier: GPL-3.0-or-later
//! `host-state explain`: what a machine would be served, and why. It is the boot manager's own decision.

use crate::PROGRAM;
use crate::setup::{MAC, ROCKY, boot, edit_record, json, lease, publish, rocky_node};
use crate::support::Node;

const RECORD: &str = "srv/hps-config/clusters/lab/hosts/525400000001.toml";

/// `explain` has these words, one step that decides and this answer; and the boot manager serves that.
#[track_caller]
fn explains(node: &Node, words: &str, answer: &str, served: &str) -> String {
    let text = node.run("host-state", &["explain", MAC]).out;
    assert!(text.contains(words), "{words} in {text}");
    assert_eq!(text.matches("<- this decides").count(), 1, "{text}");
    let explained = json(&node.run("host-state", &["explain", MAC, "--json"]));
    assert_eq!(explained["mac"], MAC, "with colons, as in all answers");
    assert_eq!(explained["answer"], answer, "{explained}");
    let script = boot(node, MAC, "");
    assert!(script.contains(served), "{served} in {script}");
    text
}

fn set(node: &Node, value: &str) {
    node.run("host-state", &["set", "sch-001", value]).done();
}

fn arm(node: &Node) {
    node.run("host-state", &["arm", MAC, "--type", "SCH", "--reason", "first host"]).done();
}

#[test]
fn a_new_machine_gets_the_menu() {
    let node = rocky_node(&[]);
    explains(&node, "there is none", "menu", "item --key i");
    let pending = json(&node.run("host-state", &["pending", "--json"]));
    assert_eq!(
        (pending[0]["mac"].as_str(), pending[0]["asks"].as_str()),
        (Some(MAC), Some("new machine, nothing chosen"))
    );
}

#[test]
fn what_is_not_published_stops_the_machine() {
    let node = Node::new(PROGRAM);
    node.configure(&["--type", &format!("SCH={ROCKY}")]).done();
    lease(&node, MAC);
    arm(&node);
    let text = explains(&node, "is not published on this node", "stop", "is not published");
    assert!(text.contains("(first host)"), "{text}");
    publish(&node);
    explains(&node, "live permission", "install", "inst.ks=");
}

#[test]
fn a_permission_is_shown_with_its_file_and_the_command_that_ends_it() {
    let node = rocky_node(&[]);
    arm(&node);
    let text = explains(&node, "live permission", "install", "inst.ks=");
    for words in [
        "sch-001 is CONFIGURED, SCH STORAGESINGLE, 10.99.0.2",
        "--from ADDRESS",
        "permissions/525400000001.toml",
        "host-state disarm sch-001",
    ] {
        assert!(text.contains(words), "{words} in {text}");
    }
}

#[test]
fn a_machine_that_failed_gets_the_menu_with_the_reason() {
    let node = rocky_node(&[]);
    arm(&node);
    node.run("host-state", &["set", "sch-001", "state=FAILED", "reason=disk full"]).done();
    explains(&node, "host-state log sch-001", "menu", "disk full");
}

#[test]
fn a_machine_that_was_installed_boots_its_disk() {
    let node = rocky_node(&[]);
    arm(&node);
    set(&node, "state=INSTALLED");
    let text = explains(&node, "boots its disk", "local_boot", "sanboot");
    for words in ["host-state reinstall sch-001 --wipe SERIAL", "ever-installed/525400000001"] {
        assert!(text.contains(words), "{words} in {text}");
    }
    // A request at its console changes nothing but the explanation.
    set(&node, "state=REINSTALL");
    let text = explains(&node, "was installed", "local_boot", "sanboot");
    assert!(text.contains("at its console"), "{text}");
    let foreign = json(&node.run("host-state", &["explain", MAC, "--from", "10.99.0.77", "--json"]));
    assert_eq!(foreign["answer"], "local_boot");
}

#[test]
fn a_record_that_cannot_be_read_boots_the_disk_and_is_named() {
    let node = rocky_node(&[]);
    arm(&node);
    set(&node, "state=INSTALLED");
    std::fs::write(node.path(RECORD), "version = 1\nmacs = 3\n").unwrap();
    let text = explains(&node, "line 2", "local_boot", "sanboot");
    assert!(text.contains("hosts/525400000001.toml") && text.contains("host-state check"), "{text}");
}

/// A person who asks while the installer runs is not told to switch the machine on.
#[test]
fn an_installation_that_runs_is_named_with_its_attempt() {
    let node = rocky_node(&[]);
    node.run("host-state", &["arm", MAC, "--type", "SCH"]).done();
    let script = boot(&node, MAC, "");
    let url = script.split_whitespace().find_map(|w| w.strip_prefix("inst.ks=")).unwrap().to_owned();
    assert!(node.run("curl", &["-sS", &url]).out.contains("%pre"));
    let explain = || node.run("host-state", &["explain", "sch-001"]).out;
    let text = explain();
    let first = text.lines().next().unwrap();
    assert!(first.starts_with("sch-001 (52:54:00:00:00:01) ") && first.contains("attempt 1, 1 of 3"), "{text}");
    assert!(first.contains("; begun since 20") && !text.contains("Switch it on"), "{text}");
    let before = std::fs::read_to_string(node.path(RECORD)).unwrap();
    let since = before.lines().find(|line| line.starts_with("since = ")).unwrap();
    edit_record(&node, MAC, since, "since = \"2026-01-01T00:00:00Z\"");
    let text = explain();
    assert!(text.lines().next().unwrap().contains("STALLED in begun for ") && text.contains("To give up: "), "{text}");
}

/// A sender is known by the kernel's neighbour entry for its address, and told apart from another one.
#[test]
fn the_kernel_says_who_has_an_address() {
    let node = rocky_node(&[]);
    std::fs::remove_file(node.path("srv/hps-config/state/dnsmasq.leases")).unwrap();
    node.run("host-state", &["arm", MAC, "--type", "SCH"]).done();
    let explain = |from: &str| node.run("host-state", &["explain", MAC, "--from", from]).out;
    assert!(explain("10.99.0.2").contains("by its reserved address"));
    assert!(explain("10.99.0.50").contains("not proven"));
    for (address, mac) in [("10.99.0.50", MAC), ("10.99.0.51", "52:54:00:00:00:07")] {
        node.run("ip", &["neighbour", "replace", address, "lladdr", mac, "dev", "br0", "nud", "permanent"]).done();
    }
    assert!(explain("10.99.0.50").contains("by the kernel's neighbour table"), "{}", explain("10.99.0.50"));
    assert!(explain("10.99.0.51").contains("525400000007"), "{}", explain("10.99.0.51"));
}

#[test]
fn the_disks_of_a_known_machine_are_planned_before_it_is_switched_on() {
    let node = rocky_node(&[]);
    node.run("host-state", &["add", MAC, "--type", "SCH"]).done();
    let disk = |name: &str, bus: &str, gib: u64| {
        format!("[[now.disks]]\nname = \"{name}\"\nserial = \"S-{name}\"\nbus = \"{bus}\"\nbytes = {}\n", gib << 30)
    };
    let disks = [disk("sda", "sas", 4000), disk("nvme0n1", "nvme", 900), disk("sdb", "usb", 60)].concat();
    let record = format!("version = 1\n[now]\nat = \"2026-11-30T10:00:00Z\"\noccasion = \"installation\"\n{disks}");
    let path = node.path("srv/hps-config/clusters/lab/hardware/525400000001.toml");
    std::fs::create_dir_all(path.parent().unwrap()).unwrap();
    std::fs::write(path, record).unwrap();
    let explain = || node.run("host-state", &["explain", MAC, "--json"]);
    assert_eq!(json(&explain())["expected_disks"], serde_json::json!([]), "nothing permits an installation");
    arm(&node);
    let plan = json(&explain())["expected_disks"].clone();
    let used: Vec<(&str, &str)> = plan
        .as_array()
        .unwrap()
        .iter()
        .map(|disk| (disk["serial"].as_str().unwrap(), disk["purpose"].as_str().unwrap()))
        .collect();
    assert_eq!(used[0], ("S-nvme0n1", "system"), "{plan}");
    assert!(plan.to_string().contains("usb, which the rule does not name"), "{plan}");
    let shown = node.run("host-state", &["explain", MAC]).out;
    assert!(shown.contains("system   S-nvme0n1 (900 GiB)"), "{shown}");
}
