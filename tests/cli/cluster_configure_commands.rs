// SPDX-License-Identifier: GPL-3.0-or-later
//! `cluster-configure list`, `show`, `select`, `rename` and `remove`.

use crate::PROGRAM;
use crate::setup::{CLUSTER, MACS, edit_record, installing, json, reservation, three};
use crate::support::{Answer, Node};

fn configure(node: &Node, arguments: &str) -> Answer {
    node.run("cluster-configure", &arguments.split(' ').collect::<Vec<_>>())
}

/// A node that serves lab, and has site2 prepared beside it.
fn two() -> Node {
    let node = Node::served(PROGRAM);
    let lab = node.path(CLUSTER).to_string_lossy().into_owned();
    configure(&node, &format!("--from {lab} --name site2 --description later --no-activate")).done();
    node
}

fn active(node: &Node) -> String {
    let link = std::fs::read_link(node.path("srv/hps-config/clusters/active")).unwrap();
    link.to_string_lossy().into_owned()
}

#[test]
fn clusters_are_listed_and_shown() {
    let node = two();
    three(&node);
    let list = json(&configure(&node, "list --json"));
    let of = |index: usize, key: &str| list[index][key].clone();
    assert_eq!((of(0, "name"), of(0, "active"), of(0, "hosts")), ("lab".into(), true.into(), 3.into()));
    assert_eq!((of(1, "name"), of(1, "active"), of(1, "hosts")), ("site2".into(), false.into(), 0.into()));
    let text = configure(&node, "list");
    assert!(text.code == 0 && text.out.lines().count() == 3 && text.out.contains("later"), "{text:?}");
    let shown = json(&configure(&node, "show --json"));
    assert_eq!((&shown["name"], &shown["hosts"]), (&"lab".into(), &3.into()));
    assert_eq!(shown["settings"]["network"]["domain"], "lab.internal");
    let shown = configure(&node, "show site2");
    assert!(shown.code == 0 && shown.out.contains("site2, not active"), "{shown:?}");
    configure(&node, "show site3").fails(4, &["no cluster site3", "cluster-configure list"]);
    // One that cannot be read does not hide the others.
    std::fs::write(node.path("srv/hps-config/clusters/site2.cluster"), "version = 1\n").unwrap();
    let list = configure(&node, "list --json");
    assert_eq!((list.code, json(&list)[0]["problem"].is_null()), (1, true));
    assert!(json(&list)[1]["problem"].as_str().unwrap().contains("line 1"), "{list:?}");
}

#[test]
fn select_serves_another_cluster() {
    let node = two();
    let before = node.snapshot("srv/hps-config");
    let shown = configure(&node, "select site2 --dry-run");
    assert!(shown.code == 10 && shown.out.contains("site2 would be"), "{shown:?}");
    assert_eq!(node.snapshot("srv/hps-config"), before);
    assert_eq!(configure(&node, "select site2").code, 0);
    assert_eq!(active(&node), "site2.cluster");
    let dnsmasq = std::fs::read_to_string(node.path("srv/hps-config/services/dnsmasq.conf")).unwrap();
    assert!(dnsmasq.contains("site2"), "the services have it");
    configure(&node, "select site2").done();
    configure(&node, "select site3").fails(4, &["no cluster site3"]);
}

#[test]
fn a_renamed_cluster_keeps_its_hosts_and_is_served() {
    let node = two();
    three(&node);
    let record = |cluster: &str| node.path(&format!("srv/hps-config/clusters/{cluster}/hosts/525400000001.toml"));
    let was = std::fs::read(record("lab")).unwrap();
    configure(&node, "rename lab site2").fails(3, &["site2", "exists already"]);
    let before = node.snapshot("srv/hps-config");
    let shown = configure(&node, "rename lab zurich --dry-run");
    assert!(shown.code == 10 && shown.out.contains("+name = \"zurich\""), "{shown:?}");
    assert_eq!(node.snapshot("srv/hps-config"), before);
    installing(&node, MACS[0], "disks", 5);
    configure(&node, "rename lab zurich").fails(3, &["sch-001 is INSTALLING"]);
    std::fs::write(record("lab"), &was).unwrap();
    configure(&node, "rename lab zurich").done();
    assert_eq!(active(&node), "zurich.cluster");
    assert!(!record("lab").exists() && !node.path(CLUSTER).exists());
    assert_eq!(std::fs::read(record("zurich")).unwrap(), was);
    assert_eq!(reservation(&node, MACS[0]), None, "the folder of the old name is gone");
    let entries = node.path("srv/hps-config/services/dhcp-hosts.zurich");
    assert_eq!(std::fs::read_dir(entries).unwrap().count(), 3);
    assert_eq!(node.run("reload", &["--dry-run"]).code, 0, "nothing is left to do");
    assert!(node.run("host-state", &["list"]).out.contains("sch-001"));
    configure(&node, "rename lab again").fails(4, &["no cluster lab"]);
}

/// A run that was killed after any of its steps.
#[test]
fn an_interrupted_rename_is_completed_by_the_same_command() {
    let node = two();
    three(&node);
    let clusters = node.path("srv/hps-config/clusters");
    let text = std::fs::read_to_string(clusters.join("lab.cluster")).unwrap();
    // After the first folder: the link and the old file are as before.
    let done = configure(&node, "rename lab zurich --no-reload");
    assert!(done.code == 0 && done.err.contains("to change that: reload"), "{done:?}");
    std::fs::write(clusters.join("lab.cluster"), &text).unwrap();
    std::fs::remove_file(clusters.join("active")).unwrap();
    std::os::unix::fs::symlink("lab.cluster", clusters.join("active")).unwrap();
    configure(&node, "rename lab zurich").done();
    assert_eq!(active(&node), "zurich.cluster");
    assert!(!clusters.join("lab.cluster").exists());
    assert!(node.run("host-state", &["list"]).out.contains("sch-003"));
}

/// A run that was killed before the link was moved, and a `reload` behind it: there is a folder of each name.
#[test]
fn a_rename_that_reload_has_met_half_way_is_completed_by_the_same_command() {
    let node = two();
    three(&node);
    let clusters = node.path("srv/hps-config/clusters");
    let text = std::fs::read_to_string(clusters.join("lab.cluster")).unwrap();
    configure(&node, "rename lab zurich --no-reload").done();
    std::fs::write(clusters.join("lab.cluster"), &text).unwrap();
    std::fs::remove_file(clusters.join("active")).unwrap();
    std::os::unix::fs::symlink("lab.cluster", clusters.join("active")).unwrap();
    node.run("reload", &[]);
    assert!(clusters.join("lab/hosts").is_dir() && clusters.join("zurich/hosts").is_dir());
    // What somebody added meanwhile is not lost.
    node.run("host-state", &["add", MACS[3], "--type", "SCH"]).done();
    configure(&node, "rename lab zurich").fails(3, &["zurich", "exists already"]);
    node.run("host-state", &["rm", MACS[3]]).done();
    std::fs::remove_dir_all(clusters.join("lab/history")).unwrap();
    configure(&node, "rename lab zurich").done();
    assert_eq!(active(&node), "zurich.cluster");
    assert!(!clusters.join("lab").exists() && !clusters.join("lab.cluster").exists());
    assert!(node.run("host-state", &["list"]).out.contains("sch-003"));
    assert_eq!(node.run("reload", &["--dry-run"]).code, 0, "nothing is left to do");
}

#[test]
fn remove_refuses_what_is_served_or_has_hosts() {
    let node = two();
    three(&node);
    edit_record(&node, MACS[0], "CONFIGURED", "INSTALLED");
    configure(&node, "remove lab").fails(3, &["lab is the active cluster", "cluster-configure select"]);
    assert_eq!(configure(&node, "select site2").code, 0);
    for (arguments, word) in [("remove lab", "3 hosts"), ("remove lab --with-hosts 2", "--with-hosts 3")] {
        configure(&node, arguments).fails(3, &[word]);
    }
    let before = node.snapshot("srv/hps-config");
    let shown = configure(&node, "remove lab --with-hosts 3 --dry-run");
    assert!(shown.code == 10 && shown.out.contains("lab.cluster would be removed"), "{shown:?}");
    assert_eq!(node.snapshot("srv/hps-config"), before);
    configure(&node, "remove lab --with-hosts 3").done();
    let clusters = node.path("srv/hps-config/clusters");
    assert!(!clusters.join("lab.cluster").exists() && !clusters.join("lab").exists());
    assert_eq!(reservation(&node, MACS[0]), None);
    let mark = node.path("srv/hps-config/state/ever-installed/525400000001");
    assert!(mark.is_file(), "a machine that was installed stays known");
    configure(&node, "remove lab").fails(4, &["no cluster lab"]);
    assert_eq!(node.run("reload", &["--dry-run"]).code, 0);
}
