// SPDX-License-Identifier: GPL-3.0-or-later
//! Addresses that another machine uses: not chosen, not accepted, and named.

use crate::PROGRAM;
use crate::neighbour::Neighbour;
use crate::setup::{MAC, MACS, choose, json, rocky_node};
use crate::support::{Node, SERVER};

/// The MAC of the other machine.
fn card(neighbour: &Neighbour) -> String {
    let link = json(&neighbour.run("ip", &["-json", "link", "show", "far"]));
    link[0]["address"].as_str().unwrap().to_owned()
}

fn address(node: &Node, mac: &str) -> String {
    json(&node.run("host-state", &["show", mac, "--json"]))["address"].as_str().unwrap_or_default().to_owned()
}

#[test]
fn an_address_in_use_is_passed_over_and_refused_where_it_is_given() {
    let node = Node::served(PROGRAM);
    let neighbour = Neighbour::new(&node, "10.99.0.2/24");
    let other = card(&neighbour);
    let host_state = |arguments: &[&str]| node.run("host-state", arguments);

    let armed = host_state(&["arm", MAC, "--type", "SCH"]);
    armed.done();
    let line = armed.err.lines().find(|line| line.contains("10.99.0.2 ")).unwrap_or_default();
    assert!(line.contains(&other), "{armed:?}");
    assert_eq!(address(&node, MAC), "10.99.0.3");
    assert!(host_state(&["history", MAC]).out.contains(&format!("10.99.0.2 is in use by {other}")));
    let dry = host_state(&["add", MACS[1], "--type", "SCH", "--dry-run"]);
    assert!(dry.code == 10 && dry.out.contains("10.99.0.4") && dry.err.contains(&other), "{dry:?}");

    let words = ["10.99.0.2", other.as_str()];
    for dry in [&["--dry-run"][..], &[]] {
        host_state(&[&["add", MACS[1], "--address", "10.99.0.2"], dry].concat()).fails(3, &words);
        host_state(&[&["add", MACS[1], "--type", "SCH", "--address", "10.99.0.2"], dry].concat()).fails(3, &words);
        host_state(&[&["set", MAC, "address=10.99.0.2"], dry].concat()).fails(3, &words);
        std::fs::write(node.path("list.csv"), format!("mac,address\n{},10.99.0.2\n", MACS[1])).unwrap();
        let list = node.path("list.csv");
        let list = list.to_str().unwrap();
        let import = host_state(&[&["import", list], dry].concat());
        assert!(import.code == 3 && words.iter().all(|word| import.err.contains(word)), "{import:?}");
    }
    assert_eq!(address(&node, MAC), "10.99.0.3");
    host_state(&["show", MACS[1]]).fails(4, &[MACS[1]]);
    // This node's own further address.
    node.run("ip", &["address", "add", "10.99.0.4/24", "dev", "br0"]).done();
    host_state(&["set", MAC, "address=10.99.0.4"]).fails(3, &["10.99.0.4 is in use by this node"]);

    // It is the host's own card, the first or a further one.
    host_state(&["set", MAC, &format!("macs={MAC},{other}"), "address=10.99.0.2"]).done();
    assert_eq!(address(&node, MAC), "10.99.0.2");
    // No system is published.
    let found = host_state(&["check"]).out;
    assert!(found.lines().all(|line| line.contains("is not published")), "{found}");
    // An entry that an administrator made counts, and stays.
    let permanent = ["10.99.0.8", "lladdr", "52:54:00:00:00:88", "dev", "br0", "nud", "permanent"];
    node.run("ip", &[&["neighbour", "replace"][..], &permanent].concat()).done();
    host_state(&["set", MAC, "address=10.99.0.8"]).fails(3, &["52:54:00:00:00:88"]);
    assert!(node.run("ip", &["neighbour", "show", "10.99.0.8"]).out.contains("PERMANENT"));
    // The answer of a moment ago does not count.
    neighbour.run("ip", &["address", "flush", "dev", "far"]).done();
    host_state(&["set", MAC, "address=10.99.0.9"]).done();
    host_state(&["add", MACS[2], "--address", "10.99.0.2"]).done();
}

/// The boot manager may not send ARP requests itself.
#[test]
fn the_boot_manager_passes_over_an_address_in_use() {
    let node = rocky_node(&["--enrolment", "menu"]);
    let neighbour = Neighbour::new(&node, "10.99.0.2/24");
    let script = choose(&node, MAC, "install_SCH", "");
    assert!(script.contains("kernel"), "{script}");
    assert_eq!(address(&node, MAC), "10.99.0.3");
    assert!(node.run("host-state", &["history", MAC]).out.contains(&card(&neighbour)));
}

#[test]
fn check_names_an_address_that_another_machine_uses_and_one_that_a_machine_declined() {
    let node = Node::served(PROGRAM);
    node.run("host-state", &["add", MAC, "--type", "SCH"]).done();
    assert_eq!(node.run("host-state", &["check"]).out, "");
    let neighbour = Neighbour::new(&node, "10.99.0.2/24");
    node.run("host-state", &["check"]).fails(1, &[]);
    let found = json(&node.run("host-state", &["check", "--json"]));
    let problem = found[0]["problem"].as_str().unwrap();
    assert!(problem.contains("10.99.0.2 of sch-001") && problem.contains(&card(&neighbour)), "{found}");
    let armed = node.run("host-state", &["arm", MAC]);
    assert!(armed.code == 0 && armed.err.contains("10.99.0.2 is in use"), "{armed:?}");
    neighbour.run("ip", &["address", "flush", "dev", "far"]).done();

    let discover = include_str!("dhcp_discover.py");
    node.run("python3", &["-c", discover, MAC, "7", "no", "request"]).done();
    node.run("python3", &["-c", include_str!("dhcp_decline.py"), MAC, "10.99.0.2", SERVER]).done();
    let words = [MAC, "declined address 10.99.0.2"];
    let found = (0..20).map(|_| {
        std::thread::sleep(std::time::Duration::from_millis(100));
        node.run("host-state", &["check"])
    });
    let found = found.into_iter().find(|answer| answer.code != 0).expect("a problem");
    assert!(words.iter().all(|word| found.out.contains(word)), "{found:?}");
}

/// dnsmasq asks by ICMP before it offers an address of the dynamic range.
#[test]
fn an_unknown_machine_is_not_offered_an_address_in_use() {
    let node = Node::served(PROGRAM);
    let offer = || {
        let offer = node.run("python3", &["-c", include_str!("dhcp_discover.py"), MAC, "7", "no"]);
        offer.out.split(' ').next().unwrap().to_owned()
    };
    let first = offer();
    assert!(first.starts_with("10.99.0."), "{first}");
    let _neighbour = Neighbour::new(&node, &format!("{first}/24"));
    // dnsmasq remembers for 30 seconds that the address was free.
    node.run("reload", &["--stop"]).done();
    node.run("reload", &[]).done();
    let second = offer();
    assert!(second.starts_with("10.99.0.") && second != first, "{second}");
}
