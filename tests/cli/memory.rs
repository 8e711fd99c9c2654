// SPDX-License-Identifier: GPL-3.0-or-later
//! What the registry remembers, and what a copy of it, a killed program or a second report may not change.

use crate::PROGRAM;
use crate::support::{Node, SERVER};

const MAC: &str = "52:54:00:00:00:01";
const PLAIN: &str = "525400000001";
const CLUSTERS: &str = "srv/hps-config/clusters";
const TREE: &str = "srv/hps-resources/distros/x86_64-linux-rockylinux-10.1";

/// A node with what looks like a published tree, and a host of it whose requests come from the node's own address.
fn node() -> Node {
    let node = Node::new(PROGRAM);
    node.configure(&["--type", "SCH=x86_64-linux-rockylinux-10.1"]).done();
    std::fs::create_dir_all(node.path(TREE).join("images/pxeboot")).unwrap();
    for name in [".treeinfo", "images/pxeboot/vmlinuz", "images/pxeboot/initrd.img"] {
        std::fs::write(node.path(TREE).join(name), "x").unwrap();
    }
    let line = format!("1795341600 {MAC} {SERVER} * {MAC}\n");
    std::fs::write(node.path("srv/hps-config/state/dnsmasq.leases"), line).unwrap();
    node
}

/// The status, a blank, and the body.
fn ask(node: &Node, method: &str, query: &str) -> String {
    let url = format!("http://{SERVER}/cgi-bin/boot_manager?{query}&mac={PLAIN}");
    let form = "-w%{stderr}%{http_code}";
    let body: &[&str] = if method == "POST" { &["--data", ""] } else { &[] };
    let answer = node.run("curl", &[&["-sS", form], body, &[&url]].concat());
    format!("{} {}", answer.err, answer.out)
}

fn word_after(text: &str, mark: &str) -> String {
    let rest = text.split_once(mark).unwrap_or_else(|| panic!("no {mark} in {text}")).1;
    rest.chars().take_while(|c| c.is_ascii_alphanumeric() || *c == '-').collect()
}

/// Boots, and fetches the answer file: ticket and token.
fn begin(node: &Node) -> (String, String) {
    let ticket = word_after(&ask(node, "GET", "cmd=boot_action"), "ticket=");
    let answer = ask(node, "GET", &format!("cmd=answer&ticket={ticket}"));
    (ticket, word_after(&answer, "HPS_TOKEN='"))
}

fn report(node: &Node, token: &str, stage: &str) -> String {
    ask(node, "POST", &format!("cmd=event&token={token}&stage={stage}"))
}

#[test]
fn a_copy_of_the_clusters_that_is_put_back_installs_nothing() {
    let node = node();
    let host_state = |arguments: &[&str]| node.run("host-state", arguments);
    host_state(&["arm", MAC, "--type", "SCH", "--wipe", "D1", "--expires", "7d"]).done();
    let (clusters, saved) = (node.path(CLUSTERS), node.path("saved"));
    let paths = |from: &std::path::Path, to: &std::path::Path| {
        node.run("cp", &["-a", &from.to_string_lossy(), &to.to_string_lossy()]).done();
    };
    paths(&clusters, &saved);
    let (ticket, token) = begin(&node);
    assert!(report(&node, &token, "installed").starts_with("200 "));
    std::fs::remove_dir_all(&clusters).unwrap();
    paths(&saved, &clusters);
    let told = ask(&node, "GET", "cmd=boot_action");
    assert!(told.contains("sanboot") && !told.contains("inst.ks="), "{told}");
    assert!(ask(&node, "GET", &format!("cmd=answer&ticket={ticket}")).starts_with("403 "));
    assert!(report(&node, &token, "failed").starts_with("403 "));
    // Everything that shows permissions says the same.
    let explain = host_state(&["explain", "sch-001"]).out;
    for words in ["it is older than the last installation of this machine", "host-state arm gives a new one"] {
        assert!(explain.contains(words), "{explain}");
    }
    assert!(explain.contains("host-state reinstall sch-001"), "what to type: {explain}");
    let show = host_state(&["show", "sch-001"]).out;
    assert!(show.replace('\n', " ").contains("older than the last"), "{show}");
    assert!(host_state(&["show", "sch-001", "--shell"]).out.contains("HPS_HOST_PERMISSION_EXPIRES=''"));
    let json: serde_json::Value = serde_json::from_str(&host_state(&["show", "sch-001", "--json"]).out).unwrap();
    assert_eq!(json["permission"]["counts"], false);
    assert!(host_state(&["list"]).out.contains("permission does not count, see explain"));
    // It is taken away by now, and that is said.
    assert!(!clusters.join(format!("lab/permissions/{PLAIN}.toml")).exists());
    let explain = host_state(&["explain", "sch-001"]).out;
    assert!(explain.contains("the last one was removed at"), "{explain}");
    host_state(&["arm", "sch-001", "--wipe", "D1"]).done();
    assert!(ask(&node, "GET", "cmd=boot_action").contains("inst.ks="));
}
