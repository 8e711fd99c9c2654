// SPDX-License-Identifier: GPL-3.0-or-later
//! `host-state render` shows what the boot manager and dnsmasq would serve.

use crate::setup::{MAC, boot, reservation, rocky_node};
use crate::support::{Answer, Node};

fn render(node: &Node, part: &str, more: &[&str]) -> Answer {
    node.run("host-state", &[&["render", MAC, "--part", part], more].concat())
}

/// A ticket changes with the full hour, so the comparison is made again.
#[track_caller]
fn is_the_served_script(node: &Node, what: &str) {
    let equal = (0..2).any(|_| render(node, "boot", &["--secrets"]).out == boot(node, MAC, ""));
    assert!(equal, "{what}: {} is not {}", render(node, "boot", &["--secrets"]).out, boot(node, MAC, ""));
}

fn armed() -> Node {
    let node = rocky_node(&[]);
    node.run("host-state", &["arm", MAC, "--type", "SCH"]).done();
    node
}

/// Fetches the answer file, which begins an attempt.
fn fetch(node: &Node) -> String {
    let script = boot(node, MAC, "");
    let url = script.split_whitespace().find_map(|w| w.strip_prefix("inst.ks=")).unwrap().to_owned();
    node.run("curl", &["-sS", &url]).out
}

#[test]
fn a_machine_that_nothing_permits_has_a_menu_and_no_answer_file() {
    let node = rocky_node(&[]);
    boot(&node, MAC, "");
    is_the_served_script(&node, "menu");
    render(&node, "answer", &[]).fails(4, &["not permitted"]);
    render(&node, "dhcp", &[]).fails(4, &["no address"]);
}

#[test]
fn an_answer_file_is_rendered_without_beginning_an_attempt() {
    let node = armed();
    is_the_served_script(&node, "installer");
    let before = node.snapshot("srv/hps-config/clusters/lab");
    let would_be = render(&node, "answer", &["--secrets"]);
    would_be.done();
    assert_eq!(node.snapshot("srv/hps-config/clusters/lab"), before, "rendering changes nothing");
    assert!(would_be.out.contains("%pre") && would_be.out.contains("attempt 1"), "{}", would_be.out);
}

#[test]
fn what_is_rendered_is_what_is_served() {
    let node = armed();
    let served = fetch(&node);
    assert_eq!(render(&node, "answer", &["--secrets"]).out, served);
    is_the_served_script(&node, "the second attempt");
    assert_eq!(Some(render(&node, "dhcp", &[]).out), reservation(&node, MAC));
}

#[test]
fn secrets_are_masked() {
    let node = armed();
    fetch(&node);
    let masked = render(&node, "answer", &[]).out;
    assert!(!masked.contains("-179") && masked.contains("HPS_TOKEN='********'"), "{masked}");
}

#[test]
fn all_parts_have_headings() {
    let all = armed().run("host-state", &["render", MAC]).out;
    for heading in ["### boot script", "### answer file", "### DHCP entry"] {
        assert!(all.contains(heading), "{heading} in {all}");
    }
}
