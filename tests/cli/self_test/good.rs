// SPDX-License-Identifier: GPL-3.0-or-later
//! A good node, and the ways to ask.

use super::GoodNode;
use crate::setup::json;

#[test]
fn a_good_node_is_silent_and_nothing_stays() {
    let good = GoodNode::new();
    let before = good.node.snapshot("srv/hps-config");
    good.is_good();
    let answer = good.test(&["--all"]);
    assert_eq!((answer.code, answer.err.as_str()), (0, ""), "{answer:?}");
    assert!(answer.out.lines().all(|line| line.starts_with("ok ")), "{answer:?}");
    let list = good.test(&["--list"]);
    let names: Vec<&str> = list.out.lines().map(|line| line.split(' ').next().unwrap()).collect();
    assert!(names.len() >= 19, "{names:?}");
    for name in &names {
        assert!(answer.out.contains(&format!("ok {name}: ")), "{name}: {answer:?}");
    }
    assert_eq!(good.node.snapshot("srv/hps-config"), before, "no lease, no record, nothing");
    assert_eq!(good.node.run("host-state", &["pending"]).out.lines().count(), 0);
    let links = good.node.run("ip", &["-o", "link"]).out;
    assert!(!links.contains("hpsc"), "{links}");
    let all = json(&good.test(&["--json"]));
    let all = all["checks"].as_array().unwrap();
    assert!(
        all.len() >= names.len() && all.iter().all(|row| row["status"] == "ok" && row["text"].is_string()),
        "{all:?}"
    );
}

#[test]
fn parts_of_the_test_and_users_without_its_rights() {
    let good = GoodNode::new();
    let some = good.test(&["--all", "--only", "names,clock"]);
    let names: Vec<&str> = some.out.lines().map(|line| line.split(": ").next().unwrap()).collect();
    assert_eq!((some.code, names.as_slice()), (0, &["ok names", "ok clock"][..]), "{some:?}");
    assert_eq!(good.test(&["--only", "no-such"]).code, 2);
    let answer = good.test_by(&["setpriv", "--reuid", "65534", "--clear-groups"]);
    assert_eq!((answer.code, answer.out.as_str()), (3, ""), "{answer:?}");
    assert!(answer.err.contains("only root") && answer.err.lines().count() == 1, "{answer:?}");
    std::fs::remove_file(good.node.conf()).unwrap();
    let none = good.test(&[]);
    assert_eq!((none.code, none.out.as_str()), (4, ""), "{none:?}");
    assert!(none.err.contains("cluster-configure"), "{none:?}");
}

/// A bridge takes the lowest MTU of its ports, also of those that are there for some seconds.
#[test]
fn the_bridge_keeps_its_mtu() {
    let good = GoodNode::new();
    good.neighbour.run("ip", &["link", "set", "far", "mtu", "9000"]).done();
    good.node.run("ip", &["link", "set", "near", "mtu", "9000"]).done();
    let place = good.node.path("links");
    let mut monitor = good.node.command("ip");
    monitor.args(["-o", "monitor", "link"]).stdout(std::fs::File::create(&place).unwrap());
    let mut monitor = monitor.spawn().unwrap();
    std::thread::sleep(std::time::Duration::from_millis(500));
    good.test(&["--only", "dhcp"]).done();
    monitor.kill().unwrap();
    monitor.wait().unwrap();
    let links = std::fs::read_to_string(&place).unwrap();
    assert!(links.contains("hpsc") && links.contains(" mtu 9000 "), "{links}");
    assert!(!links.contains(" mtu 1500 "), "{links}");
}
