// SPDX-License-Identifier: GPL-3.0-or-later
//! `host-state discover`: machines that are asked to look at themselves, once.

use crate::PROGRAM;
use crate::preflight::publish_image;
use crate::setup::{MAC, MACS, json, three};
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

#[test]
fn a_window_is_opened_listed_and_closed() {
    let node = Node::unserved(PROGRAM);
    let host_state = |arguments: &[&str]| node.run("host-state", arguments);
    host_state(&["discover", "--window", "rack7"]).fails(3, &["build-image"]);
    publish_image(&node, "nothing");
    let windows = || json(&host_state(&["discover", "--windows", "--json"])).as_array().unwrap().len();
    assert_eq!(host_state(&["discover", "--window", "rack7", "--dry-run"]).code, 10);
    assert_eq!(windows(), 0, "a dry run opens nothing");
    host_state(&["discover", "--window", "rack7", "--for", "3h", "--mac-prefix", "52:54"]).done();
    host_state(&["discover", "--window", "rack7"]).fails(3, &["rack7", "--close"]);
    assert_eq!((windows(), answer(&node).as_str()), (1, "task"));
    assert_eq!(host_state(&["discover", "--window", "rack7", MAC]).code, 2);
    assert_eq!(host_state(&["discover", "--window", "rack7", "--close", "--dry-run"]).code, 10);
    host_state(&["discover", "--window", "rack7", "--close"]).done();
    host_state(&["discover", "--window", "rack7", "--close"]).fails(4, &["rack7"]);
    assert_eq!(windows(), 0);
    assert_ne!(answer(&node), "task");
    let audit = host_state(&["audit"]).out;
    assert!(audit.contains("discovery window opened") && audit.contains("discovery window closed"), "{audit}");
}

/// A machine that reported from this port; `""` is none.
fn reported(node: &Node, number: usize, port: &str) {
    let mac = MACS[number].replace(':', "");
    let neighbour = if port.is_empty() {
        String::new()
    } else {
        format!("neighbour = {{ switch = \"rack7.example.org\", port = \"{port}\" }}\n")
    };
    let text = format!(
        "version = 1\n[now]\nat = \"2026-11-30T10:00:00Z\"\noccasion = \"discovery\"\nmemory_mib = 16000\n\
         [now.board]\nproduct = \"R640\"\nserial = \"S{number}\"\n\
         [[now.disks]]\nname = \"sda\"\nserial = \"D{number}\"\nbytes = 4000787030016\n\
         [[now.cards]]\nname = \"eth0\"\nmac = \"{mac}\"\n{neighbour}"
    );
    let path = node.path(&format!("srv/hps-config/clusters/lab/hardware/{mac}.toml"));
    std::fs::create_dir_all(path.parent().unwrap()).unwrap();
    std::fs::write(path, text).unwrap();
}

#[test]
fn a_rack_is_listed_by_port_named_and_armed_in_one_step() {
    let node = Node::unserved(PROGRAM);
    let host_state = |arguments: &[&str]| node.run("host-state", arguments);
    let discovered = |more: &[&str]| node.run("host-state", &[&["discovered"], more].concat());
    publish_image(&node, "nothing");
    for (number, port) in [(0, "Ethernet1/10"), (1, "Ethernet1/2"), (2, "Ethernet1/3")] {
        reported(&node, number, port);
    }
    let listed = json(&discovered(&["--json"]));
    let macs: Vec<&str> = listed.as_array().unwrap().iter().map(|one| one["mac"].as_str().unwrap()).collect();
    assert_eq!(macs, [MACS[1], MACS[2], MACS[0]], "by port");
    let table = discovered(&[]).out;
    assert!(
        ["R640", "S1", "16000 MiB", "1 (3726 GiB)", "Ethernet1/2"].iter().all(|word| table.contains(word)),
        "{table}"
    );
    assert_eq!(discovered(&["--switch", "other"]).out, "");
    let named = ["--name", "{rack}-{port:2}", "--type", "SCH"];
    let dry = discovered(&[&named[..], &["--arm", "--dry-run"]].concat());
    assert_eq!(dry.code, 10, "{}", dry.err);
    assert!(dry.out.contains("rack7-02") && dry.out.contains("rack7-10"), "{}", dry.out);
    assert!(json(&host_state(&["list", "--json"])).as_array().unwrap().is_empty(), "a dry run names nothing");
    let done = discovered(&[&named[..], &["--arm", "--reason", "rack 7"]].concat());
    assert_eq!(done.code, 0, "{}", done.err);
    let hosts = json(&host_state(&["list", "--json"]));
    let names: Vec<&str> = hosts.as_array().unwrap().iter().map(|host| host["name"].as_str().unwrap()).collect();
    assert_eq!(names.len(), 3);
    assert!(["rack7-02", "rack7-03", "rack7-10"].iter().all(|name| names.contains(name)), "{names:?}");
    for mac in &MACS[..3] {
        assert_eq!(json(&host_state(&["explain", mac, "--json"]))["answer"], "install");
    }
    assert_eq!(discovered(&[]).out, "", "they are hosts now");
}

#[test]
fn a_name_that_is_missing_or_not_unique_names_no_machine() {
    let node = Node::unserved(PROGRAM);
    let discovered = |more: &[&str]| node.run("host-state", &[&["discovered"], more].concat());
    publish_image(&node, "nothing");
    reported(&node, 0, "Ethernet1/2");
    reported(&node, 1, "Ethernet2/2");
    reported(&node, 2, "");
    let refused = discovered(&["--name", "{rack}-{port}", "--type", "SCH"]);
    refused.fails(3, &[MACS[1], "both be called rack7-2", MACS[2], "heard a switch"]);
    assert!(json(&node.run("host-state", &["list", "--json"])).as_array().unwrap().is_empty());
    reported(&node, 1, "Ethernet1/3");
    reported(&node, 2, "Ethernet1/4");
    node.run("host-state", &["add", MACS[3], "--type", "SCH", "--name", "rack7-4"]).done();
    discovered(&["--name", "{rack}-{port}", "--type", "SCH"]).fails(3, &["rack7-4", MACS[3]]);
    assert_eq!(discovered(&["--name", "{rack}-{port}"]).code, 2, "which type?");
    assert_eq!(discovered(&["--name", "{rack}", "--type", "SCH"]).code, 2);
    discovered(&["--name", "{rack}-{port}", "--type", "WEB"]).fails(2, &["WEB"]);
    let done = discovered(&["--name", "n{port:3}", "--type", "SCH"]);
    assert_eq!((done.code, done.out.lines().count()), (0, 3), "{}", done.err);
}
