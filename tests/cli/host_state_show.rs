// SPDX-License-Identifier: GPL-3.0-or-later
//! `host-state show`, `--shell` and `ssh-known-hosts`: what is shown of a record.

use crate::PROGRAM;
use crate::setup::{MACS, edit_record, installing, json, three};
use crate::support::Node;

#[test]
fn shell_lines_are_sourced_whatever_they_hold() {
    let node = Node::unserved(PROGRAM);
    three(&node);
    let hostile = [
        "it's $(touch OWNED) `touch OWNED` \"q\" \\ ; touch OWNED # & | < >",
        "'; touch OWNED; '",
        "$HOME ~ * ? [a] {a,b} !! \\' \\\\",
        "\u{e9}\u{20ac} 'quoted' ''",
    ];
    for value in hostile {
        node.run("host-state", &["set", "sch-001", &format!("reason={value}")]).done();
        let lines = node.run("host-state", &["show", "sch-001", "--shell"]);
        lines.done();
        let file = node.path("lines");
        std::fs::write(&file, &lines.out).unwrap();
        let read = "set -eu; cd \"$2\"; . \"$1\"; printf '%s|%s|%s|%s' \"$HPS_HOST_NAME\" \"$HPS_HOST_STALLED\" \"$HPS_HOST_PERMISSION_EXPIRES\" \"$HPS_HOST_REASON\"";
        let folder = node.folder.path().display().to_string();
        for shell in ["bash", "dash"] {
            let answer = node.run(shell, &["-c", read, shell, &file.display().to_string(), &folder]);
            assert_eq!(answer.out, format!("sch-001|no||{value}"), "{shell}: {}{}", lines.out, answer.err);
        }
        assert!(!node.path("OWNED").exists());
    }
    node.run("host-state", &["show", "sch-[001-002]", "--shell"]).fails(3, &["one host"]);
}

#[test]
fn a_state_that_a_person_wrote_counts_as_installed() {
    let node = Node::unserved(PROGRAM);
    three(&node);
    edit_record(&node, MACS[0], "\"CONFIGURED\"", "\"INSTALLED\"");
    let show = |more: &[&str]| node.run("host-state", &[&["show", "sch-001"], more].concat()).out;
    assert!(show(&[]).contains("ever installed  yes: its state is INSTALLED"), "{}", show(&[]));
    assert!(show(&["--shell"]).contains("EVER_INSTALLED='yes'"), "{}", show(&["--shell"]));
}

#[test]
fn a_reason_is_in_the_history() {
    let node = Node::unserved(PROGRAM);
    three(&node);
    node.run("host-state", &["set", "sch-003", "reason=moved"]).done();
    let history = node.run("host-state", &["history", "sch-003"]).out;
    assert!(history.contains("set by hand: reason - -> \"moved\""), "{history}");
    node.run("host-state", &["arm", "sch-003"]).done();
    let shown = json(&node.run("host-state", &["show", "sch-003", "--json"]));
    let lines = shown["history"].as_array().unwrap();
    assert!(
        lines.len() > 1 && lines[lines.len() - 1]["at"].as_str() >= lines[0]["at"].as_str(),
        "the newest last: {shown}"
    );
    assert_eq!(shown["permission"]["mac"].as_str(), Some(MACS[2]), "{shown}");
}

#[test]
fn a_record_that_cannot_be_read_is_named_once_and_is_no_stalled_host() {
    let node = Node::unserved(PROGRAM);
    three(&node);
    edit_record(&node, MACS[1], "\"CONFIGURED\"", "\"ASLEEP\"");
    let bad = node.run("host-state", &["list", MACS[1]]);
    assert!(bad.code == 1 && bad.err.contains("ASLEEP") && !bad.err.contains("no host"), "{}", bad.err);
    let stalled = node.run("host-state", &["list", "--stalled"]);
    assert!(stalled.code == 0 && stalled.err.contains("ASLEEP"), "{}", stalled.err);
}

#[test]
fn the_ssh_keys_of_installed_hosts_are_told() {
    let node = Node::served(PROGRAM);
    three(&node);
    let told = |arguments: &[&str]| node.run("host-state", &[&["ssh-known-hosts"], arguments].concat());
    assert_eq!((told(&[]).code, told(&[]).out.as_str()), (0, ""));
    told(&["sch-002"]).fails(4, &["sch-002 has reported no ssh host key"]);
    let key = format!("ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAI{}", "k".repeat(43));
    edit_record(&node, MACS[1], "state = ", &format!("ssh_host_key = \"{key}\"\nstate = "));
    let line = |names: &str| format!("sch-002,sch-002.lab.internal,{names} {key}\n");
    let address = json(&node.run("host-state", &["show", "sch-002", "--json"]))["address"].as_str().unwrap().to_owned();
    assert_eq!(told(&[]).out, line(&address));
    assert_eq!(told(&[MACS[1]]).out, line(&address));
    assert_eq!(json(&told(&["--json"]))[0]["key"], key.as_str());
    assert!(node.run("host-state", &["show", "sch-002"]).out.contains(&key));
    // ssh itself finds it, by each name.
    std::fs::write(node.path("known"), told(&[]).out).unwrap();
    let known = node.path("known");
    for name in ["sch-002", "sch-002.lab.internal", address.as_str()] {
        let found = node.run("ssh-keygen", &["-F", name, "-f", known.to_str().unwrap()]);
        assert!(found.code == 0 && found.out.contains(&key), "{name}: {found:?}");
    }
    // While it is installed again, it is told nobody.
    installing(&node, MACS[1], "configured", 5);
    assert_eq!(told(&[]).out, "");
    told(&["sch-002"]).fails(4, &["is INSTALLING: its ssh host key is shown when its installation is complete"]);
    edit_record(&node, MACS[1], "INSTALLING", "INSTALLED");
    edit_record(&node, MACS[0], "state = ", "state = [");
    let answer = told(&[]);
    assert_eq!((answer.code, answer.out.as_str()), (1, line(&address).as_str()), "a bad record stops nobody else");
    assert!(answer.err.contains("525400000001.toml"), "{answer:?}");
}
