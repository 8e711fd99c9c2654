// SPDX-License-Identifier: GPL-3.0-or-later
//! Packages and groups that an installation needs, beside the lists of the tree.

use super::{GROUPS, PACKAGES, ROCKY_10, TREE, boot_files, is_silent, of_rocky, publish_tree, repository, says};
use crate::key::GOOD;
use crate::rpm::{Spec, index};
use crate::setup::{MAC, edit_cluster, json};
use crate::support::{Answer, Node};

/// A node with all packages in its tree, and an armed host.
fn armed() -> Node {
    let node = of_rocky();
    publish_tree(&node, &PACKAGES[..2], &PACKAGES[2..]);
    node.run("host-state", &["arm", MAC, "--type", "SCH"]).done();
    is_silent(&node.run("host-state", &["check"]));
    node
}

#[test]
fn a_package_is_looked_for_in_the_tree_and_beside_it() {
    let node = armed();
    let check = || node.run("host-state", &["check"]);
    node.run("reload", &[]).done();
    publish_tree(&node, &PACKAGES[..3], &["targetcli", "mdadm-tools"]);
    let lacks =
        ["rockylinux-10.1: SCH STORAGESINGLE and SCH STORAGERAID: ", "installs package mdadm,", "build-repository"];
    says(&check(), 1, &lacks);
    let found = json(&node.run("host-state", &["check", "--json"]));
    let keys: Vec<&String> = found[0].as_object().unwrap().keys().collect();
    assert_eq!(keys, ["advice", "file", "line", "problem", "severity"]);
    assert_eq!((&found[0]["severity"], &found[0]["line"]), (&"problem".into(), &serde_json::Value::Null));
    // A package of the site helps, where the kickstart would name its repository.
    let mut build = node.command("build-repository");
    let file = node.path("x.rpm");
    std::fs::write(&file, Spec::new("mdadm", "4.4").signed(&GOOD)).unwrap();
    build.env("HPS_TEST_KEY", GOOD.pin(node.folder.path())).args(["--distro", ROCKY_10]).arg(&file);
    Answer::from_output(build.output().unwrap()).done();
    is_silent(&check());
}

#[test]
fn a_package_of_a_site_profile_is_looked_for() {
    let node = armed();
    let profile = node.path("srv/hps-config/clusters/lab/profiles/tools.toml");
    std::fs::create_dir_all(profile.parent().unwrap()).unwrap();
    std::fs::write(&profile, "version = 1\ntypes = [\"SCH\"]\npackages = [\"htop\"]\n").unwrap();
    let found = node.run("host-state", &["check"]);
    assert!(found.code == 1 && found.out.contains("installs package htop,"), "{found:?}");
}

#[test]
fn without_its_group_nothing_can_be_installed() {
    let node = armed();
    let check = || node.run("host-state", &["check"]);
    let base = node.path(TREE).join("BaseOS");
    repository(&base, &PACKAGES, Some("<comps><group><id>minimal-environment</id></group></comps>"));
    says(&check(), 1, &["environment @^minimal-environment", "the tree of the dvd"]);
    repository(&base, &PACKAGES, None);
    says(&check(), 1, &["environment @^minimal-environment"]);
}

#[test]
fn lists_of_createrepo_are_read() {
    let node = of_rocky();
    let tree = publish_tree(&node, &[], &[]);
    let groups = node.path("comps.xml");
    std::fs::write(&groups, GROUPS).unwrap();
    std::fs::remove_dir_all(tree.join("BaseOS")).unwrap();
    std::fs::remove_dir_all(tree.join("AppStream")).unwrap();
    let base = tree.join("BaseOS/Packages");
    std::fs::create_dir_all(&base).unwrap();
    for name in PACKAGES {
        // A package may go by the name of what it provides.
        let (name, more) = if name == "curl" { ("curl-minimal", "Provides: curl = 1.0") } else { (name, "") };
        let spec = Spec { more, ..Spec::new(name, "1.0") };
        std::fs::write(base.join(spec.file_name()), spec.build()).unwrap();
    }
    index(&tree.join("BaseOS"), Some(&groups));
    node.run("host-state", &["arm", MAC, "--type", "SCH"]).done();
    is_silent(&node.run("host-state", &["check"]));
    std::fs::remove_file(base.join(Spec::new("lvm2", "1.0").file_name())).unwrap();
    index(&tree.join("BaseOS"), Some(&groups));
    says(&node.run("host-state", &["check"]), 1, &["installs package lvm2,"]);
}

#[test]
fn a_tree_that_lacks_something_stops_only_those_who_need_it() {
    let node = of_rocky();
    publish_tree(&node, &PACKAGES[..2], &PACKAGES[2..4]);
    let lacks = "installs package targetcli,";
    edit_cluster(&node, "\"lab.internal\"", "\"other.internal\"");
    let reload = node.run("reload", &["--json"]);
    assert_eq!(reload.code, 0, "{reload:?}");
    let check = node.run("host-state", &["check"]);
    assert!(check.code == 0 && check.out.contains("note: ") && check.out.contains(lacks), "{check:?}");
    node.run("host-state", &["arm", MAC, "--type", "SCH"]).done();
    let check = node.run("host-state", &["check"]);
    assert!(check.code == 1 && check.out.contains(lacks), "{check:?}");
    assert!(check.out.contains("sch-001 may be installed with it"), "{check:?}");
    publish_tree(&node, &PACKAGES, &[]);
    is_silent(&node.run("host-state", &["check"]));
}

#[test]
fn what_is_damaged_is_said_and_stops_nothing() {
    let node = of_rocky();
    let tree = publish_tree(&node, &PACKAGES[..2], &PACKAGES[2..]);
    let initrd = tree.join("images/pxeboot/initrd.img");
    std::fs::remove_file(&initrd).unwrap();
    says(&node.run("host-state", &["check"]), 1, &["initrd.img: SCH ", "is missing from the tree", "publish it again"]);
    boot_files(&tree);
    let list = tree.join("AppStream/repodata/primary.xml");
    std::fs::write(&list, "<metadata><package>").unwrap();
    let words = ["AppStream/repodata/primary.xml: SCH ", "cut short", "--verify x86_64-linux-rockylinux-10.1"];
    says(&node.run("host-state", &["check"]), 1, &words);
    edit_cluster(&node, "\"lab.internal\"", "\"other.internal\"");
    node.run("reload", &[]).fails(1, &words);
    let conf = std::fs::read_to_string(node.path("srv/hps-config/services/dnsmasq.conf")).unwrap();
    assert!(conf.contains("other.internal"), "{conf}");
}

#[test]
fn a_tree_without_lists_is_a_note() {
    let node = of_rocky();
    boot_files(&node.path(TREE));
    says(&node.run("host-state", &["check"]), 0, &["note: ", "rockylinux-10.1: SCH ", "no lists of packages"]);
    let reload = node.run("reload", &["--json"]);
    assert!(reload.code == 0 && reload.err.is_empty(), "{reload:?}");
    let json: serde_json::Value = serde_json::from_str(&reload.out).unwrap();
    assert!(json["notes"][0].as_str().unwrap().contains("no lists of packages"), "{json}");
}
