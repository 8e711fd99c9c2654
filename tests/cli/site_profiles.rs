// SPDX-License-Identifier: GPL-3.0-or-later
//! Site profiles: what they add to an installation, and what stops it.

use crate::PROGRAM;
use crate::setup::{MAC, ROCKY, publish};
use crate::support::Node;
use std::os::unix::fs::PermissionsExt as _;

fn profile(node: &Node, name: &str, text: &str) -> std::path::PathBuf {
    let path = node.path(&format!("srv/hps-config/clusters/lab/profiles/{name}.toml"));
    std::fs::write(&path, format!("version = 1\n{text}")).unwrap();
    path
}

/// A node whose storage hosts get Rocky Linux, from a tree that is there.
pub(crate) fn node() -> Node {
    let node = Node::new(PROGRAM);
    node.configure(&["--type", &format!("SCH={ROCKY}")]).done();
    publish(&node);
    node
}

pub(crate) fn answer(node: &Node) -> crate::support::Answer {
    node.run("host-state", &["render", MAC, "--part", "answer"])
}

#[test]
fn a_site_profile_adds_to_what_is_installed() {
    let node = node();
    profile(
        &node,
        "monitoring",
        "types = [\"SCH\"]\npackages = [\"htop\"]\nservices = [\"nginx.service\"]\nports = [\"80/tcp\"]\n\
         kernel_arguments = [\"mitigations=off\"]\n\
         [[file]]\npath = \"/etc/site\"\nmode = \"0600\"\ntemplate = true\ntext = \"{{ host_name }} isn't {{ address }}\\n%end\\n\"\n\
         [[script]]\nname = \"hello\"\ntext = \"#!/bin/sh\\necho \\\"$HPS_HOST_NAME\\\"\\n\"\n",
    );
    profile(&node, "layout", "hosts = [\"52:54:00:00:00:01\"]\n[disks]\nroot_gib = 50\nsystem = \"largest\"\n");
    profile(&node, "one", "hosts = [\"sch-002\"]\npackages = [\"tmux\"]\n");
    node.run("host-state", &["arm", MAC, "--type", "SCH"]).done();
    let text = answer(&node).out;
    for line in [
        "htop\n",
        " --port=80:tcp",
        "ANSWER[append]='mitigations=off'",
        "hps_put 0600 '/etc/site' \\\n    'sch-001 isn'\\''t 10.99.0.2' \\\n    '%end'\n",
        "ANSWER[system_rule]='largest'\n",
        "ANSWER[root_gib]='50'\n",
        "systemctl enable nginx.service\n",
        "hps_put 0700 /root/hps-script \\\n    '#!/bin/sh' \\\n    'echo \"$HPS_HOST_NAME\"'\n",
        "HPS_HOST_NAME='sch-001'",
    ] {
        assert!(text.contains(line), "{line}: {text}");
    }
    assert!(!text.contains("tmux"), "it is another host's");
    let ends = text.lines().filter(|line| *line == "%end").count();
    assert_eq!(ends, 7, "no line of a file ends a section");
}

#[test]
fn a_profile_that_cannot_be_taken_stops_the_installation_and_is_named() {
    let node = node();
    node.run("host-state", &["arm", MAC, "--type", "SCH"]).done();
    let bad = |text: &str, words: &[&str]| {
        let path = profile(&node, "bad", text);
        let explained = node.run("host-state", &["explain", MAC]).out;
        let rendered = answer(&node);
        for word in words {
            assert!(explained.contains(word), "{word}: {explained}");
            assert!(rendered.err.contains(word), "{word}: {}", rendered.err);
        }
        std::fs::remove_file(path).unwrap();
    };
    bad("types = [\"SCH\"]\npackage = []\n", &["profiles/bad.toml", "line 3", "package"]);
    // A finding for each mistake.
    profile(&node, "bad", "types = [\"SCH\"]\nports = [80]\npackage = []\n");
    let check = node.run("host-state", &["check", "--json"]);
    let found: serde_json::Value = serde_json::from_str(&check.out).unwrap();
    let problems = found.as_array().unwrap().iter().filter(|one| one["severity"] == "problem");
    let lines: Vec<_> = problems.map(|one| one["line"].as_u64()).collect();
    assert_eq!((check.code, lines), (1, vec![Some(3), Some(4)]), "{}", check.out);
    profile(&node, "bad", "types = [\"SCH\"]\nports = [80]\n");
    let check = node.run("host-state", &["check"]);
    assert!(check.code == 1 && check.out.contains("profiles/bad.toml:3: ports"), "{}", check.out);
    profile(&node, "bad", "hosts = [\"sch-[001-003]\"]\n");
    let check = node.run("host-state", &["check"]);
    assert!(
        check.code == 0 && check.out.contains("note: ") && check.out.contains("sch-002 and 1 others"),
        "{}",
        check.out
    );
    bad("packages = []\n", &["profiles/bad.toml", "has neither types nor hosts"]);
    bad(
        "types = [\"SCH\"]\n[[file]]\npath = \"/etc/x\"\ntemplate = true\ntext = \"{{ host }}\"\n",
        &["site profile bad: the template of /etc/x", "line 1"],
    );
    bad(
        "types = [\"SCH\"]\n[disks]\nsystem = \"max=40G\"\nroot_gib = 60\n",
        &["site profile bad: disks.system is \"max=40G\": 40 GiB is below root_gib"],
    );
    // Whoever can write it is root on each host.
    let path = profile(&node, "open", "types = [\"SCH\"]\n");
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o666)).unwrap();
    assert!(answer(&node).err.contains("everybody can write it"), "{}", answer(&node).err);
    std::fs::remove_file(path).unwrap();
    answer(&node).done();
}

/// It would be for no host, and nobody would notice.
#[test]
fn a_type_that_does_not_exist_is_a_problem_of_check() {
    let node = Node::unserved(crate::PROGRAM);
    profile(&node, "web", "types = [\"SCX\"]\npackages = [\"htop\"]\n");
    let check = node.run("host-state", &["check"]);
    assert_eq!(check.code, 1, "{check:?}");
    assert!(check.out.contains("profiles/web.toml") && check.out.contains("did you mean SCH?"), "{check:?}");
}
