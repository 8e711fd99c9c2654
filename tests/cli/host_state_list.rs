// SPDX-License-Identifier: GPL-3.0-or-later
//! `host-state list` and `watch`: filters, terminals, and stalled installations.

use crate::PROGRAM;
use crate::setup::{MAC, MACS, installing, names, three};
use crate::support::Node;

#[test]
fn list_has_filters_and_fits_a_terminal() {
    let node = Node::served(PROGRAM);
    three(&node);
    node.run("host-state", &["add", MACS[3]]).done();
    node.run("host-state", &["set", "sch-002", "state=INSTALLED"]).done();
    node.run("host-state", &["set", "sch-003", "state=FAILED", &format!("reason={}", "x".repeat(200))]).done();
    let list = |arguments: &[&str]| node.run("host-state", &[&["list"], arguments].concat());
    assert_eq!(names(&list(&["--state", "INSTALLED,FAILED"])), ["sch-002", "sch-003"]);
    assert_eq!(names(&list(&["--type", "SCH"])).len(), 3);
    assert_eq!(names(&list(&["--type", "TCH"])).len(), 0);
    assert_eq!(list(&["--state", "ASLEEP"]).code, 2);
    let json = list(&["--state", "UNCONFIGURED", "--json"]).out;
    assert!(json.contains("\"mac\": \"52:54:00:00:00:04\"") && json.contains("\"stalled\": null"), "{json}");
    node.run("host-state", &["arm", "sch-001", "--type", "SCH"]).done();
    let line = list(&["sch-001"]).out.lines().nth(1).unwrap().to_owned();
    assert!(line.contains("  armed for 2") && line.len() <= 80, "{line}");
    // On a terminal of 80 columns no line is longer; in a pipe nothing is cut.
    let program = std::path::Path::new(PROGRAM).with_file_name("host-state");
    let script = format!("stty cols 80; {} list", program.display());
    let seen = node.run("script", &["-qec", &script, "/dev/null"]);
    let longest = seen.out.lines().map(|l| l.trim_end().chars().count()).max().unwrap();
    assert_eq!(longest, 80, "{}", seen.out);
    assert!(list(&[]).out.contains(&"x".repeat(200)));
}

#[test]
fn stalled_hosts_are_shown_and_counted_for_cron() {
    let node = Node::served(PROGRAM);
    three(&node);
    let stalled = || node.run("host-state", &["list", "--stalled"]);
    installing(&node, MACS[0], "packages", 60);
    let none = stalled();
    assert_eq!((none.code, none.out.as_str(), none.err.as_str()), (0, "", ""));
    installing(&node, MACS[1], "packages", 3 * 3_600);
    let one = stalled();
    assert_eq!(one.code, 1);
    assert_eq!(names(&one), ["sch-002"]);
    assert!(one.out.contains("STALLED in packages for 3h, limit 2h"), "{}", one.out);
    assert!(one.err.contains("1 host is stalled") && one.err.contains("state=FAILED"), "{}", one.err);
    assert!(node.run("host-state", &["list"]).out.contains("STALLED"));
    assert!(node.run("host-state", &["show", "sch-002"]).out.contains("STALLED in packages"));
    let watched = node.run("host-state", &["watch", "sch-[001-002]", "--timeout", "1s"]).out;
    assert_eq!(watched.matches("STALLED").count(), 1, "{watched}");
    // The limit is the cluster's.
    let file = node.path("srv/hps-config/clusters/lab.cluster");
    let text = std::fs::read_to_string(&file).unwrap();
    assert!(text.contains("[install.stage_limits]") && text.contains("packages = \"2h\""), "{text}");
    std::fs::write(&file, text.replace("packages = \"2h\"", "packages = \"4h\"")).unwrap();
    assert_eq!(stalled().code, 0);
}

#[test]
fn watch_tells_what_happens_and_ends() {
    let node = Node::served(PROGRAM);
    node.run("host-state", &["add", MAC, "--type", "SCH"]).done();
    let late = node.run("host-state", &["watch", "sch-001", "--until", "INSTALLED", "--timeout", "1s"]);
    assert_eq!(late.code, 1);
    assert!(late.out.contains("sch-001 is CONFIGURED"), "{}", late.out);
    node.run("host-state", &["set", "sch-001", "state=INSTALLED"]).done();
    let there = node.run("host-state", &["watch", "sch-001", "--until", "INSTALLED", "--timeout", "9s"]);
    assert_eq!((there.code, there.out.contains("sch-001 is INSTALLED")), (0, true));
}

#[test]
fn a_closed_pipe_is_no_error() {
    let node = Node::served(PROGRAM);
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
