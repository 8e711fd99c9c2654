// SPDX-License-Identifier: GPL-3.0-or-later
//! `host-state render` shows what the boot manager and dnsmasq would serve.

use crate::PROGRAM;
use crate::setup::{MAC, ROCKY, boot, lease, publish};
use crate::support::Node;

#[test]
fn what_is_rendered_is_what_is_served() {
    let node = Node::new(PROGRAM);
    node.configure(&["--type", &format!("SCH={ROCKY}")]).done();
    publish(&node);
    lease(&node, MAC);
    let render = |part: &str, more: &[&str]| {
        let mut arguments = vec!["render", MAC, "--part", part];
        arguments.extend(more);
        node.run("host-state", &arguments)
    };
    let same_script = |what: &str| {
        // A ticket changes with the full hour: whoever meets it asks again.
        let equal = (0..2).any(|_| render("boot", &["--secrets"]).out == boot(&node, MAC, ""));
        assert!(equal, "{what}: {} is not {}", render("boot", &["--secrets"]).out, boot(&node, MAC, ""));
    };
    boot(&node, MAC, "");
    same_script("menu");
    render("answer", &[]).fails(4, &["nothing permits"]);
    render("dhcp", &[]).fails(4, &["no address"]);
    node.run("host-state", &["arm", MAC, "--type", "SCH"]).done();
    same_script("installer");
    let before = node.snapshot("srv/hps-config/clusters/lab");
    let would_be = render("answer", &["--secrets"]);
    would_be.done();
    assert_eq!(node.snapshot("srv/hps-config/clusters/lab"), before, "rendering changes nothing");
    assert!(would_be.out.contains("%pre") && would_be.out.contains("attempt 1"), "{}", would_be.out);

    let script = boot(&node, MAC, "");
    let url = script.split_whitespace().find_map(|w| w.strip_prefix("inst.ks=")).unwrap().to_owned();
    let served = node.run("curl", &["-sS", &url]).out;
    assert_eq!(render("answer", &["--secrets"]).out, served);
    let masked = render("answer", &[]).out;
    assert!(!masked.contains("-179") && masked.contains("HPS_TOKEN='********'"), "{masked}");
    same_script("the second attempt");
    let entry = std::fs::read_to_string(node.path("srv/hps-config/services/dhcp-hosts.lab/525400000001")).unwrap();
    assert_eq!(render("dhcp", &[]).out, entry);
    let all = node.run("host-state", &["render", MAC]).out;
    assert!(
        all.contains("### boot script") && all.contains("### answer file") && all.contains("### DHCP entry"),
        "{all}"
    );
}
