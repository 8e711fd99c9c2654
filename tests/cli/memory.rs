// SPDX-License-Identifier: GPL-3.0-or-later
//! What the registry remembers, and what a copy of it, a killed program or a second report may not change.

use crate::PROGRAM;
use crate::setup::MAC;
use crate::support::{Node, SERVER};

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
    let line = format!("0 {MAC} {SERVER} * {MAC}\n");
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

/// The permission would name no mark, and so be older than each of them.
#[test]
fn nobody_is_armed_whose_mark_cannot_be_read() {
    let node = node();
    let mark = node.path(&format!("srv/hps-config/state/ever-installed/{PLAIN}"));
    std::fs::create_dir(&mark).unwrap();
    let armed = node.run("host-state", &["arm", MAC, "--type", "SCH", "--wipe", "D1"]);
    assert!(armed.code != 0 && armed.out.is_empty(), "{} {}", armed.code, armed.out);
    assert!(armed.err.contains(&format!("ever-installed/{PLAIN}: ")), "{}", armed.err);
    assert!(!node.path(&format!("{CLUSTERS}/lab/permissions/{PLAIN}.toml")).exists());
    std::fs::remove_dir(&mark).unwrap();
    node.run("host-state", &["arm", MAC, "--type", "SCH", "--wipe", "D1"]).done();
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
    let explain = host_state(&["explain", "sch-001"]).out;
    assert!(explain.contains("it ended (installed)"), "{explain}");
    // Without that mark the installation's own mark is enough.
    for mark in std::fs::read_dir(node.path("srv/hps-config/state/spent")).unwrap() {
        std::fs::remove_file(mark.unwrap().path()).unwrap();
    }
    assert!(ask(&node, "GET", "cmd=boot_action").contains("sanboot"));
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

/// As after a `set` that was killed between the record and what follows from it.
#[test]
fn the_same_command_again_completes_one_that_was_killed() {
    let node = node();
    let host_state = |arguments: &[&str]| node.run("host-state", arguments);
    host_state(&["add", MAC, "--type", "SCH"]).done();
    let reservation = node.path(&format!("srv/hps-config/services/dhcp-hosts.lab/{PLAIN}"));
    let old = std::fs::read_to_string(&reservation).unwrap();
    let set = ["set", "sch-001", "name=backup", "address=10.99.0.77"];
    let set_again = ["set", "backup", "name=backup", "address=10.99.0.77"];
    host_state(&set).done();
    let new = std::fs::read_to_string(&reservation).unwrap();
    assert!(new != old && new.contains("10.99.0.77"), "{new}");
    assert_eq!(host_state(&set_again).out, "", "nothing to do");
    for left in [Some(&old), None] {
        match left {
            Some(text) => std::fs::write(&reservation, text).unwrap(),
            None => std::fs::remove_file(&reservation).unwrap(),
        }
        let check = host_state(&["check", "--json"]).out;
        assert!(check.contains("dhcp-hosts.lab"), "{check}");
        let dry = host_state(&[&set_again[..], &["--dry-run"]].concat());
        assert!(dry.code == 10 && dry.out.contains("reservation"), "{dry:?}");
        host_state(&set_again).done();
        assert_eq!(std::fs::read_to_string(&reservation).unwrap(), new);
    }
    // `add` and `import` of the same host, too.
    std::fs::remove_file(&reservation).unwrap();
    host_state(&["add", MAC, "--type", "SCH", "--name", "backup", "--address", "10.99.0.77"]).done();
    assert_eq!(std::fs::read_to_string(&reservation).unwrap(), new);
    host_state(&["add", MAC, "--type", "SCH", "--name", "backup", "--address", "10.99.0.77"])
        .fails(3, &["is already a host"]);
    let list = node.path("list.csv");
    std::fs::write(&list, format!("mac,name,address\n{MAC},backup,10.99.0.77\n")).unwrap();
    let import = ["import", "--new-machines", list.to_str().unwrap()];
    std::fs::write(&reservation, &old).unwrap();
    host_state(&import).done();
    assert_eq!(std::fs::read_to_string(&reservation).unwrap(), new);
}

/// `event installed` was killed behind the record, and never comes again.
#[test]
fn an_end_that_only_the_record_knows_is_found_and_told_once() {
    let node = node();
    let host_state = |arguments: &[&str]| node.run("host-state", arguments);
    host_state(&["arm", MAC, "--type", "SCH"]).done();
    let (_, token) = begin(&node);
    let history = node.path(&format!("{CLUSTERS}/lab/history/{PLAIN}.jsonl"));
    let before = std::fs::read_to_string(&history).unwrap();
    assert!(report(&node, &token, "installed").starts_with("200 "));
    std::fs::write(&history, before).unwrap();
    let installed = || host_state(&["history", "sch-001"]).out.matches("INSTALLING -> INSTALLED").count();
    assert_eq!(installed(), 0);
    // Twice: what `list` takes away by itself must not hide it.
    for _ in 0..2 {
        let list = host_state(&["list"]);
        assert!(list.err.contains("sch-001 is INSTALLED: its history does not show its state"), "{list:?}");
    }
    let check = host_state(&["check", "--json"]).out;
    assert!(check.contains("reload completes it"), "{check}");
    node.run("reload", &[]).done();
    assert_eq!(installed(), 1, "{}", host_state(&["history", "sch-001"]).out);
    assert!(report(&node, &token, "installed").starts_with("200 "));
    node.run("reload", &[]).done();
    assert_eq!(installed(), 1);
    assert!(!host_state(&["list"]).err.contains("history"));
}
