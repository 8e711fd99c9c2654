// SPDX-License-Identifier: GPL-3.0-or-later
//! `host-state discover`: machines that are asked to look at themselves, once.

use crate::PROGRAM;
use crate::preflight::publish_image;
use crate::setup::{MAC, json, three};
use crate::support::Node;

fn answer(node: &Node) -> String {
    json(&node.run("host-state", &["explain", MAC, "--json"]))["answer"].as_str().unwrap().to_owned()
}

#[test]
fn a_machine_is_asked_once_and_the_request_can_be_cancelled() {
    let node = Node::unserved(PROGRAM);
    let host_state = |arguments: &[&str]| node.run("host-state", arguments);
    three(&node);
    host_state(&["discover", "sch-001"]).fails(3, &["sch-001", "build-image"]);
    publish_image(&node, "nothing");
    let before = answer(&node);
    let dry = host_state(&["discover", "sch-[001-002]", "--dry-run"]);
    assert_eq!((dry.code, dry.out.lines().count()), (10, 2), "{}", dry.out);
    assert_eq!(answer(&node), before, "a dry run asks nothing");
    let asked = json(&host_state(&["discover", "sch-[001-002]", "--then", "off", "--reason", "rack 7", "--json"]));
    assert_eq!((&asked[0]["task"]["kind"], &asked[1]["then"]), (&"discover".into(), &"off".into()));
    assert_eq!(answer(&node), "task");
    let explained = host_state(&["explain", MAC]).out;
    assert!(explained.contains("rack 7") && explained.contains("host-state discover sch-001 --cancel"), "{explained}");
    assert!(host_state(&["render", MAC, "--part", "boot"]).out.contains("hps.mode=task hps.ticket=********"));
    assert!(host_state(&["show", "sch-001"]).out.contains("asked to"));
    assert_eq!(host_state(&["discover", "sch-001", "--cancel", "--dry-run"]).code, 10);
    assert_eq!(answer(&node), "task");
    host_state(&["discover", "sch-001", "--cancel"]).done();
    host_state(&["discover", "sch-001", "--cancel"]).done();
    assert_eq!(answer(&node), before);
    let history = host_state(&["history", "sch-001"]).out;
    assert!(history.contains("task asked for") && history.matches("task cancelled").count() == 1, "{history}");
    assert!(host_state(&["audit"]).out.contains("task asked for"));
}

#[test]
fn an_unknown_machine_is_asked_by_its_mac() {
    let node = Node::unserved(PROGRAM);
    publish_image(&node, "nothing");
    node.run("host-state", &["discover", MAC]).done();
    assert_eq!(answer(&node), "task");
    node.run("host-state", &["discover", "sch-077"]).fails(4, &["sch-077"]);
    assert_eq!(node.run("host-state", &["discover"]).code, 2);
    assert_eq!(node.run("host-state", &["discover", MAC, "--then", "dance"]).code, 2);
}
