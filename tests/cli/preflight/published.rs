// SPDX-License-Identifier: GPL-3.0-or-later
//! Trees and images that are not published, or not as the recipe says.

use super::{DEBIAN, is_silent, publish_image, says};
use crate::PROGRAM;
use crate::setup::edit_cluster;
use crate::support::Node;
use hps::types::Sha256Digest;

#[test]
fn what_is_not_published_is_a_problem_for_whoever_is_on_the_way_to_it() {
    let node = Node::served(PROGRAM);
    let words = ["distros/x86_64-linux-debian-12: SCH ", "is not published on this node", "build-image"];
    is_silent(&node.run("host-state", &["check"]));
    let json = node.run("host-state", &["check", "--json"]);
    assert!(json.code == 0 && words[1..].iter().all(|word| json.out.contains(word)), "{json:?}");
    assert!(json.out.contains("\"severity\": \"note\""), "{json:?}");
    let reload = node.run("reload", &[]);
    assert_eq!((reload.code, reload.err.as_str()), (0, ""), "quiet under cron: {reload:?}");
    node.run("host-state", &["window", "open", "--any", "--type", "SCH", "--for", "1h"]).done();
    says(&node.run("host-state", &["check"]), 1, &words);
    node.run("host-state", &["window", "close", "--all"]);

    let node = Node::served(PROGRAM);
    node.run("host-state", &["add", "52:54:00:00:00:01", "--type", "SCH"]).done();
    publish_image(&node, "nothing");
    node.run("host-state", &["arm", "sch-001", "--type", "SCH"]).done();
    is_silent(&node.run("host-state", &["check"]));
    std::fs::remove_dir_all(node.path("srv/hps-resources/distros").join(DEBIAN)).unwrap();
    let check = node.run("host-state", &["check"]);
    let problem = check.out.lines().find(|line| !line.starts_with("note: ")).unwrap();
    assert!(problem.contains("SCH STORAGESINGLE") && problem.contains("sch-001 may be installed with it"), "{problem}");
    assert_eq!(node.run("reload", &[]).code, 0);
    // A record that a person took the address out of.
    publish_image(&node, "nothing");
    let record = node.path("srv/hps-config/clusters/lab/hosts/525400000001.toml");
    let text = std::fs::read_to_string(&record).unwrap();
    let without: String = text.lines().filter(|l| !l.starts_with("name =")).map(|l| format!("{l}\n")).collect();
    std::fs::write(&record, without).unwrap();
    let check = node.run("host-state", &["check"]);
    assert!(check.code == 1 && check.out.contains("no address or no name"), "{check:?}");

    let node = Node::served(PROGRAM);
    edit_cluster(&node, "[legacy]", "[[rule]]\nname = \"racks\"\nmac = \"525400000009\"\ntype = \"SCH\"\n\n[legacy]");
    let check = node.run("host-state", &["check"]);
    assert!(check.code == 1 && check.out.contains("rule racks permits it"), "{check:?}");
}

#[test]
fn the_image_is_looked_at_by_its_lists() {
    let node = Node::served(PROGRAM);
    let build = format!("{DEBIAN}/20261122T110203Z");
    publish_image(&node, "mdadm ");
    node.run("host-state", &["arm", "52:54:00:00:00:01", "--type", "SCH"]).done();
    let lacks = [&format!("{build}/packages-SCH.txt: SCH "), "a site profile names: mdadm,", "build-image"];
    says(&node.run("host-state", &["check"]), 1, &lacks);
    node.run("reload", &[]).done();
    publish_image(&node, "nothing");
    let manifest = node.path("srv/hps-resources/distros").join(DEBIAN).join("current.toml");
    let text = std::fs::read_to_string(&manifest).unwrap();
    let recipe = text.lines().find(|l| l.starts_with("recipe")).unwrap();
    std::fs::write(&manifest, text.replace(recipe, &format!("recipe = \"{}\"", Sha256Digest::hash(b"")))).unwrap();
    says(
        &node.run("host-state", &["check"]),
        0,
        &["note: ", "made with scripts, lists or site profiles", "build-image"],
    );
    std::fs::write(node.path("srv/hps-resources/distros").join(&build).join("SCH.tar.zst"), "cut").unwrap();
    let check = node.run("host-state", &["check"]);
    assert!(check.code == 1 && check.out.contains("has 3 bytes where 5 were published"), "{check:?}");
}
