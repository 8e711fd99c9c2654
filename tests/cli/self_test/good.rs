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
    println!("{}", answer.out);
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
    assert!(all.len() >= names.len() && all.iter().all(|row| row["status"] == "ok" && row["text"].is_string()), "{all:?}");
}
