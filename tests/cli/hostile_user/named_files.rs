// SPDX-License-Identifier: GPL-3.0-or-later
//! Files that root's programs are told to read.

use super::{Outside, ROUNDS, Racer, SECRET, USER, changes, run};
use crate::PROGRAM;
use crate::setup::MAC;
use crate::support::Node;
use std::os::unix::fs::MetadataExt as _;

const KEY: &str = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIGoodgoodgoodgoodgoodgood good@user\n";

const OTHER_KEY: &str = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIOtherotherotherotherother other@user\n";

#[test]
fn files_that_are_named_become_links_pipes_and_other_files() {
    let node = Node::served(PROGRAM);
    let outside = Outside::new(&node);
    let mut racer = Racer::new(&node);
    let cluster = std::fs::read_to_string(node.path("srv/hps-config/clusters/lab.cluster")).unwrap();
    let list = format!("mac,type\n{MAC},SCH\n");
    let file = |name: &str| racer.folder.join(name).display().to_string();
    let (key, from, csv, hosts) = (file("key"), file("from"), file("csv"), file("hosts"));
    let base = node.folder.path().display().to_string();
    let commands: [(&str, &str, &str, &str, Vec<&str>); 5] = [
        (
            "key",
            KEY,
            OTHER_KEY,
            "cluster-configure",
            vec!["--base", &base, "--name", "lab", "--no-reload", "--ssh-key-file", &key],
        ),
        ("from", &cluster, OTHER_KEY, "cluster-configure", vec!["--base", &base, "--no-reload", "--from", &from]),
        ("csv", &list, "mac,type\n", "host-state", vec!["import", "--format", "csv", &csv]),
        ("csv", &list, "mac,type\n", "host-state", vec!["import", "--format", "csv", "--dry-run", &csv]),
        ("hosts", MAC, MAC, "host-state", vec!["arm", "--type", "SCH", "--dry-run", "--hosts-from", &hosts]),
    ];
    for (name, good, other, program, arguments) in commands {
        racer.has("good", good);
        racer.has("other", other);
        racer.has(name, good);
        let script = changes(name, "good", &outside.folder);
        racer.repeats(&script);
        let mut codes = Vec::new();
        for _ in 0..ROUNDS * 2 {
            let answer = run(&node, &[], program, &arguments);
            outside.is_untouched(&answer);
            assert!(answer.code >= 0, "{answer:?}");
            let text = std::fs::read_to_string(node.path("srv/hps-config/clusters/lab.cluster")).unwrap();
            assert!(!text.contains(SECRET), "{text}");
            codes.push(answer.code);
        }
        racer.stop();
        assert!(codes.iter().any(|code| *code != codes[0]), "{program} {arguments:?} met one thing alone: {codes:?}");
        let owner = |entry: std::io::Result<std::fs::DirEntry>| entry.unwrap().path().symlink_metadata().unwrap();
        let given = std::fs::read_dir(&racer.folder).unwrap().map(owner).find(|m| m.uid() != USER && m.nlink() == 1);
        assert!(given.is_none(), "{given:?}");
    }
}
