// SPDX-License-Identifier: GPL-3.0-or-later
//! Changes over the API, by token, through the real lighttpd: off until the cluster permits them, with the rules of the
//! commands, and with the name of the token in history and audit.

use super::behind_lighttpd::with_password;
use crate::PROGRAM;
use crate::setup::{MACS, edit_cluster, installing, json, three};
use crate::support::{Answer, Node, SERVER};
use serde_json::Value;
use std::path::Path;

/// A node with three hosts that permits changes, and a token.
fn permitting() -> (Node, String) {
    let node = Node::new(PROGRAM);
    node.configure(&["--web", "8443"]).done();
    three(&node);
    edit_cluster(&node, "changes = false", "changes = true");
    node.run("reload", &[]).done();
    let token = create(&node, "ci");
    (node, token)
}

fn create(node: &Node, name: &str) -> String {
    let made = node.run("hps-web", &["token", "create", "--name", name]);
    made.done();
    let token = made.out.trim().to_owned();
    assert!(token.starts_with("hps_") && token.len() == 68 && made.err.contains("only time"), "{made:?}");
    token
}

/// The status of a POST without a body. (lighttpd refuses before it reads a body, and then HTTP/2 may end the stream first.)
fn post_nothing(node: &Node, token: &str, path: &str) -> String {
    post(node, token, path, "").0
}

/// The status of a POST and its body.
fn post(node: &Node, token: &str, path: &str, body: &str) -> (String, Value) {
    let bearer = format!("Authorization: Bearer {token}");
    send(node, &["-H", &bearer, "--data", body, "-H", "Content-Type: application/json"], path)
}

fn send(node: &Node, arguments: &[&str], path: &str) -> (String, Value) {
    let own = ["-sSk", "-w", "\n%{http_code}", "--max-time", "60"];
    let url = format!("https://{SERVER}:8443/api/v1/hosts/{path}");
    let answer: Answer = node.run("curl", &[&own[..], arguments, &[&url]].concat());
    let (body, status) = answer.out.rsplit_once('\n').unwrap_or_else(|| panic!("{answer:?}"));
    assert_ne!(status, "000", "no answer: {answer:?}");
    (status.to_owned(), serde_json::from_str(body).unwrap_or(Value::Null))
}

fn log(node: &Node) -> String {
    std::fs::read_to_string(node.path("srv/log/hps-web-changes.log")).unwrap_or_default()
}

#[test]
fn nothing_changes_until_the_cluster_permits_it() {
    let node = Node::new(PROGRAM);
    node.configure(&["--web", "8443"]).done();
    three(&node);
    let token = create(&node, "ci");
    assert!(!node.path("srv/hps-config/services/hps-web-changes").exists());
    assert_eq!(post_nothing(&node, &token, "sch-001/arm"), "403");
    // The same without lighttpd, which refuses it first.
    let socket = node.path("run/hps/web/page.sock").display().to_string();
    let bearer = format!("Authorization: Bearer {token}");
    let own = ["-sS", "-o", "/dev/null", "-w", "%{http_code}", "--unix-socket", &socket, "-X", "POST", "-H", &bearer];
    let asked = node.run("curl", &[&own[..], &["http://hps/api/v1/hosts/sch-001/arm"]].concat());
    assert_eq!(asked.out, "403", "{asked:?}");
    assert_eq!(json(&node.run("host-state", &["show", "sch-001", "--json"]))["permission"], Value::Null);
    edit_cluster(&node, "[web]\nserver = true", "[web]\nserver = false");
    edit_cluster(&node, "changes = false", "changes = true");
    node.run("reload", &[]).fails(1, &["web.changes", "web.server"]);
}

#[test]
fn a_token_arms_and_disarms_and_its_name_is_kept() {
    let (node, token) = permitting();
    let (status, armed) =
        post(&node, &token, "sch-001/arm", r#"{"wipe": ["S3Z8NB0K"], "reason": "rack 7", "expires": "2h"}"#);
    assert_eq!(
        (status.as_str(), &armed[0]["mac"], &armed[0]["reason"]),
        ("200", &MACS[0].replace(':', "").into(), &"rack 7".into()),
        "{armed}"
    );
    assert_eq!(armed[0]["wipe"][0], "S3Z8NB0K");
    let history = node.run("host-state", &["history", "sch-001"]).out;
    let audit = node.run("host-state", &["audit"]).out;
    for text in [&history, &audit, &armed[0]["given_by"].to_string()] {
        assert!(text.contains("token ci"), "{text}");
    }
    assert!(audit.contains("token ci made"), "{audit}");
    let (status, dry) = post(&node, &token, "sch-001/disarm", r#"{"dry_run": true}"#);
    assert!(status == "200" && dry[0]["reason"] == "rack 7", "{dry}");
    assert!(json(&node.run("host-state", &["show", "sch-001", "--json"]))["permission"].is_object());
    assert_eq!(post(&node, &token, "sch-001/disarm", "").0, "200");
    assert_eq!(json(&node.run("host-state", &["show", "sch-001", "--json"]))["permission"], Value::Null);
    assert!(log(&node).contains("token ci from 10.99.0.1: host-state disarm --json -- sch-001"), "{}", log(&node));
    for text in [&history, &audit, &log(&node)] {
        assert!(!text.contains(&token), "no log has the token");
    }
    let stored = std::fs::read_to_string(node.path("srv/hps-config/state/web-tokens/ci.toml")).unwrap();
    assert!(!stored.contains(&token[4..]), "{stored}");
}

#[test]
fn the_rules_of_the_commands_hold() {
    let (node, token) = permitting();
    installing(&node, MACS[1], "packages", 60);
    for (status, path, body, word) in [
        ("409", "sch-002/arm", "{}", "INSTALLING"),
        ("404", "sch-009/arm", "{}", "sch-009"),
        ("404", "sch-[001-003]/arm", "{}", ""),
        ("400", "sch-001/arm", r#"{"force": true}"#, "force"),
        ("400", "sch-001/arm", r#"{"wipe": ["none"]}"#, "serial"),
        ("400", "sch-001/arm", r#"{"wipe": "all"}"#, "not accepted"),
        ("400", "sch-001/arm", "{", "not accepted"),
        ("400", "sch-001/power", r#"{"action": "off", "force": true}"#, "force"),
        ("400", "sch-001/power", "", "not accepted"),
    ] {
        let (found, body) = post(&node, &token, &path.replace('[', "%5B").replace(']', "%5D"), body);
        assert!(found == status && body["error"].to_string().contains(word), "{path}: {found} {body}");
    }
    // A host without power settings.
    let (status, body) = post(&node, &token, "sch-001/power", r#"{"action": "on"}"#);
    assert!(["404", "409", "500"].contains(&status.as_str()) && body["error"].is_string(), "{status} {body}");
    assert_eq!(json(&node.run("host-state", &["show", "sch-001", "--json"]))["permission"], Value::Null);
}

#[test]
fn a_wrong_token_and_a_login_change_nothing_and_many_wrong_ones_are_not_logged() {
    let (node, token) = permitting();
    with_password(&node, &["user", "add", "alice"], "secret word").done();
    let before = node.snapshot("srv/hps-config/clusters");
    assert_eq!(send(&node, &["-X", "POST", "-d", "{}"], "sch-001/arm").0, "401");
    assert_eq!(send(&node, &["-u", "alice:secret word", "-d", "{}"], "sch-001/arm").0, "401");
    assert_eq!(send(&node, &["-u", "alice:secret word"], "sch-001/arm").0, "405", "a GET");
    assert_eq!(post_nothing(&node, &token, "sch-001"), "403", "another address");
    let other = create(&node, "other");
    node.run("hps-web", &["token", "revoke", "other"]).done();
    assert_eq!(post(&node, &other, "sch-001/arm", "{}").0, "401");
    let wrong = format!("hps_{}", "0".repeat(64));
    let statuses: Vec<String> = (0..12).map(|_| post(&node, &wrong, "sch-001/arm", "{}").0).collect();
    assert_eq!((statuses[0].as_str(), statuses[11].as_str()), ("401", "429"), "{statuses:?}");
    let lines = log(&node).lines().filter(|line| line.contains("wrong or revoked token from 10.99.0.1")).count();
    assert_eq!(lines, 10, "{}", log(&node));
    assert_eq!(node.snapshot("srv/hps-config/clusters"), before);
    // Who has a right one is not locked out.
    assert_eq!(post(&node, &token, "sch-001/disarm", "").0, "200");
    assert_eq!(node.run("hps-web", &["token", "list"]).out.lines().count(), 1);
    node.run("hps-web", &["token", "create", "--name", "ci"]).fails(3, &["token ci already"]);
    node.run("hps-web", &["token", "revoke", "other"]).fails(4, &["no token other"]);
}

#[test]
fn only_the_web_servers_user_reaches_the_helper() {
    let (node, token) = permitting();
    let socket = node.path("run/hps/web/changes.sock").display().to_string();
    let order = format!(r#"{{"token":"{token}","client":"x","host":"sch-001","change":{{"disarm":{{}}}}}}"#);
    let script = "import socket, sys\ns = socket.socket(socket.AF_UNIX)\ns.connect(sys.argv[1])\n\
                  s.sendall(sys.argv[2].encode())\ns.shutdown(1)\nprint(s.recv(1 << 16).decode())";
    let ask = |user: &str, order: &str| {
        let own = [
            "--reuid",
            user,
            "--regid",
            user,
            "--clear-groups",
            "--",
            "/usr/bin/python3",
            "-c",
            script,
            &socket,
            order,
        ];
        node.run("setpriv", &own)
    };
    assert_ne!(ask("games", &order).code, 0);
    let answer = ask("hps", &order);
    assert_eq!(json(&answer)["outcome"], "done", "{answer:?}");
    for bad in ["", "{}", "x", &order.replace("disarm", "rm"), &order.replace("\"host\"", "\"more\":1,\"host\"")] {
        assert_eq!(json(&ask("hps", bad))["outcome"], "bad", "{bad}");
    }
    assert_eq!(json(&ask("hps", &order.replace("sch-001", "--hosts-from=/etc/shadow")))["outcome"], "not-found");
    assert!(Path::new(&socket).exists());
}
