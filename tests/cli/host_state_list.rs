// SPDX-License-Identifier: GPL-3.0-or-later
//! `host-state list` and `watch`: filters, terminals, and stalled installations.

use crate::PROGRAM;
use crate::setup::{CLUSTER, MAC, MACS, edit_cluster, installing, json, names, three};
use crate::support::Node;

#[test]
fn a_list_has_filters_by_state_and_type() {
    let node = Node::unserved(PROGRAM);
    three(&node);
    node.run("host-state", &["add", MACS[3]]).done();
    node.run("host-state", &["set", "sch-002", "state=INSTALLED"]).done();
    node.run("host-state", &["set", "sch-003", "state=FAILED"]).done();
    let list = |arguments: &[&str]| node.run("host-state", &[&["list"], arguments].concat());
    assert_eq!(names(&list(&["--state", "INSTALLED,FAILED"])), ["sch-003", "sch-002"]);
    assert_eq!(names(&list(&["--type", "SCH"])).len(), 3);
    assert_eq!(names(&list(&["--type", "TCH"])).len(), 0);
    assert_eq!(list(&["--state", "ASLEEP"]).code, 2);
    let unconfigured = json(&list(&["--state", "UNCONFIGURED", "--json"]));
    assert_eq!(unconfigured.as_array().unwrap().len(), 1, "{unconfigured}");
    assert_eq!((&unconfigured[0]["mac"], &unconfigured[0]["stalled"]), (&MACS[3].into(), &serde_json::Value::Null));
}

#[test]
fn a_list_is_in_the_order_that_is_asked_for() {
    let node = Node::unserved(PROGRAM);
    let add = |mac: &str, name: &str, address: &str| {
        node.run("host-state", &["add", mac, "--type", "tch", "--name", name, "--address", address]).done();
    };
    add(MACS[0], "r10", "10.99.0.7");
    add(MACS[1], "r2", "10.99.0.10");
    node.run("host-state", &["add", MACS[2]]).done();
    node.run("host-state", &["set", "r10", "state=failed"]).done();
    let order = |sort: &[&str]| names(&node.run("host-state", &[&["list"], sort].concat()));
    assert_eq!(order(&[]), ["r10", "r2", "-"], "what failed is first");
    assert_eq!(order(&["--sort", "name"]), ["r2", "r10", "-"]);
    assert_eq!(order(&["--sort", "mac"]), ["r10", "r2", "-"]);
    assert_eq!(order(&["--sort", "address"]), ["r10", "r2", "-"]);
    assert_eq!(order(&["--sort", "state"]), ["-", "r2", "r10"]);
    assert_eq!(order(&["--sort", "updated"])[0], "r10");
    assert_eq!(order(&["--type", "sch,TCH", "--state", "Configured"]), ["r2"]);
    assert_eq!(node.run("host-state", &["list", "--sort", "age"]).code, 2);
}

#[test]
fn a_list_fits_a_terminal_and_is_whole_in_a_pipe() {
    let node = Node::unserved(PROGRAM);
    three(&node);
    node.run("host-state", &["set", "sch-003", "state=FAILED", &format!("reason={}", "x".repeat(200))]).done();
    node.run("host-state", &["arm", "sch-001", "--type", "SCH"]).done();
    let line = node.run("host-state", &["list", "sch-001"]).out.lines().nth(1).unwrap().to_owned();
    assert!(line.contains("  armed for 2") && line.len() <= 80, "{line}");
    let program = std::path::Path::new(PROGRAM).with_file_name("host-state");
    let on_terminal = |setting: &str| {
        let script = format!("stty cols 80; {setting} {} list", program.display());
        node.run("script", &["-qec", &script, "/dev/null"]).out.replace('\r', "")
    };
    let seen = on_terminal("TERM=xterm");
    let (red, plain) = ("\u{1b}[31m", "\u{1b}[0m");
    let failed: Vec<&str> = seen.lines().filter(|line| line.contains(red)).collect();
    assert!(
        failed.len() == 1 && failed[0].starts_with(&format!("{red}sch-003")) && failed[0].ends_with(plain),
        "{seen}"
    );
    let longest = seen.replace(red, "").replace(plain, "").lines().map(|l| l.chars().count()).max().unwrap();
    assert_eq!(longest, 80, "{seen}");
    assert_eq!(seen.lines().last(), Some("3 hosts: 2 CONFIGURED, 1 FAILED"));
    for setting in ["TERM=dumb", "TERM=xterm NO_COLOR=1", "TERM="] {
        assert!(!on_terminal(setting).contains('\u{1b}'), "{setting}");
    }
    let pipe = node.run("host-state", &["list"]).out;
    assert!(!pipe.contains('\u{1b}') && !pipe.contains("3 hosts"), "{pipe}");
    assert!(node.run("host-state", &["list"]).out.contains(&"x".repeat(200)));
}

#[test]
fn a_script_gets_the_fields_that_it_names() {
    let node = Node::unserved(PROGRAM);
    three(&node);
    node.run("host-state", &["add", MACS[3]]).done();
    node.run("host-state", &["set", "sch-002", "state=FAILED", "reason=no disk"]).done();
    let list = |format: &str| node.run("host-state", &["list", "--format", format]);
    let lines = list("{name} {state} {address} {reason}").out;
    let lines: Vec<&str> = lines.lines().collect();
    assert_eq!(lines[0], "sch-002 FAILED 10.99.0.3 no disk", "{lines:?}");
    assert_eq!(lines[1], "sch-001 CONFIGURED 10.99.0.2 -", "{lines:?}");
    assert!(lines.len() == 4 && lines[3].starts_with("- UNCONFIGURED - "), "{lines:?}");
    assert_eq!(list("{{{mac}}} {type}").out.lines().last(), Some("{52:54:00:00:00:04} -"));
    let unknown = list("{nam}");
    assert!(unknown.code == 2 && unknown.err.contains("did you mean {name}?"), "{unknown:?}");
    assert!(unknown.err.contains("fields: name, mac, state"), "{unknown:?}");
    assert_eq!(node.run("host-state", &["list", "--format", "{name}", "--json"]).code, 2);
    let file = node.path("failed");
    std::fs::write(&file, node.run("host-state", &["list", "--state", "FAILED", "--format", "{mac}"]).out).unwrap();
    node.run("host-state", &["arm", "--hosts-from", &file.display().to_string()]).done();
}

/// Each command takes a host as a person has it: from DNS, from a switch, or from a screen.
#[test]
fn a_host_is_named_in_any_form_by_each_command() {
    let node = Node::unserved(PROGRAM);
    three(&node);
    for word in [
        "sch-001",
        "SCH-001",
        "sch-001.lab.internal",
        "sch-001.lab.internal.",
        "10.99.0.2",
        "5254.0000.0001",
        "52-54-00-00-00-01",
    ] {
        for command in [
            &["show", word][..],
            &["list", word],
            &["log", word],
            &["history", word],
            &["explain", word],
            &["retire", word, "--dry-run"],
            &["hardware", word],
            &["set", word, "reason=x", "--dry-run"],
        ] {
            let answer = node.run("host-state", command);
            let text = format!("{}{}", answer.out, answer.err);
            assert!(
                answer.code != 2 && !text.contains("is called") && !text.contains("no host of"),
                "{command:?}: {answer:?}"
            );
        }
    }
}

/// A node where sch-001 reported a minute ago and sch-002 three hours ago.
fn one_stalled() -> Node {
    let node = Node::unserved(PROGRAM);
    three(&node);
    installing(&node, MACS[0], "packages", 60);
    let none = node.run("host-state", &["list", "--stalled"]);
    assert_eq!((none.code, none.out.as_str(), none.err.as_str()), (0, "", ""));
    installing(&node, MACS[1], "packages", 3 * 3_600);
    node
}

#[test]
fn stalled_hosts_are_counted_for_cron() {
    let node = one_stalled();
    let one = node.run("host-state", &["list", "--stalled"]);
    assert_eq!((one.code, names(&one)), (1, vec!["sch-002".to_owned()]));
    assert!(one.out.contains("STALLED in packages for 3h, limit 2h"), "{}", one.out);
    assert!(one.err.contains("1 host is stalled") && one.err.contains("state=FAILED"), "{}", one.err);
}

#[test]
fn a_stalled_host_is_shown_as_that_everywhere() {
    let node = one_stalled();
    assert!(node.run("host-state", &["list"]).out.contains("STALLED"));
    assert!(node.run("host-state", &["show", "sch-002"]).out.contains("STALLED in packages"));
    let watched = node.run("host-state", &["watch", "sch-[001-002]", "--timeout", "1s"]).out;
    assert_eq!(watched.matches("STALLED").count(), 1, "{watched}");
}

#[test]
fn how_long_a_stage_may_take_is_in_the_cluster_file() {
    let node = one_stalled();
    let text = std::fs::read_to_string(node.path(CLUSTER)).unwrap();
    assert!(text.contains("[install.stage_limits]"), "{text}");
    edit_cluster(&node, "packages = \"2h\"", "packages = \"4h\"");
    assert_eq!(node.run("host-state", &["list", "--stalled"]).code, 0);
}

#[test]
fn watch_tells_what_happens_and_ends() {
    let node = Node::unserved(PROGRAM);
    node.run("host-state", &["add", MAC, "--type", "SCH"]).done();
    let late = node.run("host-state", &["watch", "sch-001", "--until", "INSTALLED", "--timeout", "1s"]);
    assert_eq!(late.code, 1);
    assert!(late.out.contains("sch-001 is CONFIGURED"), "{}", late.out);
    node.run("host-state", &["set", "sch-001", "state=INSTALLED"]).done();
    let there = node.run("host-state", &["watch", "sch-001", "--until", "INSTALLED", "--timeout", "9s"]);
    assert_eq!((there.code, there.out.contains("sch-001 is INSTALLED")), (0, true));
    let line = node.run("host-state", &["watch", "sch-001", "--until", "INSTALLED", "--json"]).out;
    let step: serde_json::Value = serde_json::from_str(line.trim()).unwrap_or_else(|error| panic!("{error}: {line}"));
    let values = ["host", "mac", "event", "state"].map(|name| step[name].as_str().unwrap().to_owned());
    assert_eq!(values, ["sch-001", MAC, "state", "INSTALLED"]);
}

#[test]
fn a_closed_pipe_is_no_error() {
    let node = Node::unserved(PROGRAM);
    let program = std::path::Path::new(PROGRAM).with_file_name("host-state");
    let script = format!("{} list | true; exit ${{PIPESTATUS[0]}}", program.display());
    let answer = node.run("bash", &["-c", &script]);
    assert_eq!(
        (answer.code, answer.err.as_str().lines().filter(|l| l.contains("panicked")).count()),
        (0, 0),
        "{}",
        answer.err
    );
}
