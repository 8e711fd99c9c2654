// SPDX-License-Identifier: GPL-3.0-or-later
//! What the web server's user could put into its folders: root's programs go on with everything else, wait for nothing, read no
//! more than they need, and show nothing that acts on a terminal.

use crate::PROGRAM;
use crate::support::{Answer, Node};
use std::fs::File;
use std::path::PathBuf;

const CLUSTER: &str = "srv/hps-config/clusters/lab";
const FORBIDDEN: [char; 5] = ['\u{1b}', '\u{7}', '\u{202e}', '\u{9b}', '\u{200b}'];

fn two(node: &Node) {
    for mac in ["52:54:00:00:00:01", "52:54:00:00:00:02"] {
        node.run("host-state", &["add", mac, "--type", "SCH"]).done();
    }
}

fn at(node: &Node, below: &str) -> PathBuf {
    node.path(&format!("{CLUSTER}/{below}"))
}

fn folder(node: &Node, below: &str) {
    std::fs::create_dir(at(node, below)).unwrap();
}

/// Ends it after ten seconds: nothing here may wait, and with 1 GiB of memory at most.
fn run(node: &Node, arguments: &[&str]) -> Answer {
    let program = PathBuf::from(PROGRAM).with_file_name("host-state").display().to_string();
    let limited = ["-c", "ulimit -v 1048576; exec timeout 10 \"$@\"", "sh", &program];
    node.run("bash", &[&limited, arguments].concat())
}

fn ends(answer: &Answer, code: i32, out: &[&str], err: &[&str]) {
    assert_eq!(answer.code, code, "{}{}", answer.out, answer.err);
    for (words, text) in [(out, &answer.out), (err, &answer.err)] {
        for word in words {
            assert!(text.contains(word), "{word:?} in {}{}", answer.out, answer.err);
        }
    }
}

/// A node where sch-001 and sch-002 are armed.
fn two_armed() -> Node {
    let node = Node::unserved(PROGRAM);
    two(&node);
    node.run("host-state", &["arm", "sch-[001-002]", "--type", "SCH"]).done();
    node
}

#[test]
fn a_bad_note_of_a_machine_that_waits_stops_no_other_command() {
    let node = two_armed();
    std::fs::write(
        at(&node, "pending/525400000078.toml"),
        "mac = \"525400000078\"\nfirst = \"2026-01-01T00:00:00Z\"\nlast = \"2026-01-01T00:00:00Z\"\n",
    )
    .unwrap();
    folder(&node, "pending/525400000077.toml");
    folder(&node, "menu-permissions/525400000001.toml");
    ends(&run(&node, &["pending"]), 1, &["52:54:00:00:00:78"], &["pending/525400000077.toml"]);
    for command in ["explain", "render"] {
        ends(&run(&node, &[command, "sch-001"]), 0, &[], &[]);
        ends(
            &run(&node, &[command, "52:54:00:00:00:77"]),
            1,
            &[],
            &["525400000077.toml", "this answer ignores the file"],
        );
    }
}

#[test]
fn a_bad_mark_of_an_installation_is_found_and_counts() {
    let node = two_armed();
    std::fs::write(node.path("srv/hps-config/state/ever-installed/525400000001"), b"\xff").unwrap();
    let list = run(&node, &["list", "--json"]);
    ends(&list, 0, &["\"ever_installed\": true", "\"ever_installed\": false"], &[]);
    ends(&run(&node, &["check"]), 1, &["ever-installed/525400000001", "not UTF-8"], &[]);
}

#[test]
fn a_bad_mark_of_a_used_permission_keeps_no_other_from_its_end() {
    let node = two_armed();
    let id = |number: u8| {
        let text = std::fs::read_to_string(at(&node, &format!("permissions/52540000000{number}.toml"))).unwrap();
        text.lines().find_map(|l| l.strip_prefix("id = \"")).unwrap().trim_end_matches('"').to_owned()
    };
    // Read first: what is used up is taken away.
    let (bad, good) = (id(1), id(2));
    let spent = node.path("srv/hps-config/state/spent");
    std::fs::create_dir(spent.join(&bad)).unwrap();
    ends(&run(&node, &["disarm", "sch-[001-002]"]), 1, &["sch-002: "], &["spent/"]);
    assert!(spent.join(good).is_file());
}

/// While a permission cannot be read, no command reports that there is none.
#[test]
fn a_permission_that_cannot_be_read_is_an_error() {
    let node = two_armed();
    let permissions = at(&node, "permissions");
    let away = node.path("away");
    std::fs::rename(&permissions, &away).unwrap();
    ends(&run(&node, &["disarm", "sch-002"]), 1, &[], &["permissions"]);
    ends(&run(&node, &["set", "sch-002", "state=FAILED"]), 1, &[], &["permissions"]);
    std::fs::rename(&away, &permissions).unwrap();
    folder(&node, "menu-permissions/525400000002.toml");
    ends(&run(&node, &["disarm", "sch-002"]), 1, &[], &["menu-permissions/525400000002.toml"]);
}

#[test]
fn a_folder_in_the_place_of_a_record_is_removed_by_force() {
    let node = two_armed();
    std::fs::remove_file(at(&node, "hosts/525400000001.toml")).unwrap();
    folder(&node, "hosts/525400000001.toml");
    folder(&node, "hosts/525400000001.toml/x");
    ends(&run(&node, &["list"]), 1, &["sch-002"], &["hosts/525400000001.toml"]);
    ends(&run(&node, &["disarm", "sch-[001-002]"]), 1, &[], &["hosts/525400000001.toml"]);
    ends(&run(&node, &["rm", "52:54:00:00:00:01", "--force"]), 0, &[], &[]);
    assert!(!at(&node, "hosts/525400000001.toml").exists());
}

#[test]
fn nothing_waits_for_a_pipe_and_no_link_is_followed() {
    let node = Node::served(PROGRAM);
    two(&node);
    let history = at(&node, "history/525400000001.jsonl");
    let entry = node.path("srv/hps-config/services/dhcp-hosts.lab/525400000001");
    let text = std::fs::read(&history).unwrap();
    let pipe = |path: &PathBuf| {
        let _not_there = std::fs::remove_file(path);
        node.run("mkfifo", &[&path.display().to_string()]).done();
    };
    pipe(&history);
    for command in ["history", "show"] {
        ends(&run(&node, &[command, "sch-001"]), 1, &[], &["history/525400000001.jsonl", "not a plain file"]);
    }
    std::fs::remove_file(&history).unwrap();
    std::fs::write(node.path("elsewhere"), &text).unwrap();
    std::os::unix::fs::symlink(node.path("elsewhere"), &history).unwrap();
    ends(&run(&node, &["history", "sch-001"]), 1, &[], &["history/525400000001.jsonl"]);
    std::fs::remove_file(&history).unwrap();
    pipe(&entry);
    ends(&run(&node, &["check"]), 0, &["the record of sch-001"], &[]);
    ends(&run(&node, &["set", "sch-001", "reason=x"]), 0, &[], &[]);
    pipe(&entry);
    let reload = node.run("timeout", &["20", PROGRAM]);
    assert_eq!(reload.code, 0, "{}{}", reload.out, reload.err);
    assert!(entry.symlink_metadata().unwrap().is_file(), "written anew");
    std::fs::remove_file(&entry).unwrap();
    std::fs::create_dir(&entry).unwrap();
    let reload = node.run(PROGRAM, &[]);
    assert!(reload.err.contains("525400000001: a folder"), "{}{}", reload.out, reload.err);
}

#[test]
fn a_file_of_terabytes_costs_no_memory() {
    let node = Node::served(PROGRAM);
    two(&node);
    // dnsmasq reads whatever is in its folder to the end: it would never come back.
    node.run("reload", &["--stop"]).done();
    let log = node.path("srv/log/hosts/525400000001");
    let huge = |path: PathBuf| File::options().append(true).create(true).open(path).unwrap().set_len(3 << 40).unwrap();
    huge(log.with_extension("install-1.log"));
    huge(log.with_extension("log"));
    huge(log.with_extension("log.1"));
    ends(&run(&node, &["log", "sch-001", "--install", "1", "-n", "0"]), 0, &[], &[]);
    ends(&run(&node, &["log", "sch-001", "-n", "0"]), 0, &[], &[]);
    huge(at(&node, "history/525400000001.jsonl"));
    for command in ["history", "show"] {
        ends(&run(&node, &[command, "sch-001"]), 0, &[], &[]);
    }
    huge(node.path("srv/hps-config/services/dhcp-hosts.lab/525400000001"));
    ends(&run(&node, &["check"]), 0, &["the record of sch-001"], &[]);
    ends(&run(&node, &["set", "sch-001", "reason=x"]), 0, &[], &[]);
}

#[test]
fn what_others_wrote_does_nothing_to_a_terminal() {
    let node = Node::served(PROGRAM);
    two(&node);
    let shown = |arguments: &[&str]| {
        let answer = node.run("host-state", arguments);
        for text in [&answer.out, &answer.err] {
            assert!(!text.contains(FORBIDDEN), "{arguments:?}: {text:?}");
        }
        answer
    };
    for name in ["hosts/\u{1b}]0;x\u{7}.toml", "claims/name/x\u{1b}[2J\nforged: nothing is wrong; go on"] {
        std::fs::write(at(&node, name), "525400000077\n").unwrap();
    }
    let record = at(&node, "hosts/525400000001.toml");
    let good = std::fs::read_to_string(&record).unwrap();
    std::fs::write(&record, format!("\"\\u001b]0;pwn\\u0007\" = 1\n{good}")).unwrap();
    let check = shown(&["check"]);
    assert!(!check.out.lines().any(|line| line.starts_with("forged")), "{}", check.out);
    assert!(check.out.contains("?]0;pwn?"), "{}", check.out);
    for arguments in [&["check", "--json"][..], &["list"], &["show", "sch-001"], &["show", "52:54:00:00:00:01"]] {
        shown(arguments);
    }
    std::fs::write(node.path("list.toml"), "[[host]]\n\"\\u001b]0;pwn\\u0007\\u202e\" = 1\n").unwrap();
    shown(&["import", &node.path("list.toml").display().to_string()]);
    let log = node.path("srv/log/hosts/525400000002.install-1.log");
    std::fs::write(log, "a\tb\u{202e}c\u{1b}[2J\u{200b}\nd\n").unwrap();
    assert_eq!(shown(&["log", "sch-002", "--install", "1"]).out, "a\tb?c?[2J?\nd\n");
}

#[test]
fn none_is_no_serial_of_a_disk() {
    let node = Node::served(PROGRAM);
    two(&node);
    for command in [&["arm", "sch-001", "--type", "SCH"][..], &["reinstall", "sch-001"]] {
        let answer = node.run("host-state", &[command, &["--wipe", "none"]].concat());
        assert!(answer.code == 2 && answer.err.contains("without a serial"), "{}{}", answer.out, answer.err);
    }
}

#[test]
fn logrotate_takes_what_reload_writes() {
    let node = Node::served(PROGRAM);
    let file = node.path("srv/hps-config/services/logrotate.conf").display().to_string();
    let state = node.path("logrotate.state").display().to_string();
    for log in ["web/access.log", "dnsmasq.log"] {
        assert!(node.path(&format!("srv/log/{log}")).is_file(), "{log}");
    }
    let answer = node.run("logrotate", &["-d", "-s", &state, &file]);
    assert_eq!(answer.code, 0, "logrotate is not installed? scripts/setup test: {}", answer.err);
    assert!(!answer.err.contains("error:"), "{}", answer.err);
    for log in ["web/access.log", "web/boot_manager.log", "dnsmasq.log"] {
        assert!(answer.err.contains(log), "{log} in {}", answer.err);
    }
}

#[test]
fn a_folder_among_the_notices_keeps_no_other_back() {
    let node = Node::served(PROGRAM);
    let file = node.path("srv/hps-config/clusters/lab.cluster");
    let text = std::fs::read_to_string(&file).unwrap();
    std::fs::write(&file, text.replace("# notify = \"\"", "notify = \"/bin/true\"")).unwrap();
    two(&node);
    folder(&node, "notices/0");
    node.run("host-state", &["set", "sch-001", "state=FAILED", "reason=x"]).done();
    let waiting = || std::fs::read_dir(at(&node, "notices")).unwrap().flatten().filter(|e| e.path().is_file()).count();
    let notifications = || waiting() - usize::from(at(&node, "notices/.notify.lock").is_file());
    assert_eq!(notifications(), 1);
    ends(&run(&node, &["notify"]), 1, &[], &["notifications that cannot be read: 1", "notices/0"]);
    assert_eq!(notifications(), 0, "it was told");
}
