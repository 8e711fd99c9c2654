// SPDX-License-Identifier: GPL-3.0-or-later
//! Many programs at the same moment on one registry.

use crate::PROGRAM;
use crate::support::Node;
use std::collections::BTreeSet;
use std::process::{Child, Stdio};

const MANY: usize = 200;

fn start(node: &Node, arguments: &[String]) -> Child {
    node.command("host-state")
        .args(arguments)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap()
}

/// All at the same moment. On a slow computer the last ones may wait in vain for a lock: 5 says that nothing was done, and whoever
/// types it again is not refused.
fn all_done(node: &Node, runs: impl Iterator<Item = Vec<String>>) {
    let started: Vec<(Child, Vec<String>)> = runs.map(|arguments| (start(node, &arguments), arguments)).collect();
    for (child, arguments) in started {
        let output = child.wait_with_output().unwrap();
        if output.status.code() == Some(5) {
            let again: Vec<&str> = arguments.iter().map(String::as_str).collect();
            node.run("host-state", &again).done();
            continue;
        }
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    }
}

fn mac(number: usize) -> String {
    format!("52:54:00:00:01:{number:02x}")
}

#[test]
fn two_hundred_writers_lose_nothing() {
    let node = Node::new(PROGRAM);
    node.configure(&["--host-range", "10.99.0.2-10.99.0.250", "--dhcp-range", "10.99.0.251-10.99.0.254"]).done();
    // The services have their own tests; two hundred signals would only slow this one.
    node.run("reload", &["--stop"]).done();
    all_done(&node, (0..MANY).map(|n| ["add", &mac(n), "--type", "SCH"].map(str::to_owned).to_vec()));
    let json = node.run("host-state", &["list", "--json"]).out;
    let values = |key: &str| -> BTreeSet<String> {
        let key = format!("\"{key}\": ");
        json.lines().filter_map(|l| l.trim().strip_prefix(&key).map(str::to_owned)).collect()
    };
    assert_eq!((values("address").len(), values("name").len()), (MANY, MANY), "each its own");
    assert_eq!(node.run("host-state", &["check"]).out, "");

    // Now five on each of forty hosts, each another value: all of them are in the records.
    let hosts = MANY / 5;
    let values = |n: usize| {
        let macs = format!("macs={},52:54:00:00:02:{n:02x}", mac(n));
        let address = format!("address=10.99.0.{}", 205 + n);
        [format!("name=new-{n}"), format!("reason=because {n}"), address, macs, "profile=STORAGERAID".to_owned()]
    };
    all_done(&node, (0..hosts).flat_map(|n| values(n).map(|value| vec!["set".to_owned(), mac(n), value])));
    for n in 0..hosts {
        let record = node.run("host-state", &["show", &mac(n), "--json"]).out;
        let (address, further) = (format!("10.99.0.{}", 205 + n), format!("52:54:00:00:02:{n:02x}"));
        let (name, reason) = (format!("\"new-{n}\""), format!("\"because {n}\""));
        for value in [address.as_str(), &further, &name, &reason, "STORAGERAID"] {
            assert!(record.contains(value), "{value} in {record}");
        }
        let history = node.run("host-state", &["history", &mac(n)]).out;
        assert_eq!(history.lines().filter(|l| l.contains("set by hand")).count(), 5, "{history}");
    }
    assert_eq!(node.run("host-state", &["check"]).out, "");
}
