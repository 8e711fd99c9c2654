// SPDX-License-Identifier: GPL-3.0-or-later
//! `reload` on what was lost or comes from an older version: marks of used permissions, the site key, MACs without an allocation.

use crate::PROGRAM;
use crate::setup::{MAC, MACS, edit_record, three};
use crate::support::Node;

/// As between the installation of the new programs and `reload`: the marks of the older version lie in the cluster, and its boot manager
/// reads them alone.
#[test]
fn marks_of_an_older_version_are_made_in_both_places() {
    let node = Node::served(PROGRAM);
    let host_state = |arguments: &[&str]| node.run("host-state", arguments);
    let (new, old) = (node.path("srv/hps-config/state/spent"), node.path("srv/hps-config/clusters/lab/spent"));
    host_state(&["arm", MAC, "--type", "SCH"]).done();
    std::fs::rename(&new, &old).unwrap();
    host_state(&["disarm", MAC]).done();
    let names = |folder: &std::path::Path| {
        let entries = std::fs::read_dir(folder).unwrap();
        entries
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .collect::<std::collections::BTreeSet<_>>()
    };
    assert_eq!((names(&new).len(), names(&new)), (1, names(&old)));
    // Those of a cluster that is not active are brought too, one that cannot be read among them.
    let other = node.path("srv/hps-config/clusters/other/spent");
    std::fs::create_dir_all(&other).unwrap();
    let (good, bad) = ("0".repeat(32), "1".repeat(32));
    std::fs::write(other.join(&good), "disarmed\n").unwrap();
    std::fs::create_dir(other.join(&bad)).unwrap();
    node.run("reload", &[]).done();
    assert!(names(&new).is_superset(&[good, bad].into()), "{:?}", names(&new));
}

/// Nobody knows then which permissions had ended.
#[test]
fn lost_marks_end_every_permission() {
    let node = Node::served(PROGRAM);
    let host_state = |arguments: &[&str]| node.run("host-state", arguments);
    host_state(&["arm", MAC, "--type", "SCH", "--wipe", "D1"]).done();
    host_state(&["window", "open", "--any", "--type", "SCH", "--for", "2h"]).done();
    std::fs::remove_dir_all(node.path("srv/hps-config/state/spent")).unwrap();
    // Of the web server's user: it is in nobody's way.
    std::fs::create_dir(node.path("srv/hps-config/clusters/lab/menu-permissions/525400000009.toml")).unwrap();
    for command in [&["arm", MAC, "--type", "SCH"][..], &["disarm", MAC]] {
        host_state(command).fails(1, &["state/spent: is missing", "reload"]);
    }
    let found = host_state(&["check"]).out;
    assert!(found.contains("state/spent: is missing: no permission counts"), "{found}");
    let reload = node.run("reload", &[]);
    assert_eq!(reload.code, 1, "{reload:?}");
    assert!(
        reload.err.contains("state/spent: was missing")
            && reload.err.contains("removed all 3 entries of permissions and windows"),
        "{reload:?}"
    );
    let explain = host_state(&["explain", MAC]).out;
    assert!(explain.contains("permission     there is none"), "{explain}");
    node.run("reload", &[]).done();
    host_state(&["arm", MAC, "--type", "SCH"]).done();
}

/// The ids of what rules permit follow from the key.
#[test]
fn another_site_key_revives_no_rule() {
    const KEY: &str = "srv/hps-config/state/site.key";
    let node = Node::served(PROGRAM);
    let file = node.path("srv/hps-config/clusters/lab.cluster");
    let rule = "\n[[rule]]\nname = \"rack 9\"\nmac_prefix = \"52:54:00\"\ntype = \"SCH\"\n";
    std::fs::write(&file, std::fs::read_to_string(&file).unwrap() + rule).unwrap();
    node.run("reload", &[]).done();
    node.run("host-state", &["disarm", MAC]).done();
    std::fs::remove_file(node.path(KEY)).unwrap();
    let found = node.run("host-state", &["check"]).out;
    assert!(found.contains("site.key") && found.contains("run reload, which makes a new"), "{found}");
    let reload = node.run("reload", &[]);
    assert_eq!(reload.code, 1, "{reload:?}");
    assert!(reload.err.contains("site.key: was missing, and reload made a new one"), "{reload:?}");
    let explain = node.run("host-state", &["explain", MAC]).out;
    assert!(explain.contains("ended (the site key"), "{explain}");
    node.run("reload", &[]).done();
    node.run("host-state", &["arm", MAC, "--type", "SCH"]).done();
}

#[test]
fn a_mac_that_is_added_by_hand_is_allocated_by_reload() {
    let node = Node::served(PROGRAM);
    three(&node);
    edit_record(&node, MACS[0], "macs = [\"525400000001\"]", "macs = [\"525400000001\", \"525400000004\"]");
    let check = node.run("host-state", &["check"]);
    assert!(
        check.code == 0 && check.out.contains("note: ") && check.out.contains("not all allocated"),
        "{}",
        check.out
    );
    node.run("host-state", &["show", MACS[3]]).fails(4, &["has no host"]);
    node.run("reload", &[]).done();
    assert!(node.run("host-state", &["show", MACS[3]]).out.contains("sch-001"));
    assert_eq!(node.run("host-state", &["check"]).out, "");
    // One that another host has is refused there, alone, and said.
    edit_record(&node, MACS[1], "macs = [\"525400000002\"]", "macs = [\"525400000002\", \"525400000004\"]");
    let reload = node.run("reload", &[]);
    assert!(reload.code == 1 && reload.err.contains("MAC 52:54:00:00:00:04 belongs to"), "{}", reload.err);
    let check = node.run("host-state", &["check"]);
    assert!(check.code == 1 && check.out.contains("52:54:00:00:00:04 is also in"), "{}", check.out);
}
