// SPDX-License-Identifier: GPL-3.0-or-later
//! What `reload` refuses, and what it leaves as it was.

use crate::PROGRAM;
use crate::support::{Node, SERVER};

#[test]
fn a_bad_cluster_file_leaves_everything_as_it_was() {
    let node = Node::served(PROGRAM);
    let file = node.path("srv/hps-config/clusters/lab.cluster");
    let text = std::fs::read_to_string(&file).unwrap();
    std::fs::write(&file, text.replace("http_port = 80", "http_port = 99999")).unwrap();
    let before = node.snapshot("srv/hps-config/services");
    node.run("reload", &[]).fails(1, &["lab.cluster", "line 21"]);
    assert_eq!(node.snapshot("srv/hps-config/services"), before);
    assert!(
        node.run("curl", &["-sS", &format!("http://{SERVER}/cgi-bin/boot_manager?cmd=init")])
            .out
            .contains("lab.cluster: line 21")
    );
}

#[test]
fn a_missing_interface_or_address_is_named() {
    let node = Node::new(PROGRAM);
    node.configure(&["--no-reload"]).done();
    node.run("cluster-configure", &["--interface", "eth9", "--address", "10.99.0.1/24"])
        .fails(4, &["interface eth9", "ip address"]);
    node.run("cluster-configure", &["--interface", "br0", "--address", "10.98.0.1/24"])
        .fails(4, &["ip address add 10.98.0.1/24 dev br0"]);
}

#[test]
fn without_a_cluster_it_says_what_to_do() {
    let node = Node::new(PROGRAM);
    node.run("reload", &[]).fails(4, &["hps.conf", "cluster-configure"]);
    node.configure(&["--no-reload"]).done();
    std::fs::remove_file(node.path("srv/hps-config/clusters/active")).unwrap();
    node.run("reload", &[]).fails(4, &["no cluster is active", "cluster-configure"]);
}

#[test]
fn one_bad_record_stops_nobody_else() {
    let node = Node::served(PROGRAM);
    for mac in ["52:54:00:00:00:01", "52:54:00:00:00:02"] {
        node.run("host-state", &["add", mac, "--type", "SCH"]).done();
    }
    let bad = node.path("srv/hps-config/clusters/lab/hosts/525400000001.toml");
    std::fs::write(&bad, "version = 1\nstate = \"INSTALED\"\n").unwrap();
    let answer = node.run("reload", &[]);
    answer.fails(1, &["525400000001.toml", "line 2", "INSTALED"]);
    let entries = node.snapshot("srv/hps-config/services/dhcp-hosts.lab");
    assert_eq!(entries.len(), 2, "the bad one keeps the reservation it had");
    let list = node.run("host-state", &["list"]);
    assert_eq!(list.code, 1);
    assert!(list.out.contains("sch-002") && list.err.contains("line 2"), "{}{}", list.out, list.err);
}

#[test]
fn a_dry_run_refuses_what_the_real_run_refuses() {
    let node = Node::served(PROGRAM);
    let file = node.path("srv/hps-config/clusters/lab.cluster");
    let text = std::fs::read_to_string(&file).unwrap();
    let rule = "\n[[rule]]\nname = \"r\"\nserial = \"S1\"\ntype = \"TCH\"\n";
    for (changed, code, words) in [
        (text.replace("= \"br0\"", "= \"br1\""), 4, vec!["interface br1"]),
        (text.replace("# notify = \"\"", "notify = \"/nope/x\""), 1, vec!["install.notify: /nope/x"]),
        (
            text.replace("\"UTC\"", "\"Europe/Zurch\""),
            1,
            vec!["lab.cluster: line ", "install.timezone is \"Europe/Zurch\""],
        ),
        (text.replace("debian-12", "debian-14"), 1, vec!["line ", "types.SCH.distro: x86_64-linux-debian-14"]),
        (format!("{text}{rule}"), 1, vec!["line ", "rule r: cluster lab installs no TCH"]),
    ] {
        assert_ne!(changed, text, "{words:?}");
        std::fs::write(&file, changed).unwrap();
        node.run("reload", &["--dry-run"]).fails(code, &words);
        node.run("reload", &[]).fails(code, &words);
        std::fs::write(&file, &text).unwrap();
        node.run("reload", &[]).done();
    }
    // At a request, that rule stops only the machines that it means.
    std::fs::write(&file, format!("{text}{rule}")).unwrap();
    let ask = |more: &str| {
        let url = format!("http://{SERVER}/cgi-bin/boot_manager?cmd=boot_action&mac=525400000001{more}");
        node.run("curl", &["-sS", &url]).out
    };
    assert!(ask("&serial=S1").contains("rule r: cluster lab installs no TCH"), "{}", ask("&serial=S1"));
    let other = ask("&serial=S2");
    assert!(other.starts_with("#!ipxe\n") && !other.contains("rule r"), "{other}");
}
