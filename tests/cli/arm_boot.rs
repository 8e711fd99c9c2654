// SPDX-License-Identifier: GPL-3.0-or-later
//! `host-state arm --boot` and `reinstall --boot`: an armed host boots from the network at once.

use crate::bmc::{Bmc, PASSWORD, certificate, credentials};
use crate::setup::{MAC, MACS, json, rocky_node};
use crate::support::{Answer, Node};

/// A served node with a tree, and a BMC for [`MAC`], which is no host yet.
fn rack() -> (Node, Bmc) {
    let node = rocky_node(&[]);
    let (pem, fingerprint) = certificate(node.folder.path(), "bmc.pem");
    let bmc = Bmc::new(&node, 8443, Some(&pem));
    credentials(&node, "rack7", PASSWORD);
    node.run("host-power", &["set", MAC, &bmc.url(), "--credentials", "rack7", "--fingerprint", &fingerprint]).done();
    (node, bmc)
}

fn arm(node: &Node, arguments: &[&str]) -> Answer {
    node.run("host-state", &[&["arm", "--type", "SCH", "--boot"], arguments].concat())
}

fn permission(node: &Node) -> bool {
    !node.run("host-state", &["show", MAC, "--json"]).out.contains("\"permission\": null")
}

#[test]
fn a_machine_that_is_off_is_armed_and_boots_from_the_network() {
    let (node, bmc) = rack();
    let dry = arm(&node, &[MAC, "--dry-run"]);
    assert!(dry.code == 10 && dry.out.ends_with(", and would boot from the network now\n"), "{dry:?}");
    assert_eq!(bmc.read("power"), "off");
    let answer = arm(&node, &[MAC]);
    assert_eq!(answer.code, 0, "{answer:?}");
    assert!(answer.out.ends_with("sch-001: boots from the network now, on\n"), "{answer:?}");
    assert_eq!((bmc.read("power").as_str(), bmc.read("boot").as_str(), permission(&node)), ("on", "Pxe Once", true));
    let history = node.run("host-state", &["history", "sch-001"]).out;
    assert!(history.find("armed").unwrap() < history.find("power start").unwrap(), "{history}");
    // It runs now, so it is switched off first.
    bmc.log();
    let again = json(&arm(&node, &["sch-001", "--json"]));
    assert_eq!((&again[0]["power"]["result"], &again[0]["mac"]), (&"done".into(), &"525400000001".into()), "{again}");
    assert!(bmc.log().contains("reset ForceOff"));
}

#[test]
fn nothing_is_armed_unless_every_host_can_be_switched_and_served() {
    let (node, bmc) = rack();
    bmc.log();
    arm(&node, &[MAC, MACS[1]]).fails(4, &[MACS[1], "HPS does not know how to switch it", "host-power set"]);
    let tree = node.path("srv/hps-resources/distros");
    std::fs::rename(&tree, node.path("elsewhere")).unwrap();
    std::fs::create_dir(&tree).unwrap();
    arm(&node, &[MAC]).fails(3, &["nothing is armed"]);
    std::fs::remove_dir(&tree).unwrap();
    std::fs::rename(node.path("elsewhere"), &tree).unwrap();
    node.run("reload", &["--stop"]).done();
    let down = arm(&node, &[MAC]);
    assert!(down.code == 3 && down.err.contains("must run before a host is started"), "{down:?}");
    assert_eq!((bmc.log().as_str(), node.run("host-state", &["show", MAC]).code), ("", 4));
}

#[test]
fn a_host_that_is_not_started_keeps_its_permission_and_its_line_has_the_command() {
    let (node, bmc) = rack();
    bmc.write("faults", "drop-boot");
    let answer = arm(&node, &[MAC]);
    assert_eq!(answer.code, 1, "{answer:?}");
    let line = answer.err.lines().last().unwrap();
    assert!(line.contains("sch-001: it is armed, but was not started: "), "{line}");
    assert!(line.ends_with("to start it: host-power boot-once sch-001 --now"), "{line}");
    assert_eq!((bmc.read("power").as_str(), permission(&node)), ("off", true));
    bmc.write("faults", "");
    node.run("host-power", &["boot-once", "sch-001", "--now"]).done();
    assert_eq!(bmc.read("power"), "on");
}
