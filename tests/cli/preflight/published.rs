// SPDX-License-Identifier: GPL-3.0-or-later
//! Trees and images that are not published, or not as the recipe says.

use super::{DEBIAN, is_silent, publish_image, says};
use crate::PROGRAM;
use crate::setup::{MAC, edit_cluster, edit_record, json};
use crate::support::{Answer, Node};
use hps::types::Sha256Digest;

const NOT_PUBLISHED: [&str; 3] =
    ["distros/x86_64-linux-debian-12: SCH ", "is not published on this node", "build-image"];

fn check(node: &Node) -> Answer {
    node.run("host-state", &["check"])
}

/// A node with a published image and an armed sch-001.
fn armed() -> Node {
    let node = Node::served(PROGRAM);
    publish_image(&node, "nothing");
    node.run("host-state", &["arm", MAC, "--type", "SCH"]).done();
    is_silent(&check(&node));
    node
}

#[test]
fn what_nobody_needs_yet_is_a_note_in_json_alone() {
    let node = Node::served(PROGRAM);
    is_silent(&check(&node));
    let answer = node.run("host-state", &["check", "--json"]);
    assert!(answer.code == 0 && NOT_PUBLISHED[1..].iter().all(|word| answer.out.contains(word)), "{answer:?}");
    let severities: Vec<_> = json(&answer).as_array().unwrap().iter().map(|one| one["severity"].clone()).collect();
    assert_eq!(severities, ["note"], "{answer:?}");
    let reload = node.run("reload", &[]);
    assert_eq!((reload.code, reload.err.as_str()), (0, ""), "quiet under cron: {reload:?}");
}

#[test]
fn what_a_window_permits_must_be_published() {
    let node = Node::served(PROGRAM);
    node.run("host-state", &["window", "open", "--any", "--type", "SCH", "--for", "1h"]).done();
    says(&check(&node), 1, &NOT_PUBLISHED);
}

#[test]
fn what_a_rule_permits_must_be_published() {
    let node = Node::served(PROGRAM);
    edit_cluster(&node, "[legacy]", "[[rule]]\nname = \"racks\"\nmac = \"525400000009\"\ntype = \"SCH\"\n\n[legacy]");
    let check = check(&node);
    assert!(check.code == 1 && check.out.contains("rule racks permits it"), "{check:?}");
}

#[test]
fn what_an_armed_host_needs_must_be_published() {
    let node = armed();
    std::fs::remove_dir_all(node.path("srv/hps-resources/distros").join(DEBIAN)).unwrap();
    let check = check(&node);
    let problem = check.out.lines().find(|line| !line.starts_with("note: ")).unwrap();
    assert!(problem.contains("SCH STORAGESINGLE") && problem.contains("sch-001 may be installed with it"), "{problem}");
    assert_eq!(node.run("reload", &[]).code, 0);
}

#[test]
fn an_armed_host_that_a_person_took_the_name_from_is_a_problem() {
    let node = armed();
    edit_record(&node, MAC, "\nname = \"sch-001\"", "");
    let check = check(&node);
    assert!(check.code == 1 && check.out.contains("no address or no name"), "{check:?}");
}

#[test]
fn a_package_that_the_image_lacks_is_named() {
    let node = Node::served(PROGRAM);
    publish_image(&node, "mdadm ");
    node.run("host-state", &["arm", MAC, "--type", "SCH"]).done();
    let list = format!("{DEBIAN}/20261122T110203Z/packages-SCH.txt: SCH ");
    says(&check(&node), 1, &[&list, "a site profile names: mdadm,", "build-image"]);
    node.run("reload", &[]).done();
}

#[test]
fn an_image_of_another_recipe_is_a_note() {
    let node = armed();
    let manifest = node.path("srv/hps-resources/distros").join(DEBIAN).join("current.toml");
    let text = std::fs::read_to_string(&manifest).unwrap();
    let recipe = text.lines().find(|l| l.starts_with("recipe")).unwrap();
    std::fs::write(&manifest, text.replace(recipe, &format!("recipe = \"{}\"", Sha256Digest::hash(b"")))).unwrap();
    says(&check(&node), 0, &["note: ", "scripts, lists, types or site profiles", "build-image"]);
}

#[test]
fn an_image_of_another_size_is_a_problem() {
    let node = armed();
    let image = node.path("srv/hps-resources/distros").join(DEBIAN).join("20261122T110203Z/SCH.tar.zst");
    std::fs::write(image, "cut").unwrap();
    let check = check(&node);
    assert!(check.code == 1 && check.out.contains("has 3 bytes, but 5 were published"), "{check:?}");
}
