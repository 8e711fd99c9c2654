// SPDX-License-Identifier: GPL-3.0-or-later
//! `reload` when another program has the port of DHCP, and commands that permit machines when nothing serves them.

use crate::PROGRAM;
use crate::setup::{MAC, MACS, json};
use crate::support::Node;

/// Another dnsmasq in the namespace of a node, until it is dropped.
struct Other<'a>(&'a Node);

impl<'a> Other<'a> {
    fn start(node: &'a Node, lines: &str) -> Self {
        let (pid, leases) = (node.path("other.pid"), node.path("other.leases"));
        let text = format!(
            "port=0\nno-hosts\nno-resolv\nuser=root\npid-file={}\ndhcp-leasefile={}\n{lines}\n",
            pid.display(),
            leases.display()
        );
        std::fs::write(node.path("other.conf"), text).unwrap();
        node.run("/usr/sbin/dnsmasq", &["-C", &node.path("other.conf").display().to_string()]).done();
        Self(node)
    }
}

impl Drop for Other<'_> {
    fn drop(&mut self) {
        let pid = std::fs::read_to_string(self.0.path("other.pid")).unwrap_or_default();
        self.0.run("kill", &[pid.trim()]);
    }
}

/// A node, not served yet, with a second bridge such as that of libvirt.
fn node() -> Node {
    let node = Node::unserved(PROGRAM);
    for arguments in [
        vec!["link", "add", "virbr0", "type", "bridge"],
        vec!["address", "add", "192.168.122.1/24", "dev", "virbr0"],
        vec!["link", "set", "virbr0", "up"],
    ] {
        node.run("ip", &arguments).done();
    }
    node
}

const ON_OURS: &str = "dhcp-range=10.99.0.200,10.99.0.210,1h";
const ON_ANOTHER: &str = "dhcp-range=192.168.122.100,192.168.122.110,1h";

#[test]
fn a_dhcp_server_on_our_interface_is_named_before_anything_changes() {
    let node = node();
    let before = node.snapshot("srv/hps-config/services");
    for lines in [
        format!("interface=br0\nbind-interfaces\n{ON_OURS}"),
        // Without bind-interfaces it has the port of all interfaces.
        format!("interface=virbr0\n{ON_ANOTHER}"),
    ] {
        let other = Other::start(&node, &lines);
        for arguments in [vec!["--dry-run"], vec![]] {
            node.run("reload", &arguments).fails(5, &["port 67 (DHCP)", "br0", "ss -lntup"]);
        }
        drop(other);
        assert_eq!(node.snapshot("srv/hps-config/services"), before);
    }
}

#[test]
fn a_dhcp_server_bound_to_another_interface_is_no_conflict() {
    let node = node();
    let _other = Other::start(&node, &format!("interface=virbr0\nbind-interfaces\n{ON_ANOTHER}"));
    assert_eq!(node.run("reload", &["--dry-run"]).code, 10);
    node.run("reload", &[]).done();
    // The port is our own now.
    assert_eq!(node.run("reload", &["--dry-run"]).code, 0);
}

#[test]
fn a_permission_warns_while_nothing_serves() {
    let node = Node::unserved(PROGRAM);
    let arm = |mac: &str| node.run("host-state", &["arm", mac, "--type", "SCH", "--json"]);
    let window = || {
        let arguments = ["window", "open", "--mac-prefix", "52:54:00", "--type", "SCH", "--for", "1h"];
        node.run("host-state", &arguments)
    };
    let armed = arm(MAC);
    assert!(armed.code == 0 && armed.err.contains("dnsmasq and lighttpd do not run"), "{armed:?}");
    assert!(armed.err.contains("reload"), "{armed:?}");
    assert_eq!(json(&armed)[0]["not_running"], serde_json::json!(["dnsmasq", "lighttpd"]));
    let opened = window();
    assert!(opened.code == 0 && opened.err.contains("do not run"), "{opened:?}");
    node.run("reload", &[]).done();
    let armed = arm(MACS[1]);
    assert!(armed.code == 0 && !armed.err.contains("run"), "{armed:?}");
    assert_eq!(json(&armed)[0]["not_running"], serde_json::json!([]));
    let pid = std::fs::read_to_string(node.path("run/hps/dnsmasq.pid")).unwrap();
    node.run("kill", &["-9", pid.trim()]).done();
    let armed = arm(MACS[2]);
    assert!(armed.code == 0 && armed.err.contains("dnsmasq does not run"), "{armed:?}");
    // Another program starts and ends them: HPS does not know.
    let text = std::fs::read_to_string(node.conf()).unwrap();
    assert!(text.contains("\"plain\""), "{text}");
    std::fs::write(node.conf(), text.replace("\"plain\"", "\"none\"")).unwrap();
    let armed = arm(MACS[3]);
    assert!(armed.code == 0 && !armed.err.contains("not run"), "{armed:?}");
    std::fs::write(node.conf(), text).unwrap();
}
