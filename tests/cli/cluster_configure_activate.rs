// SPDX-License-Identifier: GPL-3.0-or-later
//! `cluster-configure --activate`: which cluster is served.

use crate::PROGRAM;
use crate::support::{ADDRESS, Node};

#[test]
fn what_cannot_be_served_does_not_become_active() {
    let node = Node::served(PROGRAM);
    let before = node.snapshot("srv/hps-config/clusters");
    node.run("cluster-configure", &["--interface", "eth9", "--address", "10.99.0.1/24"]).fails(4, &["interface eth9"]);
    assert_eq!(node.snapshot("srv/hps-config/clusters"), before);
}

#[test]
fn another_cluster_is_made_active_only_when_that_is_said() {
    let node = Node::served(PROGRAM);
    let active = || std::fs::read_link(node.path("srv/hps-config/clusters/active")).unwrap();
    let before = node.snapshot("srv/hps-config");
    let key = node.path("key.pub").to_string_lossy().into_owned();
    let other = ["--name", "site2", "--interface", "br0", "--address", ADDRESS, "--ssh-key-file", &key];
    let other = |more: &[&str]| node.run("cluster-configure", &[&other, more].concat());
    other(&[]).fails(3, &["lab is the active cluster; to serve site2", "--activate"]);
    let dry = other(&["--dry-run"]);
    dry.fails(3, &["--activate"]);
    assert!(dry.out.contains("lab would no longer be active; site2 would be"), "{}", dry.out);
    assert_eq!(other(&["--dry-run", "--activate"]).code, 10);
    assert_eq!(node.snapshot("srv/hps-config"), before);
    let done = other(&["--activate", "--no-reload"]);
    assert_eq!(done.code, 0, "{}", done.err);
    assert!(done.err.contains("lab is no longer active; site2 is"), "{}", done.err);
    assert!(done.err.contains("to change that: reload"), "{}", done.err);
    assert_eq!(active().to_string_lossy(), "site2.cluster");
    // A link to a file that is gone is told with advice.
    std::fs::remove_file(node.path("srv/hps-config/clusters/site2.cluster")).unwrap();
    node.run("reload", &[]).fails(4, &["site2.cluster, which is missing", "--activate"]);
    node.run("cluster-configure", &[]).fails(4, &["site2.cluster, which is missing"]);
}
