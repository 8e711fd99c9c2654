// SPDX-License-Identifier: GPL-3.0-or-later
//! `host-state explain`: what a machine would be served, and why.

use crate::PROGRAM;
use crate::setup::{MAC, ROCKY, boot, lease, publish};
use crate::support::Node;

/// What a person reads who asks why, for a host in each state; and that it is the boot manager's own decision.
#[test]
fn explain_says_what_is_served_and_what_to_do() {
    let node = Node::new(PROGRAM);
    node.configure(&["--type", &format!("SCH={ROCKY}")]).done();
    lease(&node, MAC);
    let host_state = |arguments: &[&str]| node.run("host-state", arguments);
    let explain = |wanted: &str, answer: &str, served: &str| {
        let text = host_state(&["explain", MAC]).out;
        assert!(text.contains(wanted), "{wanted} in {text}");
        assert_eq!(text.matches("<- this decides").count(), 1, "{text}");
        let json = host_state(&["explain", MAC, "--json"]).out;
        assert!(json.contains(&format!("\"answer\": \"{answer}\"")), "{json}");
        let script = boot(&node, MAC, "");
        assert!(script.contains(served), "{served} in {script}");
        text
    };
    explain("there is none", "menu", "item --key i");
    assert!(host_state(&["pending"]).out.contains("new machine, nothing chosen"));
    host_state(&["arm", MAC, "--type", "SCH", "--reason", "first host"]).done();
    let text = explain("is not published on this node", "stop", "is not published");
    assert!(text.contains("(first host)"), "{text}");
    publish(&node);
    let text = explain("a live permission gives the installer", "install", "inst.ks=");
    assert!(text.contains("sch-001 is CONFIGURED, SCH STORAGESINGLE, 10.99.0.2"), "{text}");
    assert!(text.contains("assumed to be the host itself; --from ADDRESS"), "{text}");
    assert!(text.contains("permissions/525400000001.toml") && text.contains("host-state disarm sch-001"), "{text}");
    host_state(&["set", "sch-001", "state=FAILED", "reason=disk full"]).done();
    explain("host-state log sch-001", "menu", "disk full");
    host_state(&["set", "sch-001", "state=INSTALLED"]).done();
    let text = explain("boots its disk unless a live permission", "local_boot", "sanboot");
    assert!(
        text.contains("host-state reinstall sch-001 --wipe SERIAL") && text.contains("ever-installed/525400000001"),
        "{text}"
    );
    host_state(&["set", "sch-001", "state=REINSTALL"]).done();
    let text = explain("was installed", "local_boot", "sanboot");
    assert!(text.contains("A person at its console requested a new installation"), "{text}");
    let foreign = host_state(&["explain", MAC, "--from", "10.99.0.77", "--json"]);
    assert!(foreign.out.contains("local_boot"), "{}", foreign.out);
    std::fs::write(node.path("srv/hps-config/clusters/lab/hosts/525400000001.toml"), "version = 1\nmacs = 3\n")
        .unwrap();
    let text = explain("line 2", "local_boot", "sanboot");
    assert!(text.contains("hosts/525400000001.toml") && text.contains("host-state check"), "{text}");
}

/// A person who asks while the installer runs is not told to switch the machine on.
#[test]
fn explain_says_that_an_installation_runs() {
    let node = Node::new(PROGRAM);
    node.configure(&["--type", &format!("SCH={ROCKY}")]).done();
    publish(&node);
    lease(&node, MAC);
    node.run("host-state", &["arm", MAC, "--type", "SCH"]).done();
    let script = boot(&node, MAC, "");
    let url = script.split_whitespace().find_map(|w| w.strip_prefix("inst.ks=")).unwrap().to_owned();
    assert!(node.run("curl", &["-sS", &url]).out.contains("%pre"));
    let explain = || node.run("host-state", &["explain", "sch-001"]).out;
    let text = explain();
    let first = text.lines().next().unwrap();
    assert!(first.starts_with("sch-001 (52:54:00:00:00:01) is being installed now: attempt 1, 1 of 3"), "{text}");
    assert!(first.contains("; begun since 20") && !text.contains("Switch it on"), "{text}");
    let record = node.path("srv/hps-config/clusters/lab/hosts/525400000001.toml");
    let before = std::fs::read_to_string(&record).unwrap();
    let since = before.lines().find(|line| line.starts_with("since = ")).unwrap();
    std::fs::write(&record, before.replace(since, "since = \"2026-01-01T00:00:00Z\"")).unwrap();
    let text = explain();
    assert!(text.lines().next().unwrap().contains("STALLED in begun for ") && text.contains("To give up: "), "{text}");
}

/// A sender is known by the kernel's neighbour entry for its address, and told apart from another one.
#[test]
fn the_kernel_says_who_has_an_address() {
    let node = Node::new(PROGRAM);
    node.configure(&["--type", &format!("SCH={ROCKY}")]).done();
    publish(&node);
    node.run("host-state", &["arm", MAC, "--type", "SCH"]).done();
    let explain = |from: &str| node.run("host-state", &["explain", MAC, "--from", from]).out;
    assert!(explain("10.99.0.2").contains("by its reserved address"));
    assert!(explain("10.99.0.50").contains("not proven"));
    for (address, mac) in [("10.99.0.50", MAC), ("10.99.0.51", "52:54:00:00:00:07")] {
        node.run("ip", &["neighbour", "add", address, "lladdr", mac, "dev", "br0", "nud", "permanent"]).done();
    }
    let text = explain("10.99.0.50");
    assert!(text.contains("by the kernel's neighbour table"), "{text}");
    let text = explain("10.99.0.51");
    assert!(text.contains("comes from the address of 525400000007"), "{text}");
}
