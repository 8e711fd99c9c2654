// SPDX-License-Identifier: GPL-3.0-or-later
//! It changes nothing, takes no lock, shows no secret, and answers only those who may ask.

use super::Web;
use crate::PROGRAM;
use crate::reads_only::{assert_only_reads, traced};
use crate::setup::{MACS, edit_cluster, three};
use crate::support::Node;
use std::os::unix::process::CommandExt as _;

const SECRET: &str = "secretsecretsecretsecretsecretsecretsecretsecretsecretsecretsecretsecretsecretsecretse";
const PATHS: [&str; 9] = [
    "/api/v1/status",
    "/api/v1/hosts",
    "/api/v1/hosts/sch-001",
    "/api/v1/hosts/sch-001/history",
    "/api/v1/hosts/sch-001/log",
    "/api/v1/hosts/sch-001/explain",
    "/api/v1/hosts/52:54:00:00:00:99/explain",
    "/api/v1/pending",
    "/api/v1/windows",
];

fn site() -> Node {
    let node = Node::unserved(PROGRAM);
    edit_cluster(&node, "[install]\n", &format!("[install]\nroot_password_hash = \"$6$abcdefgh${SECRET}\"\n"));
    three(&node);
    node.run("host-state", &["arm", "sch-001", "--reason", "test"]).done();
    std::fs::write(node.path("srv/log/hosts/525400000001.log"), "2026-11-30T00:00:00Z 525400000001 sch-001 boot\n")
        .unwrap();
    node
}

#[test]
fn it_opens_nothing_for_writing_takes_no_lock_and_shows_no_secret() {
    let node = site();
    let before = node.snapshot("srv");
    let calls = node.path("calls");
    let key = std::fs::read(node.path("srv/hps-config/state/site.key")).unwrap();
    let key = String::from_utf8_lossy(&key).trim().to_owned();
    let web = Web::behind_socket_with(&node, &traced(&calls));
    for path in PATHS {
        let answer = web.get(path);
        assert!(!answer.contains(SECRET) && !answer.contains(&key), "{path}");
    }
    drop(web);
    assert_only_reads(&calls, &["resumed", &node.path("web").display().to_string()]);
    let text = std::fs::read_to_string(&calls).unwrap();
    assert!(!text.contains("site.key"), "it needs no site key");
    assert_eq!(node.snapshot("srv"), before);
}

#[test]
fn on_the_loopback_interface_only_who_knows_the_key_may_ask() {
    let node = site();
    let web = Web::alone(&node);
    let (base, key) = web.address.split_once("/?key=").unwrap();
    assert!(base.starts_with("http://127.0.0.1:") && key.len() == 32, "{}", web.address);
    let jar = node.path("jar").display().to_string();
    let ask = |arguments: &[&str], path: &str| {
        let address = format!("{base}{path}");
        let own = ["-sS", "-o", "/dev/null", "-w", "%{http_code}", "--max-time", "20"];
        node.run("curl", &[&own[..], arguments, &[&address]].concat()).out
    };
    let path = "/api/v1/status";
    assert_eq!(ask(&[], path), "401");
    assert_eq!(ask(&["-H", "Authorization: Bearer 0123456789abcdef0123456789abcdef"], path), "401");
    let bearer = format!("Authorization: Bearer {key}");
    assert_eq!(ask(&["-H", &bearer], path), "200");
    assert_eq!(ask(&["-H", &bearer, "-H", "Host: evil.example"], path), "403", "a name of another site");
    assert_eq!(ask(&["-c", &jar], &format!("/?key={key}")), "303");
    assert_eq!(ask(&["-b", &jar], path), "200", "a browser has the key from now on");
    let cookie = std::fs::read_to_string(&jar).unwrap();
    assert!(cookie.contains("#HttpOnly_127.0.0.1"), "{cookie}");
    assert_eq!(ask(&["-X", "POST", "-H", &bearer], path), "405");
    let (code, said) = web.end();
    assert!(code == Some(0) && !said.contains("panicked"), "{code:?} {said}");
}

#[test]
fn a_socket_is_for_its_group_and_replaces_what_a_killed_process_left() {
    let node = site();
    let mut web = Web::behind_socket(&node);
    let mode = std::os::unix::fs::PermissionsExt::mode(&std::fs::metadata(&web.socket).unwrap().permissions());
    assert_eq!(mode & 0o777, 0o660);
    let socket = web.socket.to_str().unwrap().to_owned();
    node.run("hps-web", &["--socket", &socket]).fails(5, &["another process serves this socket"]);
    web.child.kill().unwrap();
    web.child.wait().unwrap();
    assert!(web.socket.exists());
    let file = node.path("file").display().to_string();
    std::fs::write(&file, "mine").unwrap();
    node.run("hps-web", &["--socket", &file]).fails(3, &["no socket"]);
    let again = node.command("hps-web").process_group(0).args(["--socket", &socket]).spawn().unwrap();
    web.child = again;
    let begun = std::time::Instant::now();
    while web.status(&[], "/api/v1/status").0 != "200" {
        assert!(begun.elapsed().as_secs() < 20);
    }
    // What it shows is that of the node, also with a name in any spelling.
    assert_eq!(web.json("/api/v1/hosts/SCH-001")["mac"], MACS[0]);
}

#[test]
fn what_prevents_the_start_is_said() {
    let node = Node::new(PROGRAM);
    node.run("hps-web", &[]).fails(4, &["hps.conf", "cluster-configure makes it"]);
    node.run("hps-web", &["--port", "1", "--socket", "x"]).code.eq(&2).then_some(()).unwrap();
}
