// SPDX-License-Identifier: GPL-3.0-or-later
//! Another network for a cluster with hosts: each host is shown first, and all addresses change together.

use crate::PROGRAM;
use crate::killed::killed_at;
use crate::neighbour::Neighbour;
use crate::relay::RACK2;
use crate::services::stand_in;
use crate::setup::{CLUSTER, MACS, edit_record, json, reservation, three};
use crate::support::{Answer, INTERFACE, Node};

fn configure(node: &Node, address: &str, more: &[&str]) -> Answer {
    node.run(
        "cluster-configure",
        &[&["--name", "lab", "--interface", INTERFACE, "--address", address][..], more].concat(),
    )
}

fn address(node: &Node, mac: &str) -> String {
    let shown = json(&node.run("host-state", &["show", mac, "--json"]));
    shown["address"].as_str().unwrap_or_default().to_owned()
}

fn addresses(node: &Node) -> Vec<String> {
    MACS[..3].iter().map(|mac| address(node, mac)).collect()
}

const OLD: [&str; 3] = ["10.99.0.2", "10.99.0.3", "10.99.0.77"];
const NEW: [&str; 3] = ["10.98.0.2", "10.98.0.3", "10.98.0.77"];

/// Three hosts, the second of which is installed.
fn hosts(node: &Node) {
    three(node);
    node.run("host-state", &["set", "sch-003", "address=10.99.0.77"]).done();
    node.run("host-state", &["set", "sch-002", "state=INSTALLED"]).done();
}

#[test]
fn each_host_is_shown_before_its_address_changes() {
    let node = Node::served(PROGRAM);
    hosts(&node);
    node.run("ip", &["address", "add", "10.98.0.1/24", "dev", INTERFACE]).done();
    let before = node.snapshot("srv/hps-config");
    for more in [&[][..], &["--dry-run"]] {
        let refused = configure(&node, "10.98.0.1/24", more);
        refused.fails(3, &["3 hosts", "--renumber"]);
        for (old, new) in OLD.iter().zip(NEW) {
            let line = refused.out.lines().find(|line| line.contains(&format!("{old} -> {new}")));
            let keeps = line.unwrap_or_else(|| panic!("{old} in {}", refused.out)).contains("keeps 10.99.0.3");
            assert_eq!(keeps, *old == "10.99.0.3", "only the installed host: {}", refused.out);
        }
    }
    let dry = configure(&node, "10.98.0.1/24", &["--dry-run", "--renumber"]);
    assert_eq!(dry.code, 10, "{dry:?}");
    assert_eq!(node.snapshot("srv/hps-config"), before, "nothing was changed");

    configure(&node, "10.98.0.1/24", &["--renumber"]).done();
    assert_eq!(addresses(&node), NEW);
    assert_eq!(reservation(&node, MACS[0]).unwrap(), "52:54:00:00:00:01,10.98.0.2,sch-001\n");
    let offer = node.run("python3", &["-c", include_str!("dhcp_discover.py"), MACS[2], "7", "no"]);
    assert!(offer.out.starts_with("10.98.0.77 "), "{offer:?}");
    let history = node.run("host-state", &["history", "sch-001"]).out;
    assert!(history.contains("10.99.0.2 -> 10.98.0.2"), "{history}");
    node.run("host-state", &["check"]).done();
    // The same command again has nothing to do.
    configure(&node, "10.98.0.1/24", &["--dry-run"]).done();
}

#[test]
fn a_run_that_fails_leaves_the_old_addresses() {
    let node = Node::served(PROGRAM);
    hosts(&node);
    // The interface has no such address, so nothing is begun.
    let failed = configure(&node, "10.98.0.1/24", &["--renumber"]);
    assert_ne!(failed.code, 0, "{failed:?}");
    assert_eq!(addresses(&node), OLD);
    // dnsmasq does not start with the new file, after the records were changed.
    node.run("ip", &["address", "add", "10.98.0.1/24", "dev", INTERFACE]).done();
    let folder = node.path("stand-ins");
    stand_in(&node, &folder, "dnsmasq", "--test", "10.98.0.1", "echo 'dnsmasq: cannot' >&2; exit 2");
    let mut command = node.command_with(&folder, "cluster-configure");
    command.args(["--name", "lab", "--interface", INTERFACE, "--address", "10.98.0.1/24", "--renumber"]);
    let failed = Answer::from_output(command.stdin(std::process::Stdio::null()).output().unwrap());
    failed.fails(1, &["dnsmasq", "the old cluster file was restored"]);
    let history = node.run("host-state", &["history", "sch-001"]).out;
    assert!(history.contains("10.98.0.2 -> 10.99.0.2"), "they were changed, and changed back: {history}");
    assert_eq!(addresses(&node), OLD);
    assert!(std::fs::read_to_string(node.path(CLUSTER)).unwrap().contains("10.99.0.1/24"));
    node.run("host-state", &["check"]).done();
}

#[test]
fn no_host_is_left_without_an_address_or_changed_under_its_installer() {
    let node = Node::unserved(PROGRAM);
    hosts(&node);
    let small = ["--host-range", "10.98.0.2-10.98.0.3", "--renumber", "--no-reload"];
    let refused = configure(&node, "10.98.0.1/24", &small);
    refused.fails(3, &["1 host would have no address", "host_range"]);
    assert!(refused.out.contains("10.99.0.77 -> outside"), "{refused:?}");
    edit_record(&node, MACS[0], "CONFIGURED", "INSTALLING");
    let refused = configure(&node, "10.98.0.1/24", &["--renumber", "--no-reload"]);
    assert!(refused.code == 3 && refused.err.contains("sch-001 is INSTALLING"), "{refused:?}");
    assert_eq!(addresses(&node), OLD);
    edit_record(&node, MACS[0], "INSTALLING", "CONFIGURED");
    // A record that nobody can read may have any address.
    edit_record(&node, MACS[2], "version", "versoin");
    let refused = configure(&node, "10.98.0.1/24", &["--renumber", "--no-reload"]);
    assert!(refused.code == 3 && refused.err.contains("host-state check"), "{refused:?}");
    edit_record(&node, MACS[2], "versoin", "version");
    configure(&node, "10.98.0.1/24", &["--renumber", "--no-reload"]).done();
    assert_eq!(addresses(&node), NEW);
}

#[test]
fn a_history_that_cannot_be_written_does_not_leave_a_cluster_in_two_networks() {
    let node = Node::unserved(PROGRAM);
    hosts(&node);
    let history = node.path(&format!("srv/hps-config/clusters/lab/history/{}.jsonl", MACS[0].replace(':', "")));
    std::fs::remove_file(&history).unwrap();
    std::fs::create_dir(&history).unwrap();
    let done = configure(&node, "10.98.0.1/24", &["--renumber", "--no-reload"]);
    assert_eq!(done.code, 1, "{done:?}");
    assert!(done.err.contains("the address is changed") && done.err.contains(".jsonl"), "{done:?}");
    let shown = node.run("host-state", &["show", MACS[0], "--json"]);
    shown.fails(1, &["sch-001", ".jsonl"]);
    let shown = json(&shown);
    assert!(shown["address"] == NEW[0] && shown["history"].is_null(), "the rest is shown: {shown}");
    assert_eq!(addresses(&node)[1..], NEW[1..]);
    assert!(std::fs::read_to_string(node.path(CLUSTER)).unwrap().contains("10.98.0.1/24"), "as the records");
}

/// Killed behind each file that it writes, also where the network of an address follows only from the old cluster file.
#[test]
fn the_same_command_finishes_a_killed_run() {
    let node = Node::unserved(PROGRAM);
    hosts(&node);
    let file = node.path(CLUSTER);
    let text = std::fs::read_to_string(&file).unwrap();
    std::fs::write(&file, format!("{text}{RACK2}")).unwrap();
    node.run("host-state", &["set", "sch-003", "address=10.99.1.7"]).done();
    let (old, new) = (["10.99.0.2", "10.99.0.3", "10.99.1.7"], ["10.98.0.2", "10.98.0.3", "10.99.1.7"]);
    let clusters = node.path("srv/hps-config/clusters");
    let shell = |script: &str| node.run("sh", &["-ec", script, "sh", clusters.to_str().unwrap()]).done();
    let former = clusters.join("lab/former.cluster");
    let command = ["--name", "lab", "--address", "10.98.0.1/24", "--renumber", "--no-reload"];
    let program = env!("CARGO_BIN_EXE_cluster-configure");
    shell("cp -a $1 $1.before");
    let mut half = 0;
    for number in 1..=60 {
        let killed = killed_at(&node, number, program, &command);
        if killed.code == 0 {
            assert!(half > 1, "strace never ended it where it matters");
            assert!(!former.exists());
            return;
        }
        let is_new = std::fs::read_to_string(&file).unwrap().contains("10.98.0.1/24");
        if is_new && addresses(&node) != new {
            half += 1;
            let dry = node.run("cluster-configure", &["--name", "lab", "--no-reload", "--dry-run"]);
            dry.fails(3, &["interrupted", "--renumber"]);
            // Back to the old network is as good.
            if half == 2 {
                configure(&node, "10.99.0.1/24", &["--renumber", "--no-reload"]).done();
                assert_eq!(addresses(&node), old);
            }
        }
        node.run("cluster-configure", &command).done();
        assert_eq!(addresses(&node), new, "killed behind file {number}");
        assert!(!former.exists(), "killed behind file {number}");
        shell("rm -r $1; cp -a $1.before $1");
    }
    panic!("it writes more files");
}

#[test]
fn hosts_of_a_network_that_nothing_knows_are_reported_with_the_command_for_them() {
    let node = Node::unserved(PROGRAM);
    hosts(&node);
    let before = std::fs::read(record(&node)).unwrap();
    configure(&node, "10.98.0.1/24", &["--renumber", "--no-reload"]).done();
    std::fs::write(record(&node), before).unwrap();
    for more in [&["--no-reload"][..], &["--no-reload", "--dry-run"]] {
        let left = configure(&node, "10.98.0.1/24", more);
        assert_eq!(left.code, 1, "{left:?}");
        for word in ["1 host ", "sch-001", "10.99.0.2", "cluster-configure --name lab --renumber"] {
            assert!(left.err.contains(word), "{word}: {left:?}");
        }
    }
    node.run("cluster-configure", &["--name", "lab", "--renumber", "--no-reload"]).done();
    assert_eq!(addresses(&node), NEW);
    configure(&node, "10.98.0.1/24", &["--no-reload"]).done();
}

fn record(node: &Node) -> std::path::PathBuf {
    node.path(&format!("srv/hps-config/clusters/lab/hosts/{}.toml", MACS[0].replace(':', "")))
}

#[test]
fn a_host_of_a_subnet_that_was_edited_by_hand_does_not_go_to_the_main_network() {
    let node = Node::unserved(PROGRAM);
    hosts(&node);
    let edit = |net: &str| {
        let text = std::fs::read_to_string(node.path(CLUSTER)).unwrap();
        let main = text.split("\n[[subnet]]").next().unwrap();
        std::fs::write(node.path(CLUSTER), format!("{main}{}", RACK2.replace("10.99.1.", net))).unwrap();
    };
    edit("10.99.1.");
    node.run("host-state", &["set", "sch-001", "address=10.99.1.9"]).done();
    edit("10.97.1.");
    let renumber = ["--name", "lab", "--renumber", "--no-reload"];
    let refused = node.run("cluster-configure", &renumber);
    assert_eq!(refused.code, 3, "{refused:?}");
    assert!(refused.err.contains("sch-001 has 10.99.1.9") && refused.err.contains("address=ADDRESS"), "{refused:?}");
    assert_eq!(address(&node, MACS[0]), "10.99.1.9");
    node.run("host-state", &["set", "sch-001", "address=10.97.1.9"]).done();
    node.run("cluster-configure", &renumber).done();
}

#[test]
fn a_new_address_that_another_machine_uses_is_refused() {
    let node = Node::served(PROGRAM);
    hosts(&node);
    let neighbour = Neighbour::new(&node, "10.98.0.3/24");
    let renumber = ["--renumber", "--no-reload"];
    let dry = configure(&node, "10.98.0.1/24", &["--renumber", "--no-reload", "--dry-run"]);
    assert!(dry.code == 10 && dry.err.contains("br0 has no address of 10.98.0.0/24"), "{dry:?}");
    node.run("ip", &["address", "add", "10.98.0.1/24", "dev", INTERFACE]).done();
    for more in [&[][..], &["--dry-run"]] {
        let refused = configure(&node, "10.98.0.1/24", &[&renumber[..], more].concat());
        assert_eq!(refused.code, 3, "{refused:?}");
        assert!(refused.err.contains("10.98.0.3 of sch-002 is in use by"), "{refused:?}");
    }
    assert_eq!(addresses(&node), OLD);
    drop(neighbour);
    configure(&node, "10.98.0.1/24", &renumber).done();
    assert_eq!(addresses(&node), NEW);
}
