// SPDX-License-Identifier: GPL-3.0-or-later
//! Names in DNS, as the real dnsmasq answers them.

use crate::PROGRAM;
use crate::setup::{MAC, MACS, choose, edit_cluster, edit_record, three};
use crate::support::{Node, SERVER};
use std::time::{Duration, Instant};

const DISCOVER: &str = include_str!("dhcp_discover.py");
const LEASES: &str = "srv/hps-config/state/dnsmasq.leases";
const NXDOMAIN: &str = "NXDOMAIN";

/// The answers for names and addresses (PTR), one each.
fn ask(node: &Node, names: &[&str]) -> Vec<String> {
    ask_at(node, SERVER, names)
}

fn ask_at(node: &Node, server: &str, names: &[&str]) -> Vec<String> {
    let script = include_str!("dns_query.py");
    let answer = node.run("python3", &[&["-c", script, server], names].concat());
    assert_eq!(answer.code, 0, "{}", answer.err);
    answer.out.lines().map(str::to_owned).collect()
}

/// dnsmasq hears of a changed file and of a signal in its own time.
fn becomes(node: &Node, expected: &[(&str, &str)]) {
    becomes_at(node, SERVER, expected);
}

fn becomes_at(node: &Node, server: &str, expected: &[(&str, &str)]) {
    let names: Vec<&str> = expected.iter().map(|(name, _)| *name).collect();
    let answers: Vec<&str> = expected.iter().map(|(_, answer)| *answer).collect();
    let begun = Instant::now();
    loop {
        let now = ask_at(node, server, &names);
        if now == answers {
            return;
        }
        assert!(begun.elapsed() < Duration::from_secs(15), "{names:?}: {now:?}, expected {answers:?}");
        std::thread::sleep(Duration::from_millis(50));
    }
}

/// A lease by DISCOVER and REQUEST. Returns the address; `more` are the names that the client says of itself.
fn lease(node: &Node, mac: &str, more: &[&str]) -> String {
    let answer = node.run("python3", &[&["-c", DISCOVER, mac, "0", "no", "request"], more].concat());
    assert_eq!(answer.code, 0, "{}", answer.err);
    answer.out.split(' ').next().unwrap().to_owned()
}

fn pid(node: &Node) -> String {
    std::fs::read_to_string(node.path("run/hps/dnsmasq.pid")).unwrap()
}

/// Ends dnsmasq, changes its leases, and starts it again.
fn with_leases(node: &Node, change: impl FnOnce(String) -> String) {
    node.run("reload", &["--stop"]).done();
    let leases = std::fs::read_to_string(node.path(LEASES)).unwrap_or_default();
    std::fs::write(node.path(LEASES), change(leases)).unwrap();
    node.run("reload", &[]).done();
}

#[test]
fn a_host_has_its_name_before_during_and_after_a_lease() {
    let node = Node::served(PROGRAM);
    let named =
        [("sch-001.lab.internal", "10.99.0.2"), ("sch-001", "10.99.0.2"), ("10.99.0.2", "sch-001.lab.internal")];
    node.run("host-state", &["add", MAC, "--type", "SCH"]).done();
    becomes(&node, &named);
    assert_eq!(lease(&node, MAC, &[]), "10.99.0.2");
    becomes(&node, &named);
    // A static host never renews.
    with_leases(&node, |leases| {
        assert!(leases.contains(MAC), "{leases}");
        format!("1000000000 {MAC} 10.99.0.2 sch-001 *\n")
    });
    becomes(&node, &named);
    with_leases(&node, |_| String::new());
    becomes(&node, &named);
}

#[test]
fn names_follow_the_registry_while_dnsmasq_runs_on() {
    let node = Node::served(PROGRAM);
    let before = pid(&node);
    node.run("host-state", &["add", MAC, "--type", "SCH"]).done();
    lease(&node, MAC, &[]);
    node.run("host-state", &["set", "sch-001", "name=backup"]).done();
    becomes(
        &node,
        &[
            ("sch-001.lab.internal", NXDOMAIN),
            ("sch-001", NXDOMAIN),
            ("backup.lab.internal", "10.99.0.2"),
            ("10.99.0.2", "backup.lab.internal"),
        ],
    );
    node.run("host-state", &["set", "backup", "address=10.99.0.7"]).done();
    becomes(
        &node,
        &[("backup.lab.internal", "10.99.0.7"), ("backup", "10.99.0.7"), ("10.99.0.7", "backup.lab.internal")],
    );
    assert_eq!(lease(&node, MAC, &[]), "10.99.0.7");
    node.run("host-state", &["rm", "backup", "--force"]).done();
    becomes(
        &node,
        &[("backup.lab.internal", NXDOMAIN), ("backup", NXDOMAIN), ("10.99.0.7", NXDOMAIN), ("10.99.0.2", NXDOMAIN)],
    );
    assert_eq!(pid(&node), before, "dnsmasq was not started again");
}

#[test]
fn a_boot_manager_names_a_host_without_a_signal() {
    let node = Node::served(PROGRAM);
    std::fs::write(node.path(LEASES), format!("1995341600 {MAC} {SERVER} * *\n")).unwrap();
    let before = pid(&node);
    choose(&node, MAC, "install_SCH_STORAGESINGLE", "");
    let name = node.run("host-state", &["list", "--json"]).out;
    assert!(name.contains("sch-001"), "{name}");
    becomes(&node, &[("sch-001.lab.internal", "10.99.0.2"), ("10.99.0.2", "sch-001.lab.internal")]);
    assert_eq!(pid(&node), before);
}

#[test]
fn no_client_becomes_a_name_by_saying_it() {
    let node = Node::served(PROGRAM);
    edit_cluster(&node, "ntp = []", "ntp = [\"10.99.0.9\"]");
    node.run("reload", &[]).done();
    node.run("host-state", &["add", MAC, "--type", "SCH"]).done();
    for (number, name) in ["sch-001", "ips", "wpad", "localhost", "isatap", "ntp", "rogue"].iter().enumerate() {
        let mac = format!("52:54:00:00:01:{number:02}");
        let said = lease(&node, &mac, &[name, ""]);
        let again = lease(&node, &mac, &["", &format!("{name}.lab.internal")]);
        let by_fqdn = lease(&node, &format!("52:54:00:00:02:{number:02}"), &["", &format!("{name}.lab.internal")]);
        for address in [said, again, by_fqdn] {
            assert_eq!(ask(&node, &[&address]), [NXDOMAIN], "{name}");
        }
    }
    // A known host is not called by its own word either.
    assert_eq!(lease(&node, MAC, &["rogue", "rogue.lab.internal"]), "10.99.0.2");
    becomes(
        &node,
        &[
            ("sch-001.lab.internal", "10.99.0.2"),
            ("sch-001", "10.99.0.2"),
            ("10.99.0.2", "sch-001.lab.internal"),
            ("ips.lab.internal", SERVER),
            ("ips", SERVER),
            (SERVER, "ips.lab.internal"),
            ("ntp.lab.internal", "10.99.0.9"),
            ("ntp", "10.99.0.9"),
        ],
    );
    for name in ["wpad", "localhost", "isatap", "rogue", "syslog"] {
        assert_eq!(ask(&node, &[name, &format!("{name}.lab.internal")]), [NXDOMAIN, NXDOMAIN], "{name}");
    }
}

/// An older version gave leases the names that clients said.
#[test]
fn a_name_in_an_old_lease_is_no_name() {
    let node = Node::served(PROGRAM);
    node.run("host-state", &["add", MAC, "--type", "SCH"]).done();
    with_leases(&node, |_| {
        "1995341600 52:54:00:00:00:77 10.99.0.200 wpad *\n1995341600 52:54:00:00:00:78 10.99.0.201 sch-001 *\n".into()
    });
    becomes(&node, &[("wpad", NXDOMAIN), ("wpad.lab.internal", NXDOMAIN), ("sch-001.lab.internal", "10.99.0.2")]);
}

#[test]
fn services_have_names_where_the_cluster_has_them() {
    let node = Node::served(PROGRAM);
    for name in ["ntp", "syslog", "ntp.lab.internal"] {
        assert_eq!(ask(&node, &[name]), [NXDOMAIN], "{name}");
    }
    edit_cluster(&node, "ntp = []", "ntp = [\"10.99.0.8\", \"10.99.0.9\"]\nsyslog = \"tcp:10.99.0.1:6514\"");
    node.run("reload", &[]).done();
    let own = std::fs::read_to_string("/proc/sys/kernel/hostname").unwrap();
    let own = own.trim().split('.').next().unwrap().to_ascii_lowercase();
    becomes(
        &node,
        &[
            ("ntp.lab.internal", "10.99.0.8,10.99.0.9"),
            ("syslog.lab.internal", SERVER),
            ("syslog", SERVER),
            (&format!("{own}.lab.internal"), SERVER),
            // The name of an address is that of the machine.
            ("10.99.0.9", NXDOMAIN),
            (SERVER, "ips.lab.internal"),
        ],
    );
}

#[test]
fn a_reserved_name_is_refused_with_its_reason() {
    let node = Node::unserved(PROGRAM);
    three(&node);
    let own = std::fs::read_to_string("/proc/sys/kernel/hostname").unwrap();
    let own = own.trim().split('.').next().unwrap().to_ascii_lowercase();
    for name in ["wpad", "isatap", "ntp", "syslog", own.as_str()] {
        node.run("host-state", &["add", MACS[3], "--name", name]).fails(3, &[name, "reserved"]);
        node.run("host-state", &["add", MACS[3], "--type", "SCH", "--name", name]).fails(3, &[name, "reserved"]);
        node.run("host-state", &["set", "sch-001", &format!("name={name}")]).fails(3, &[name, "reserved"]);
        std::fs::write(node.path("list.csv"), format!("mac,name\n{},{name}\n", MACS[3])).unwrap();
        let list = node.path("list.csv").display().to_string();
        let answer = node.run("host-state", &["import", &list, "--dry-run"]);
        assert!(answer.code == 3 && answer.err.contains("reserved"), "{answer:?}");
    }
    for name in ["ips", "localhost"] {
        let answer = node.run("host-state", &["set", "sch-001", &format!("name={name}")]);
        assert!(answer.code == 2 && answer.err.contains("reserved"), "{answer:?}");
    }
    // An old record is read, and stays what it is.
    edit_record(&node, MAC, "sch-001", "wpad");
    let answer = node.run("host-state", &["check"]);
    assert!(answer.code == 1 && answer.out.contains("reserved"), "{answer:?}");
    node.run("host-state", &["show", MAC]).done();
    node.run("host-state", &["set", MAC, "reason=old"]).done();
}

#[test]
fn a_thousand_hosts_have_their_names_in_seconds() {
    let node = Node::new(PROGRAM);
    node.run("ip", &["address", "add", "10.98.0.1/16", "dev", "br0"]).done();
    let base = node.folder.path().display().to_string();
    let key = node.path("key.pub").display().to_string();
    let mut arguments = vec!["--base", &base, "--name", "lab", "--interface", "br0", "--address", "10.98.0.1/16"];
    arguments.extend(["--ssh-key-file", &key, "--services", "plain", "--type", "SCH=x86_64-linux-debian-12"]);
    node.run("cluster-configure", &arguments).done();
    let before = pid(&node);
    let becomes = |expected: &[(&str, &str)]| becomes_at(&node, "10.98.0.1", expected);
    let mut list = String::from("mac,name,address\n");
    for number in 0..1_000 {
        let (high, low) = (number / 200, number % 200);
        list += &format!("52:54:00:01:{high:02x}:{low:02x},n{number:04},10.98.{}.{}\n", high + 1, low + 1);
    }
    std::fs::write(node.path("list.csv"), list).unwrap();
    node.run("host-state", &["import", &node.path("list.csv").display().to_string()]).done();
    becomes(&[
        ("n0000.lab.internal", "10.98.1.1"),
        ("n0999.lab.internal", "10.98.5.200"),
        ("10.98.5.200", "n0999.lab.internal"),
        ("n0500", "10.98.3.101"),
    ]);
    let begun = Instant::now();
    node.run("host-state", &["set", "n0500", "name=middle"]).done();
    becomes(&[("n0500", NXDOMAIN), ("middle", "10.98.3.101"), ("10.98.3.101", "middle.lab.internal")]);
    assert!(begun.elapsed() < Duration::from_secs(15), "{:?}", begun.elapsed());
    assert_eq!(pid(&node), before);
}

#[test]
fn a_reload_completes_names_and_removes_old_ones() {
    let node = Node::served(PROGRAM);
    three(&node);
    let folder = node.path("srv/hps-config/services/dns-hosts.lab");
    std::fs::remove_file(folder.join("525400000001")).unwrap();
    std::fs::write(folder.join("525400000099"), "10.99.0.99 old.lab.internal old\n").unwrap();
    becomes(&node, &[("sch-001", NXDOMAIN), ("old", "10.99.0.99")]);
    let found = node.run("host-state", &["check"]).out;
    assert!(found.contains("dns-hosts.lab/525400000001") && found.contains("dns-hosts.lab/525400000099"), "{found}");
    assert_eq!(node.run("reload", &["--dry-run"]).code, 10);
    node.run("reload", &[]).done();
    becomes(&node, &[("sch-001", "10.99.0.2"), ("old", NXDOMAIN), ("10.99.0.99", NXDOMAIN)]);
    edit_cluster(&node, "domain = \"lab.internal\"", "domain = \"new.internal\"");
    node.run("reload", &[]).done();
    becomes(&node, &[("sch-001.new.internal", "10.99.0.2"), ("10.99.0.2", "sch-001.new.internal")]);
}
