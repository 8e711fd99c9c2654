// SPDX-License-Identifier: GPL-3.0-or-later
//! What hosts did and said: where it goes, and `host-state log`. And what `reload` clears away.

use crate::PROGRAM;
use crate::setup::MAC;
use crate::support::{Node, SERVER};
use std::io::{BufRead as _, BufReader};
use std::os::unix::fs::PermissionsExt as _;
use std::os::unix::net::UnixDatagram;
use std::process::Stdio;
use std::time::Duration;

#[test]
fn what_a_host_does_is_in_its_file_and_in_the_systems_log() {
    let node = Node::served(PROGRAM);
    node.run("host-state", &["add", MAC, "--type", "SCH"]).done();
    let boot =
        || node.run("curl", &["-sS", &format!("http://{SERVER}/cgi-bin/boot_manager?cmd=boot_action&mac={MAC}")]);
    // Without a daemon nothing is said of it.
    boot().done();
    let socket = node.path("dev/log");
    std::fs::create_dir(socket.parent().unwrap()).unwrap();
    let daemon = UnixDatagram::bind(&socket).unwrap();
    daemon.set_read_timeout(Some(Duration::from_secs(10))).unwrap();
    std::fs::set_permissions(&socket, std::fs::Permissions::from_mode(0o666)).unwrap();
    boot().done();
    let mut bytes = [0; 2048];
    let length = daemon.recv(&mut bytes).unwrap();
    let message = String::from_utf8_lossy(&bytes[..length]).into_owned();
    assert!(
        message.starts_with("<30>boot_manager[") && message.contains("]: 525400000001 sch-001 boot: "),
        "{message}"
    );
    // One that this user may not send to is said, and the machine boots all the same.
    std::fs::set_permissions(&socket, std::fs::Permissions::from_mode(0o600)).unwrap();
    assert!(boot().out.starts_with("#!ipxe"));
    let words = std::fs::read_to_string(node.path("srv/log/web/boot_manager.log")).unwrap();
    assert_eq!(words.lines().filter(|l| l.contains("cannot send to")).count(), 1, "{words}");
    let log = node.run("host-state", &["log", "sch-001"]).out;
    assert_eq!(log.lines().filter(|l| l.contains(" 525400000001 sch-001 boot: ")).count(), 3, "{log}");
    assert_eq!(node.run("host-state", &["log", "sch-001", "--lines", "1"]).out.lines().count(), 1);
    let path = node.path("srv/log/hosts/525400000001.log");
    let now = std::fs::read_to_string(&path).unwrap();
    std::fs::write(&path, format!("2020-01-01T00:00:00Z 525400000001 - long ago\n{now}")).unwrap();
    let log = node.run("host-state", &["log", "sch-001", "--json"]).out;
    let lines: Vec<serde_json::Value> = log.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(
        lines[0],
        serde_json::json!({"at": "2020-01-01T00:00:00Z", "mac": MAC, "name": null, "text": "long ago"})
    );
    assert_eq!((lines.len(), &lines[1]["name"]), (now.lines().count() + 1, &"sch-001".into()));
    assert_eq!(node.run("host-state", &["log", "sch-001", "--since", "1h"]).out.lines().count(), now.lines().count());
}

#[test]
fn the_installers_log_of_an_attempt() {
    let node = Node::served(PROGRAM);
    node.run("host-state", &["add", MAC, "--type", "SCH"]).done();
    let log = |arguments: &[&str]| node.run("host-state", &[&["log"], arguments].concat());
    log(&["sch-001", "--install"])
        .fails(4, &["sch-001 has sent no installer's log: no installation of it has begun", "host-state log sch-001"]);
    for (attempt, text) in [(2, "two\n\u{1b}[2J\n"), (3, "one\ntwo\nthree\n")] {
        std::fs::write(node.path(&format!("srv/log/hosts/525400000001.install-{attempt}.log")), text).unwrap();
    }
    assert_eq!(log(&["sch-001", "--install"]).out, "one\ntwo\nthree\n");
    assert_eq!(log(&["--install", "sch-001", "2"]).out, "two\n?[2J\n");
    assert_eq!(log(&["sch-001", "--install", "3", "-n", "2"]).out, "two\nthree\n");
    log(&["sch-001", "--install", "7"]).fails(4, &["of attempt 7", "there is one of: 2, 3"]);
    assert_eq!(log(&["sch-001", "7"]).code, 2, "an attempt of what?");
    assert_eq!(log(&["sch-001", "--install", "--follow"]).code, 2);
}

#[test]
fn whoever_follows_a_log_sees_what_comes_and_ends_with_ctrl_c() {
    let node = Node::served(PROGRAM);
    node.run("host-state", &["add", MAC, "--type", "SCH"]).done();
    let boot =
        || node.run("curl", &["-sS", &format!("http://{SERVER}/cgi-bin/boot_manager?cmd=boot_action&mac={MAC}")]);
    boot().done();
    let follow = ["log", "sch-001", "--follow", "-n", "0"];
    let mut child = node.command("host-state").args(follow).stdout(Stdio::piped()).spawn().unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    std::thread::sleep(Duration::from_millis(500));
    boot().done();
    assert!(lines.next().unwrap().unwrap().contains(" sch-001 boot: "));
    node.run("kill", &["-INT", &child.id().to_string()]).done();
    assert!(lines.next().is_none(), "one line came");
    assert!(child.wait().unwrap().success());
}

#[test]
fn reload_clears_what_killed_processes_left_a_day_ago() {
    let node = Node::served(PROGRAM);
    let left = |name: &str| node.path(&format!("srv/hps-config/clusters/lab/hosts/{name}"));
    let tree = node.path("srv/hps-resources/distros/.tree-dead");
    std::fs::create_dir(&tree).unwrap();
    for name in [".hps-old.tmp", ".hps-new.tmp", ".525400000009.toml.lock"] {
        std::fs::write(left(name), "").unwrap();
    }
    for path in [left(".hps-old.tmp"), left(".525400000009.toml.lock"), tree.clone()] {
        node.run("touch", &["-d", "25 hours ago", &path.display().to_string()]).done();
    }
    let answer = node.run("reload", &[]);
    assert_eq!((answer.code, answer.err.as_str()), (0, ""), "nobody watches");
    assert!(!left(".hps-old.tmp").exists() && !left(".525400000009.toml.lock").exists() && !tree.exists());
    assert!(left(".hps-new.tmp").exists(), "it may be somebody's work");
}
