// SPDX-License-Identifier: GPL-3.0-or-later
//! The answers of the API are those of the programs, soon after something changed.

use super::Web;
use crate::PROGRAM;
use crate::setup::{MACS, add_to_cluster, edit_cluster, edit_record, installing, json, three};
use crate::support::Node;
use std::io::{BufRead as _, BufReader};
use std::process::Stdio;

/// Three hosts: one INSTALLING and stalled, one armed, one FAILED; a window, and an unknown machine.
fn site() -> Node {
    let node = Node::unserved(PROGRAM);
    three(&node);
    installing(&node, MACS[0], "packages", 30_000);
    node.run("host-state", &["arm", "sch-002", "--reason", "test"]).done();
    node.run("host-state", &["set", "sch-003", "state=FAILED", "reason=disk sda carries ext4"]).done();
    node.run(
        "host-state",
        &["window", "open", "--type", "SCH", "--for", "90h", "--mac-prefix", "02:00", "--name", "rack7"],
    )
    .done();
    let log = "2026-11-30T00:00:00Z 525400000001 sch-001 boot\n2026-11-30T00:00:01Z 525400000001 - a\u{1b}[31mb\n";
    std::fs::write(node.path("srv/log/hosts/525400000001.log"), log).unwrap();
    std::fs::write(node.path("srv/log/hosts/525400000001.install-1.log"), "a\u{1b}]0;b\nend\n").unwrap();
    node
}

#[test]
fn each_answer_is_that_of_the_program() {
    let node = site();
    let web = Web::behind_socket(&node);
    for (path, command) in [
        ("/api/v1/hosts", "list --sort name"),
        ("/api/v1/hosts?state=failed,INSTALLING&sort=updated", "list --state FAILED,INSTALLING --sort updated"),
        ("/api/v1/hosts?host=sch-[002-003],52:54:00:00:00:01&type=sch", "list --sort name"),
        ("/api/v1/hosts/sch-001", "show sch-001"),
        ("/api/v1/hosts/5254.0000.0002", "show sch-002"),
        ("/api/v1/hosts/sch-002/history", "history sch-002"),
        ("/api/v1/hosts/sch-002/history?lines=1", "history sch-002 --lines 1"),
        ("/api/v1/hosts/sch-002/explain", "explain sch-002"),
        ("/api/v1/hosts/52:54:00:00:00:99/explain", "explain 52:54:00:00:00:99"),
        ("/api/v1/pending", "pending"),
        ("/api/v1/windows", "window list"),
    ] {
        let words: Vec<&str> = command.split(' ').chain(["--json"]).collect();
        let mut expected = json(&node.run("host-state", &words));
        let mut answer = web.json(path);
        // Seconds go on.
        for value in [&mut expected, &mut answer] {
            let hosts = value.as_array_mut().map_or_else(Vec::new, |all| all.iter_mut().collect());
            hosts.into_iter().for_each(without_seconds);
            without_seconds(value);
        }
        assert_eq!(answer, expected, "{path}");
    }
    let status = web.json("/api/v1/status");
    let mut expected = json(&node.run("hps", &["--json"]));
    expected["stalled"] = status["stalled"].clone();
    assert_eq!(status, expected);
    assert_eq!((&status["hosts"]["FAILED"], &status["attention"]), (&1.into(), &true.into()));
    let lines = web.json("/api/v1/hosts/sch-001/log");
    assert_eq!(lines[0]["text"], "boot");
    assert!(!web.get("/api/v1/hosts/sch-001/log").contains('\u{1b}'));
    assert_eq!(web.json("/api/v1/hosts/sch-001/log?lines=1").as_array().unwrap().len(), 1);
    assert_eq!(web.get("/api/v1/hosts/sch-001/install-log"), "a?]0;b\nend\n");
    assert_eq!(web.get("/api/v1/hosts/sch-001/install-log?lines=1&attempt=1"), "end\n");
}

fn without_seconds(value: &mut serde_json::Value) {
    if let Some(seconds) = value.pointer_mut("/stalled/seconds") {
        *seconds = 0.into();
    }
}

#[test]
fn pages_have_every_host_once() {
    let node = site();
    let web = Web::behind_socket(&node);
    let answer = web.curl(&["-i"], "/api/v1/hosts?limit=2&sort=mac");
    assert!(answer.out.contains("X-Total-Count: 3\r\n") && answer.out.contains("X-Next-Offset: 2\r\n"), "{answer:?}");
    let last = web.curl(&["-i"], "/api/v1/hosts?limit=2&offset=2&sort=mac");
    assert!(last.out.contains("\"sch-003\"") && !last.out.contains("X-Next-Offset"), "{last:?}");
    assert_eq!(web.json("/api/v1/hosts?offset=9"), serde_json::json!([]));
    let stalled = web.json("/api/v1/hosts?stalled=true");
    assert_eq!((stalled.as_array().unwrap().len(), &stalled[0]["name"]), (1, &"sch-001".into()));
}

#[test]
fn what_is_asked_wrongly_is_refused_with_a_reason() {
    let node = site();
    let web = Web::behind_socket(&node);
    for (status, path, word) in [
        ("404", "/api/v1/", "openapi.json"),
        ("404", "/api/v1/hosts/sch-009", "no host sch-009"),
        ("404", "/api/v1/hosts/10.99.0.250", "no host"),
        ("404", "/api/v1/hosts/52:54:00:00:00:99", "no host"),
        ("400", "/api/v1/hosts/..%2f..%2fetc", "not accepted"),
        ("400", "/api/v1/hosts/a%00", "not accepted"),
        ("404", "/api/v1/hosts/a%1b%0ab", "expected a MAC"),
        ("404", "/api/v1/hosts/sch-003/install-log", "no installer's log"),
        ("404", "/api/v1/hosts/sch-003/render", "no such address"),
        ("404", "/api/v1/hosts?host=a,,b", "expected a MAC"),
        ("400", "/api/v1/hosts?state=GONE", "GONE"),
        ("400", "/api/v1/hosts?limit=0", "from 1 to 1000"),
        ("400", "/api/v1/hosts?limit=%2b1", "from 1 to 1000"),
        ("400", "/api/v1/hosts?limit=1&limit=2", "twice"),
        ("400", "/api/v1/hosts?sort=age,", "expected one of name, mac"),
        ("400", "/metrics?x=1", "no parameters"),
        ("400", "/api/v1/hosts?secrets=1", "no parameter secrets"),
        ("400", "/api/v1/hosts/sch-001/log?since=never", "since"),
        ("400", "/api/v1/hosts/sch-001/explain?from=x", "from"),
    ] {
        let (found, body) = web.status(&[], path);
        assert!(found == status && body.contains(word), "{path}: {found} {body}");
        assert!(serde_json::from_str::<serde_json::Value>(&body).unwrap()["error"].is_string(), "{path}");
    }
    for method in ["POST", "PUT", "DELETE", "PATCH", "OPTIONS"] {
        assert_eq!(web.status(&["-X", method], "/api/v1/hosts").0, "405", "{method}");
    }
}

#[test]
fn what_changes_is_there_soon() {
    let node = site();
    let web = Web::behind_socket(&node);
    let named = |name: &'static str| move |hosts: &serde_json::Value| hosts.to_string().contains(name);
    node.run("host-state", &["add", MACS[3], "--type", "SCH"]).done();
    web.until("/api/v1/hosts", named("sch-004"));
    // An editor writes into the file, and the folder stays as it is.
    edit_record(&node, MACS[3], "sch-004", "tape-9");
    web.until("/api/v1/hosts", named("tape-9"));
    let counts = |hosts: &serde_json::Value| hosts[0]["permission"]["counts"] == true;
    assert!(web.until("/api/v1/hosts?host=sch-002", counts).is_array());
    node.run("host-state", &["disarm", "sch-002"]).done();
    web.until("/api/v1/hosts?host=sch-002", |hosts| hosts[0]["permission"].is_null());
    // A rule of the cluster file permits what nothing permitted before.
    add_to_cluster(&node, "\n[[rule]]\nname = \"all\"\nmac_prefix = \"52:54:00\"\ntype = \"SCH\"\n");
    web.until("/api/v1/hosts?host=sch-002", |hosts| hosts[0]["permission"]["source"] == "rule");
    std::fs::write(node.path("srv/hps-config/clusters/lab/hosts/525400000002.toml"), "no record\n").unwrap();
    let status = web.until("/api/v1/status", |status| status["unreadable"] != serde_json::json!([]));
    assert!(status["unreadable"][0].as_str().unwrap().contains("525400000002.toml"), "{status}");
    node.run("host-state", &["rm", "sch-003", "--force"]).done();
    web.until("/api/v1/status", |status| status["hosts"].get("FAILED").is_none());
    // A cluster file that cannot be read hides its own lines, and comes back.
    edit_cluster(&node, "[install]", "[install]\nroot_password_hash = secret\n#");
    let begun = std::time::Instant::now();
    let body = loop {
        let (status, body) = web.status(&[], "/api/v1/hosts");
        if status == "503" {
            break body;
        }
        assert!(begun.elapsed().as_secs() < 20);
    };
    assert!(body.contains("host-state check") && !body.contains("secret"), "{body}");
    edit_cluster(&node, "[install]\nroot_password_hash = secret\n#", "[install]");
    let begun = std::time::Instant::now();
    while web.status(&[], "/api/v1/hosts").0 != "200" {
        assert!(begun.elapsed().as_secs() < 20);
    }
}

#[test]
fn who_follows_hears_what_becomes_of_hosts_and_the_lines_of_one_log() {
    let node = site();
    let web = Web::behind_socket(&node);
    let socket = web.socket.to_str().unwrap().to_owned();
    let address = "http://hps/api/v1/events?host=sch-001";
    let mut curl = node.command("curl");
    let mut curl = curl
        .args(["-sSN", "--max-time", "60", "--unix-socket", &socket, address])
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(curl.stdout.take().unwrap()).lines();
    let mut next = |begin: &str| loop {
        let line = lines.next().unwrap().unwrap();
        if line.starts_with(begin) {
            return line;
        }
    };
    next("retry: ");
    std::thread::sleep(std::time::Duration::from_secs(2));
    node.run("host-state", &["set", "sch-001", "state=FAILED", "reason=gave up <script>"]).done();
    let step: serde_json::Value = serde_json::from_str(&next("data: {\"at\"")["data: ".len()..]).unwrap();
    assert_eq!((&step["event"], &step["host"], &step["state"]), (&"state".into(), &"sch-001".into(), &"FAILED".into()));
    next("event: change");
    let mut log = std::fs::OpenOptions::new().append(true).open(node.path("srv/log/hosts/525400000001.log")).unwrap();
    std::io::Write::write_all(&mut log, b"2026-11-30T00:00:02Z 525400000001 sch-001 new line\n").unwrap();
    assert!(next("data: {\"at\"").contains("new line"));
    curl.kill().unwrap();
    curl.wait().unwrap();
}
