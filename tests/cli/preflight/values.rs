// SPDX-License-Identifier: GPL-3.0-or-later
//! Values of the cluster file that no host could be installed with.

use super::{DEBIAN, publish_image};
use crate::PROGRAM;
use crate::setup::{CLUSTER, edit_cluster};
use crate::support::Node;

#[test]
fn what_reload_refuses_is_found_by_check_too() {
    for (from, to, words) in [
        (DEBIAN, "x86_64-linux-debian-14", &["types.SCH.distro", "cannot be installed by this version"][..]),
        ("timezone = \"UTC\"", "timezone = \"Europe/Atlantis\"", &["install.timezone", "no such time zone"]),
        (
            "[legacy]",
            "[[rule]]\nname = \"racks\"\nmac = \"525400000009\"\ntype = \"TCH\"\n\n[legacy]",
            &["rule racks", "TCH"],
        ),
    ] {
        let node = Node::served(PROGRAM);
        publish_image(&node, "nothing");
        edit_cluster(&node, from, to);
        let text = std::fs::read_to_string(node.path(CLUSTER)).unwrap();
        let line = 1 + text.lines().position(|l| l.contains(to.lines().next().unwrap())).unwrap();
        let check = node.run("host-state", &["check"]);
        assert_eq!(check.code, 1, "{check:?}");
        let place = format!("lab.cluster:{line}: ");
        let found = check.out.lines().any(|l| l.contains(&place) && words.iter().all(|word| l.contains(word)));
        assert!(found, "{place}{words:?}: {check:?}");
        node.run("reload", &[]).fails(1, words);
        node.run("reload", &["--dry-run"]).fails(1, words);
    }
}
