// SPDX-License-Identifier: GPL-3.0-or-later
//! `host-state notify`, with real processes and a real site command.

use crate::PROGRAM;
use crate::support::Node;
use std::collections::BTreeSet;
use std::os::unix::process::ExitStatusExt as _;
use std::path::PathBuf;
use std::process::Stdio;
use std::time::{Duration, Instant};

/// What the command was told goes into a file that everybody may write.
const TELL: &str = r#"echo "$HPS_HOST $HPS_MAC $HPS_FROM $HPS_STATE '$HPS_REASON' $HPS_CLUSTER $(id -un) ${HPS_CONFIG:-none}" >> "${0%/*}/told/lines""#;

/// A node whose cluster names a command that does this.
fn site(script: &str) -> Node {
    let node = Node::new(PROGRAM);
    node.configure(&["--no-reload"]).done();
    node.run("reload", &[]).done();
    name_command(&node, script);
    node
}

fn name_command(node: &Node, script: &str) {
    let command = node.path("tell").display().to_string();
    // By another process: what this one, with its many threads, has open for writing could not be run.
    let write = "printf '#!/bin/sh\n%s\n' \"$1\" > \"$2\"; chmod 755 \"$2\"; mkdir -p \"${2%/*}/told\"; chmod 777 \"${2%/*}/told\"";
    node.run("sh", &["-c", write, "sh", script, &command]).done();
    let file = node.path("srv/hps-config/clusters/lab.cluster");
    let text = std::fs::read_to_string(&file).unwrap();
    assert!(text.contains("# notify = \"\""), "{text}");
    std::fs::write(&file, text.replace("# notify = \"\"", &format!("notify = \"{command}\""))).unwrap();
}

fn add(node: &Node, count: u8) {
    for number in 1..=count {
        node.run("host-state", &["add", &format!("52:54:00:00:00:{number:02x}"), "--name", &format!("h{number}")])
            .done();
    }
}

fn lines(node: &Node) -> Vec<String> {
    let text = std::fs::read_to_string(node.path("told/lines")).unwrap_or_default();
    text.lines().map(str::to_owned).collect()
}

fn notifications(node: &Node) -> Vec<PathBuf> {
    let folder = node.path("srv/hps-config/clusters/lab/notices");
    let names = std::fs::read_dir(folder).unwrap().map(|e| e.unwrap().path());
    let mut names: Vec<PathBuf> =
        names.filter(|p| !p.file_name().unwrap().to_string_lossy().starts_with('.')).collect();
    names.sort();
    names
}

fn soon(what: &str, holds: impl Fn() -> bool) {
    let begun = Instant::now();
    while !holds() {
        assert!(begun.elapsed() < Duration::from_secs(20), "{what}");
        std::thread::sleep(Duration::from_millis(50));
    }
}

#[test]
fn reload_keeps_it_running_where_the_cluster_names_a_command() {
    let node = Node::served(PROGRAM);
    add(&node, 2);
    node.run("host-state", &["set", "h1", "state=FAILED"]).done();
    node.run("host-state", &["notify"]).fails(0, &["has no command for notifications", "lab", "install.notify"]);
    assert!(notifications(&node).is_empty(), "nobody wants to know");
    name_command(&node, TELL);
    let dry = node.run("reload", &["--dry-run"]);
    assert!(dry.code == 10 && dry.out.contains("hps-notify would be started"), "{}{}", dry.out, dry.err);
    node.run("reload", &[]).done();
    let pid = std::fs::read_to_string(node.path("run/hps/notify.pid")).unwrap();
    let pid = pid.trim();
    let status = std::fs::read_to_string(format!("/proc/{pid}/status")).unwrap();
    let uid = status.lines().find(|l| l.starts_with("Uid:")).unwrap();
    assert!(!uid.split_whitespace().any(|id| id == "0"), "{uid}");
    node.run("reload", &["--dry-run"]).done();
    node.run("host-state", &["notify"]).fails(5, &["runs already", &format!("process {pid} ")]);

    node.run("host-state", &["set", "h1", "state=INSTALLED"]).done();
    node.run("host-state", &["set", "h2", "state=FAILED", "reason=no disk $(id)"]).done();
    soon("both are told", || lines(&node).len() == 2);
    let told = lines(&node);
    let begin = "h1 52:54:00:00:00:01 FAILED INSTALLED '";
    assert!(told[0].starts_with(begin) && told[0].ends_with("' lab hps none"), "{told:?}");
    assert_eq!(told[1], "h2 52:54:00:00:00:02 UNCONFIGURED FAILED 'no disk $(id)' lab hps none");
    soon("no notification is left", || notifications(&node).is_empty());

    let file = node.path("srv/hps-config/clusters/lab.cluster");
    let text = std::fs::read_to_string(&file).unwrap();
    std::fs::write(&file, text.replace("\nnotify = ", "\n# notify = ")).unwrap();
    let dry = node.run("reload", &["--dry-run"]);
    assert!(dry.code == 10 && dry.out.contains("hps-notify would be ended"), "{}", dry.out);
    let answer = node.run("reload", &["--json"]);
    assert!(answer.out.contains("\"stopped\": [\n    \"hps-notify\"\n  ]"), "{}{}", answer.out, answer.err);
    assert!(std::fs::read(format!("/proc/{pid}/cmdline")).unwrap_or_default().is_empty());
    assert!(!node.path("srv/hps-config/services/hps-notify").exists());
    node.run("reload", &["--dry-run"]).done();
}

/// The boot manager runs as the web server's user, and starts no program.
#[test]
fn a_request_leaves_a_notice() {
    let node = site(TELL);
    node.run("reload", &[]).done();
    node.run("host-state", &["add", "52:54:00:00:00:01", "--type", "SCH"]).done();
    let record = node.path("srv/hps-config/clusters/lab/hosts/525400000001.toml");
    let text = std::fs::read_to_string(&record).unwrap();
    let begin = text.find("state = \"").unwrap();
    let line = text[begin..].lines().next().unwrap();
    std::fs::write(&record, text.replace(line, "state = \"INSTALLING\"")).unwrap();
    node.run("ip", &["address", "add", "10.99.0.2/24", "dev", "br0"]).done();
    let url = "http://10.99.0.1/cgi-bin/boot_manager?cmd=process_menu_item&mac=525400000001&menu_item=gave_up";
    let answer = node.run("curl", &["-sS", "--interface", "10.99.0.2", url]);
    soon("it is told", || lines(&node).len() == 1);
    let told = lines(&node).remove(0);
    assert!(
        told.starts_with("sch-001 52:54:00:00:00:01 INSTALLING FAILED 'the installation"),
        "{told}\n{}",
        answer.out
    );
    soon("no notification is left", || notifications(&node).is_empty());
}

#[test]
fn killed_in_the_middle_it_loses_no_notice_and_tells_none_that_is_gone() {
    let node =
        site(&format!("cd ${{0%/*}}/told; echo $$ > pid; {TELL}; sleep 0.1; echo \"$HPS_HOST done\" >> lines; rm pid"));
    let count = 12;
    add(&node, count);
    for number in 1..=count {
        node.run("host-state", &["set", &format!("h{number}"), "state=FAILED"]).done();
    }
    assert_eq!(notifications(&node).len(), usize::from(count));
    let mut killed = 0;
    let mut after = 40;
    loop {
        let waiting: BTreeSet<String> = notifications(&node)
            .iter()
            .map(|path| std::fs::read_to_string(path).unwrap())
            .map(|text| text.lines().find_map(|l| l.strip_prefix("host = ")).unwrap().trim_matches('"').to_owned())
            .collect();
        let before = lines(&node).len();
        let mut child =
            node.command("host-state").arg("notify").stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
        std::thread::sleep(Duration::from_millis(after));
        after = 41 + (after * 7) % 430;
        child.kill().unwrap();
        let status = child.wait().unwrap();
        // What it had called goes with it one time, and the other time ends by itself.
        if let (Ok(pid), true) = (std::fs::read_to_string(node.path("told/pid")), after % 2 == 0) {
            node.run("kill", &["-KILL", "--", &format!("-{}", pid.trim())]);
        }
        std::thread::sleep(Duration::from_millis(300));
        let _ended = std::fs::remove_file(node.path("told/pid"));
        for line in &lines(&node)[before..] {
            let host = line.split(' ').next().unwrap();
            assert!(waiting.contains(host), "{host} is told, and its notice was gone");
        }
        killed += u32::from(status.signal() == Some(9));
        if waiting.is_empty() {
            break;
        }
        assert!(killed < 200);
    }
    assert!(killed > 2, "{killed}");
    let told = lines(&node);
    let done: BTreeSet<&str> = told.iter().filter_map(|l| l.strip_suffix(" done")).collect();
    assert_eq!(done.len(), usize::from(count), "{told:?}");
    assert!(told.iter().all(|l| l.ends_with(" done") || l.ends_with(" lab hps none")), "called as root: {told:?}");
    node.run("host-state", &["notify"]).done();
    assert_eq!(lines(&node).len(), told.len(), "nothing is told again");
}

#[test]
fn it_ends_at_once_and_the_notice_stays() {
    let node = site(&format!("{TELL}; sleep 300"));
    add(&node, 1);
    node.run("host-state", &["set", "h1", "state=INSTALLED"]).done();
    let mut child = node.command("host-state").args(["notify", "--follow"]).spawn().unwrap();
    soon("the command runs", || lines(&node).len() == 1);
    let begun = Instant::now();
    node.run("kill", &["-TERM", &child.id().to_string()]).done();
    assert!(child.wait().unwrap().success());
    assert!(begun.elapsed() < Duration::from_secs(4), "{:?}", begun.elapsed());
    assert_eq!(notifications(&node).len(), 1);
    let text = std::fs::read_to_string(&notifications(&node)[0]).unwrap();
    assert!(text.contains("failures = 0"), "{text}");
}

#[test]
fn a_failure_is_said_and_in_the_end_given_up() {
    let node = site("echo no mail server >&2; exit 3");
    add(&node, 1);
    node.run("host-state", &["set", "h1", "state=FAILED"]).done();
    node.run("host-state", &["notify"])
        .fails(1, &["h1 is FAILED", "tell", "(exit code 3): no mail server", "again at 20"]);
    let file = notifications(&node).remove(0);
    let text = std::fs::read_to_string(&file).unwrap();
    assert!(text.contains("failures = 1\n"), "{text}");
    assert_eq!(node.run("host-state", &["notify"]).code, 0, "its pause is not over");
    let text: String = text.lines().filter(|l| !l.starts_with("not_before")).map(|l| format!("{l}\n")).collect();
    std::fs::write(&file, text.replace("failures = 1", "failures = 5")).unwrap();
    node.run("host-state", &["notify"]).fails(1, &["h1 is FAILED", "given up"]);
    assert!(notifications(&node).is_empty());
    std::fs::write(&file, "version = 1\n").unwrap();
    node.run("host-state", &["notify"]).fails(0, &["not a notification", "removed"]);
    assert!(notifications(&node).is_empty());
    node.run("rm", &[&node.path("tell").display().to_string()]).done();
    node.run("reload", &[]).fails(1, &["install.notify", "cannot be called"]);
}
