// SPDX-License-Identifier: GPL-3.0-or-later
//! What tests of several commands share: machines, their records, and a tree to install from.

use crate::PROGRAM;
use crate::support::{Answer, Node, SERVER};

pub(crate) const MAC: &str = "52:54:00:00:00:01";
pub(crate) const MACS: [&str; 4] = [MAC, "52:54:00:00:00:02", "52:54:00:00:00:03", "52:54:00:00:00:04"];
pub(crate) const CLUSTER: &str = "srv/hps-config/clusters/lab.cluster";
pub(crate) const ROCKY: &str = "x86_64-linux-rockylinux-10.1";

/// A served node whose storage hosts get Rocky Linux, from a tree that is there, and which takes requests from its own address for
/// those of [`MAC`].
pub(crate) fn rocky_node(more: &[&str]) -> Node {
    let node = Node::new(PROGRAM);
    node.configure(&[&["--type", &format!("SCH={ROCKY}")], more].concat()).done();
    publish(&node);
    lease(&node, MAC);
    node
}

/// What looks like a published tree: enough for a script, not for an installation.
pub(crate) fn publish(node: &Node) {
    let tree = node.path("srv/hps-resources/distros").join(ROCKY);
    std::fs::create_dir_all(tree.join("images/pxeboot")).unwrap();
    for name in [".treeinfo", "images/pxeboot/vmlinuz", "images/pxeboot/initrd.img"] {
        std::fs::write(tree.join(name), name).unwrap();
    }
}

/// A lease that makes this node's own address the machine's, as dnsmasq would write it.
pub(crate) fn lease(node: &Node, mac: &str) {
    let line = format!("0 {mac} {SERVER} * {mac}\n");
    std::fs::write(node.path("srv/hps-config/state/dnsmasq.leases"), line).unwrap();
}

/// What the boot manager serves to this machine, which says `claims` of itself.
pub(crate) fn boot(node: &Node, mac: &str, claims: &str) -> String {
    let url = format!("http://{SERVER}/cgi-bin/boot_manager?cmd=boot_action&mac={mac}{claims}");
    node.run("curl", &["-sS", &url]).out
}

/// The same for an item of the menu.
pub(crate) fn choose(node: &Node, mac: &str, item: &str, claims: &str) -> String {
    let url = format!("http://{SERVER}/cgi-bin/boot_manager?cmd=process_menu_item&mac={mac}&menu_item={item}{claims}");
    node.run("curl", &["-sS", &url]).out
}

/// sch-001 to sch-003.
pub(crate) fn three(node: &Node) {
    for mac in &MACS[..3] {
        node.run("host-state", &["add", mac, "--type", "SCH"]).done();
    }
}

pub(crate) fn json(answer: &Answer) -> serde_json::Value {
    serde_json::from_str(&answer.out).unwrap_or_else(|_| panic!("{answer:?}"))
}

/// The hosts of `host-state list`.
pub(crate) fn names(answer: &Answer) -> Vec<String> {
    answer.out.lines().skip(1).map(|line| line.split(' ').next().unwrap().to_owned()).collect()
}

/// Writes into a record as an editor does.
pub(crate) fn edit_record(node: &Node, mac: &str, from: &str, to: &str) {
    let path = node.path(&format!("srv/hps-config/clusters/lab/hosts/{}.toml", mac.replace(':', "")));
    let text = std::fs::read_to_string(&path).unwrap();
    assert!(text.contains(from), "{from} in {text}");
    std::fs::write(&path, text.replace(from, to)).unwrap();
}

pub(crate) fn reservation(node: &Node, mac: &str) -> Option<String> {
    let path = node.path(&format!("srv/hps-config/services/dhcp-hosts.lab/{}", mac.replace(':', "")));
    std::fs::read_to_string(path).ok()
}

/// An INSTALLING host that reported `stage` so many seconds ago, written as an installation leaves it.
pub(crate) fn installing(node: &Node, mac: &str, stage: &str, seconds: i64) {
    let moment = |ago: i64| {
        let at = node.run("date", &["-u", "-d", &format!("-{ago} seconds"), "+%Y-%m-%dT%H:%M:%SZ"]);
        at.out.trim().to_owned()
    };
    let path = node.path(&format!("srv/hps-config/clusters/lab/hosts/{}.toml", mac.replace(':', "")));
    let mut text = std::fs::read_to_string(&path).unwrap().replace("CONFIGURED", "INSTALLING");
    text.push_str(&format!(
        "\n[attempt]\nnumber = 1\nof_permission = 1\npermission = \"{}\"\nsince = \"{}\"\ndistro = \"x86_64-linux-debian-12\"\n\
         [[attempt.stages]]\nstage = \"{stage}\"\nat = \"{}\"\n",
        "a".repeat(32),
        moment(seconds + 60),
        moment(seconds)
    ));
    std::fs::write(&path, text).unwrap();
}

/// Adds tables to the cluster file.
pub(crate) fn add_to_cluster(node: &Node, more: &str) {
    let text = std::fs::read_to_string(node.path(CLUSTER)).unwrap();
    std::fs::write(node.path(CLUSTER), text + more).unwrap();
}

/// Puts `to` into the cluster file where `from` was first.
pub(crate) fn edit_cluster(node: &Node, from: &str, to: &str) {
    let text = std::fs::read_to_string(node.path(CLUSTER)).unwrap();
    assert!(text.contains(from), "{from} in {text}");
    std::fs::write(node.path(CLUSTER), text.replacen(from, to, 1)).unwrap();
}
