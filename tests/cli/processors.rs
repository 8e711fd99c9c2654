// SPDX-License-Identifier: GPL-3.0-or-later
//! A machine is never given a kernel of another processor than it reports.

use crate::setup::{MAC, boot, choose, json, rocky_node};
use crate::support::Node;

const ARM64: &str = "&arch=arm64&platform=efi";

fn arm(node: &Node, arguments: &[&str]) -> crate::support::Answer {
    node.run("host-state", &[&["arm", MAC, "--type", "SCH"], arguments].concat())
}

/// The steps of `explain` about the processor.
fn processor(node: &Node) -> (String, Vec<String>) {
    let told = json(&node.run("host-state", &["explain", MAC, "--json"]));
    let steps = told["steps"].as_array().unwrap().iter().filter(|step| step["subject"] == "processor");
    let findings = steps.map(|step| step["finding"].as_str().unwrap().to_owned()).collect();
    (told["answer"].as_str().unwrap().to_owned(), findings)
}

#[test]
fn a_machine_of_another_processor_stops_with_the_reason() {
    let node = rocky_node(&[]);
    arm(&node, &[]).done();
    for arch in ["arm64", "arm32", "riscv64"] {
        let script = boot(&node, MAC, &format!("&arch={arch}&platform=efi"));
        assert!(!script.lines().any(|line| line.starts_with("kernel")), "{arch}: {script}");
        assert!(script.contains(&format!("reports the processor {arch}")), "{arch}: {script}");
    }
    let (answer, findings) = processor(&node);
    assert_eq!((answer.as_str(), findings.len()), ("stop", 1));
    let shown = json(&node.run("host-state", &["show", MAC, "--json"]));
    let host = if shown.is_array() { &shown[0] } else { &shown };
    assert_eq!(host["cpu"], "aarch64", "as it was reported first");
    arm(&node, &[]).fails(3, &["arm64", "--distro aarch64-linux-"]);
}

#[test]
fn ipxe_of_32_bits_is_no_other_processor() {
    let node = rocky_node(&[]);
    arm(&node, &[]).done();
    for claims in ["&arch=i386&platform=pcbios", "&arch=x86_64&platform=efi", ""] {
        let script = boot(&node, MAC, claims);
        assert!(script.lines().any(|line| line.starts_with("kernel")), "{claims}: {script}");
    }
    arm(&node, &[]).done();
}

#[test]
fn a_machine_with_another_processor_than_its_record_is_named() {
    let node = rocky_node(&[]);
    boot(&node, MAC, ARM64);
    node.run("host-state", &["set", MAC, "cpu=aarch64"]).done();
    arm(&node, &["--dry-run"]).fails(3, &["aarch64"]);
    boot(&node, MAC, "&arch=x86_64");
    node.run("host-state", &["set", MAC, "cpu=x86_64"]).done();
    assert_eq!(node.run("host-state", &["set", MAC, "cpu=sparc"]).code, 2);
    node.run("host-state", &["unset", MAC, "cpu"]).done();
}

#[test]
fn a_rescue_system_is_for_its_processor_too() {
    let node = rocky_node(&[]);
    boot(&node, MAC, ARM64);
    let script = choose(&node, MAC, "rescue", ARM64);
    assert!(!script.lines().any(|line| line.starts_with("kernel")) && script.contains("arm64"), "{script}");
}
