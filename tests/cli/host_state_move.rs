// SPDX-License-Identifier: GPL-3.0-or-later
//! `host-state move`: to another cluster of the node, and back.

use crate::PROGRAM;
use crate::killed::killed_at;
use crate::setup::{MACS, add_to_cluster, edit_record, json, reservation, three};
use crate::support::{Answer, Node};

const NEW: &str = "52:54:00:00:00:0a";

fn host_state(node: &Node, arguments: &[&str]) -> Answer {
    node.run("host-state", arguments)
}

fn record(node: &Node, cluster: &str, mac: &str) -> Option<String> {
    let file = format!("srv/hps-config/clusters/{cluster}/hosts/{}.toml", mac.replace(':', ""));
    std::fs::read_to_string(node.path(&file)).ok()
}

/// Three hosts in `lab`, the first of them INSTALLED on S3Z8 and armed again; an empty cluster `site2` beside it.
fn two_clusters() -> Node {
    let node = Node::unserved(PROGRAM);
    three(&node);
    host_state(&node, &["set", "sch-001", "state=INSTALLED"]).done();
    edit_record(&node, MACS[0], "state = ", "system_disks = [\"S3Z8\"]\nstate = ");
    host_state(&node, &["arm", "sch-001", "--wipe", "S3Z8"]).done();
    let key = node.path("key.pub").to_string_lossy().into_owned();
    let other =
        ["--name", "site2", "--interface", "br1", "--address", "10.77.0.1/24", "--ssh-key-file", &key, "--no-activate"];
    node.run("cluster-configure", &other).done();
    node
}

#[test]
fn a_host_keeps_what_it_is_and_loses_its_permission() {
    let node = two_clusters();
    let files = node.snapshot("srv/hps-config");
    let dry = host_state(&node, &["move", "sch-[001-002]", "--to", "site2", "--dry-run"]);
    assert_eq!(dry.code, 10, "{dry:?}");
    assert!(dry.out.starts_with("sch-001 would move from lab to site2 as sch-001, 10.77.0."), "{dry:?}");
    assert_eq!(node.snapshot("srv/hps-config"), files);

    let addresses: Vec<&str> = dry.out.lines().filter_map(|line| line.rsplit(' ').next()).collect();
    assert!(addresses.len() == 2 && addresses[0] != addresses[1], "each gets its own: {dry:?}");

    node.run("host-power", &["set", "sch-001", "wake-on-lan:"]).done();
    let switched =
        |cluster: &str| node.path(&format!("srv/hps-config/clusters/{cluster}/bmc/525400000001.toml")).exists();

    let moved = host_state(&node, &["move", "sch-[001-002]", "--to", "site2"]);
    assert!(switched("site2") && !switched("lab"), "how it is switched goes with it");
    assert!(moved.code == 0 && moved.err.contains("old cluster until they are installed again: sch-001"), "{moved:?}");
    assert!(record(&node, "lab", MACS[0]).is_none() && record(&node, "lab", MACS[1]).is_none());
    let there = record(&node, "site2", MACS[0]).unwrap();
    for part in ["state = \"INSTALLED\"", "name = \"sch-001\"", "type = \"SCH\"", "\"S3Z8\"", "address = \"10.77.0."] {
        assert!(there.contains(part), "{part}: {there}");
    }
    assert_eq!(reservation(&node, MACS[0]), None);
    let permission = "permissions/525400000001.toml";
    for cluster in ["lab", "site2"] {
        assert!(!node.path(&format!("srv/hps-config/clusters/{cluster}/{permission}")).exists(), "{cluster}");
    }
    assert!(node.path("srv/hps-config/state/ever-installed/525400000001").exists());
    let history = host_state(&node, &["history", MACS[0]]).out;
    assert!(
        history.contains("moved: to cluster site2 as sch-001") || history.contains("to cluster site2"),
        "{history}"
    );

    // And back: the name is free again.
    let back = host_state(&node, &["move", "sch-001", "--from", "site2", "--json"]);
    assert_eq!(json(&back)[0]["name"], "sch-001", "{back:?}");
    assert!(record(&node, "site2", MACS[0]).is_none());
    assert!(record(&node, "lab", MACS[0]).unwrap().contains("address = \"10.99.0.2\""));
    assert!(reservation(&node, MACS[0]).unwrap().contains("10.99.0.2,sch-001"));
}

#[test]
fn a_name_that_is_taken_there_is_another_one() {
    let node = two_clusters();
    host_state(&node, &["move", "sch-001", "--to", "site2"]).done();
    host_state(&node, &["set", "sch-002", "name=sch-001"]).done();
    let moved = host_state(&node, &["move", "sch-001", "--to", "site2"]);
    assert!(moved.code == 0 && moved.out.contains("to site2 as sch-002, 10.77.0."), "{moved:?}");
}

/// The other cluster would refuse its record, and the machine with it.
#[test]
fn a_type_that_the_other_cluster_lacks_is_refused() {
    let node = two_clusters();
    add_to_cluster(&node, "\n[types.WEB]\nfrom = \"PLAIN\"\ndistro = \"x86_64-linux-debian-12\"\n");
    host_state(&node, &["add", NEW, "--type", "WEB", "--name", "web-001"]).done();
    host_state(&node, &["move", "web-001", "--to", "site2"]).fails(3, &["web-001", "site2", "[types.WEB]"]);
    assert!(record(&node, "lab", NEW).is_some() && record(&node, "site2", NEW).is_none());
}

#[test]
fn what_cannot_move_is_refused_before_anything_moves() {
    let node = two_clusters();
    host_state(&node, &["move", "sch-001", "--to", "lab"]).fails(3, &["lab", "active cluster"]);
    host_state(&node, &["move", "sch-001", "--to", "site3"]).fails(4, &["site3", "cluster-configure list"]);
    assert_eq!(host_state(&node, &["move", "sch-001"]).code, 2);
    host_state(&node, &["move", "sch-001", "--from", "site2"]).fails(4, &["site2", "sch-001"]);
    edit_record(&node, MACS[1], "state = \"CONFIGURED\"", "state = \"INSTALLING\"");
    host_state(&node, &["move", "sch-[001-003]", "--to", "site2"]).fails(3, &["sch-002", "INSTALLING"]);
    assert!(record(&node, "lab", MACS[0]).is_some() && record(&node, "site2", MACS[0]).is_none());
}

/// Killed behind each file that it writes: the machine stays marked, has no permission that installs it, and the same
/// command finishes the move.
#[test]
fn the_same_command_finishes_a_killed_move() {
    let node = two_clusters();
    let config = node.path("srv/hps-config");
    let shell = |script: &str| node.run("sh", &["-ec", script, "sh", config.to_str().unwrap()]).done();
    shell("cp -a $1 $1.before");
    let command = ["move", "sch-001", "--to", "site2"];
    let mut both = 0;
    for number in 1..=80 {
        let killed = killed_at(&node, number, env!("CARGO_BIN_EXE_host-state"), &command);
        let is_left = record(&node, "lab", MACS[0]).is_some();
        both += usize::from(is_left && record(&node, "site2", MACS[0]).is_some());
        if killed.code == 0 {
            assert!(both > 1, "strace never ended it where it matters");
            return;
        }
        assert!(node.path("srv/hps-config/state/ever-installed/525400000001").exists(), "{number}");
        if is_left {
            host_state(&node, &command).done();
        }
        let there = record(&node, "site2", MACS[0]).unwrap();
        assert!(there.contains("state = \"INSTALLED\"") && there.contains("S3Z8"), "{number}: {there}");
        assert!(record(&node, "lab", MACS[0]).is_none(), "{number}");
        shell("rm -r $1; cp -a $1.before $1");
    }
    panic!("it writes more files");
}
