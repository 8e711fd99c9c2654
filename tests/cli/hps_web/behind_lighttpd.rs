// SPDX-License-Identifier: GPL-3.0-or-later
//! `[web]` of the cluster file: `reload` starts hps-web and the real lighttpd. Without a login there is nothing, and with
//! one nothing can be changed.

use crate::PROGRAM;
use crate::setup::{edit_cluster, three};
use crate::support::{Answer, Node, SERVER};
use std::io::{BufRead as _, BufReader, Write as _};
use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _};
use std::process::{Child, Stdio};

const PASSWORD: &str = "secret word";

/// A program that ends when it is dropped.
struct Ends(Child);

impl Drop for Ends {
    fn drop(&mut self) {
        let _ended = self.0.kill();
        let _ended = self.0.wait();
    }
}

/// hps-web with a password on its standard input.
pub(super) fn with_password(node: &Node, arguments: &[&str], password: &str) -> Answer {
    let mut command = node.command("hps-web");
    let child = command.args(arguments).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = child.spawn().unwrap();
    child.stdin.take().unwrap().write_all(format!("{password}\n").as_bytes()).unwrap();
    Answer::from_output(child.wait_with_output().unwrap())
}

/// A node that serves the page, with a login for alice.
fn served() -> Node {
    let node = Node::new(PROGRAM);
    node.configure(&["--web", "8443"]).done();
    three(&node);
    with_password(&node, &["user", "add", "alice"], PASSWORD).done();
    node
}

fn ask(node: &Node, arguments: &[&str], path: &str) -> String {
    let own = ["-sSk", "-o", "/dev/null", "-w", "%{http_code}", "--max-time", "20"];
    node.run("curl", &[&own[..], arguments, &[&format!("https://{SERVER}:8443{path}")]].concat()).out
}

fn pid(node: &Node, name: &str) -> Option<String> {
    Some(std::fs::read_to_string(node.path(&format!("run/hps/{name}.pid"))).ok()?.trim().to_owned())
}

#[test]
fn only_who_logs_in_sees_anything_and_nobody_changes_anything() {
    let node = served();
    let alice = ["-u", &format!("alice:{PASSWORD}")];
    for path in ["/", "/hosts", "/racks", "/static/hps.js", "/metrics", "/api/v1/hosts", "/api/v1/events", "/nothing"] {
        assert_eq!(ask(&node, &[], path), "401", "{path}");
        assert_eq!(ask(&node, &["-u", "alice:secret"], path), "401", "{path}");
        assert_eq!(ask(&node, &["-u", "bob:secret word"], path), "401", "{path}");
    }
    for path in ["/", "/hosts/sch-001", "/racks", "/static/hps.js", "/metrics", "/api/v1/hosts"] {
        assert_eq!(ask(&node, &alice, path), "200", "{path}");
    }
    let before = node.snapshot("srv/hps-config");
    for method in ["POST", "PUT", "DELETE", "PATCH"] {
        for path in ["/", "/api/v1/hosts/sch-001", "/api/v1/hosts/sch-001/arm", "/metrics"] {
            let sent = ["-X", method, "-d", "{}", "-H", "Content-Type: application/json"];
            let status = ask(&node, &[&alice[..], &sent].concat(), path);
            // 000: lighttpd refused it and ended the connection before curl had sent the body.
            assert!(["403", "405", "000"].contains(&status.as_str()), "{method} {path}: {status}");
        }
    }
    assert_eq!(node.snapshot("srv/hps-config"), before);
    let plain = node.run("curl", &["-sS", "--max-time", "5", &format!("http://{SERVER}:8443/")]);
    assert!(plain.code != 0 || !plain.out.contains("sch-001"), "{plain:?}");
    let log = std::fs::read_to_string(node.path("srv/log/web/page-access.log")).unwrap();
    assert!(log.contains(" alice ") && log.contains(" GET /hosts/sch-001 200 ") && !log.contains("secret"), "{log}");
    // Events come at once, and not when the answer ends.
    let mut curl = node.command("curl");
    let address = format!("https://{SERVER}:8443/api/v1/events");
    let curl = curl.args(["-sSkN", "--max-time", "60"]).args(alice).arg(&address).stdout(Stdio::piped());
    let mut curl = Ends(curl.spawn().unwrap());
    let mut lines = BufReader::new(curl.0.stdout.take().unwrap()).lines();
    assert!(lines.next().unwrap().unwrap().starts_with("retry: "));
    node.run("host-state", &["set", "sch-001", "state=FAILED", "reason=test"]).done();
    assert!(lines.any(|line| line.unwrap().contains("\"FAILED\"")));
}

#[test]
fn reload_starts_the_page_when_the_cluster_wants_it_and_takes_it_away() {
    let node = Node::served(PROGRAM);
    assert_eq!((pid(&node, "web"), pid(&node, "web-tls")), (None, None));
    edit_cluster(&node, "[web]\nserver = false", "[web]\nserver = true");
    let dry = node.run("reload", &["--dry-run"]);
    assert!(dry.code == 10 && dry.out.contains("hps-web-tls would be started"), "{dry:?}");
    assert!(dry.out.contains("server.port = 8443") && pid(&node, "web").is_none(), "{dry:?}");
    let done = node.run("reload", &["--json"]);
    done.done();
    let notes = crate::setup::json(&done)["notes"].to_string();
    assert!(notes.contains("SHA-256 fingerprint: ") && notes.contains("hps-web user add"), "{notes}");
    node.run("reload", &["--dry-run"]).done();
    // No right of root is left, and no other process of this user may look into it.
    let web = pid(&node, "web").expect("hps-web runs");
    let status = std::fs::read_to_string(format!("/proc/{web}/status")).unwrap();
    let hps = node.run("id", &["-u", "hps"]).out.trim().to_owned();
    assert!(status.contains(&format!("Uid:\t{hps}\t{hps}\t{hps}\t{hps}\n")), "{status}");
    assert!(status.contains("CapPrm:\t0000000000000000\n"), "{status}");
    assert_eq!(std::fs::metadata(format!("/proc/{web}/mem")).unwrap().uid(), 0, "it is not dumpable");
    let folder = std::fs::metadata(node.path("run/hps/web")).unwrap();
    assert_eq!((folder.uid(), folder.permissions().mode() & 0o7777), (0, 0o750));
    let key = std::fs::metadata(node.path("srv/hps-config/state/web.pem")).unwrap();
    assert_eq!((key.uid(), key.permissions().mode() & 0o777), (0, 0o600));
    assert_eq!(ask(&node, &[], "/"), "401");

    let test = node.run("self-test", &["--only", "page,ports,services,configuration"]);
    assert_eq!(test.code, 0, "{test:?}");
    let checked = node.run("host-state", &["check", "--json"]);
    assert!(checked.out.contains("no one can log in to the page"), "{checked:?}");

    // Another port, and a certificate that is not there.
    edit_cluster(&node, "port = 8443", "port = 8444");
    node.run("reload", &[]).done();
    let text = std::fs::read_to_string(node.path("srv/hps-config/services/web-lighttpd.conf")).unwrap();
    assert!(text.contains("server.port = 8444"), "{text}");
    edit_cluster(&node, "# certificate = \"\"", "certificate = \"/nonexistent/web.pem\"");
    node.run("reload", &[]).fails(4, &["/nonexistent/web.pem of [web]", "nothing was changed"]);
    edit_cluster(&node, "certificate = \"/nonexistent/web.pem\"", "# certificate = \"\"");

    edit_cluster(&node, "[web]\nserver = true", "[web]\nserver = false");
    node.run("reload", &[]).done();
    let words = std::fs::read(format!("/proc/{web}/cmdline")).unwrap_or_default();
    assert!(words.is_empty(), "hps-web ended");
    assert_eq!((pid(&node, "web"), pid(&node, "web-tls")), (None, None));
    assert!(!node.path("srv/hps-config/services/web-lighttpd.conf").exists());
    node.run("reload", &["--dry-run"]).done();
}

#[test]
fn a_port_that_another_program_has_and_a_certificate_that_ends_are_named() {
    let node = Node::served(PROGRAM);
    let script = "import socket, time\ns = socket.socket()\ns.bind(('0.0.0.0', 8443))\ns.listen()\ntime.sleep(600)";
    let other = Ends(node.command("python3").args(["-c", script]).spawn().unwrap());
    std::thread::sleep(std::time::Duration::from_secs(1));
    edit_cluster(&node, "[web]\nserver = false", "[web]\nserver = true");
    node.run("reload", &[]).fails(5, &["port 8443 (the page)", "ss -lntup"]);
    drop(other);
    let pem = node.path("srv/hps-config/state/web.pem").display().to_string();
    let make =
        "openssl req -x509 -newkey rsa:2048 -nodes -subj /CN=ips -days 2 -keyout $1 -out $1.crt && cat $1.crt >> $1";
    node.run("sh", &["-c", make, "sh", &pem]).done();
    node.run("reload", &[]).done();
    let test = node.run("self-test", &["--only", "page"]);
    assert!(test.code == 1 && test.out.contains("ends in 1 days") && test.out.contains("rm "), "{test:?}");
    let check = node.run("host-state", &["check"]);
    assert!(check.out.contains("web.pem: the certificate of the page ends in 1 days"), "{check:?}");
    edit_cluster(&node, "login = \"file\"", "login = \"pam\"");
    let answer = node.run("reload", &[]);
    assert!(answer.code == 0 || answer.err.contains("/etc/pam.d/hps-web is missing"), "{answer:?}");
}

#[test]
fn a_password_is_stored_as_a_hash_and_a_login_ends_at_once() {
    let node = served();
    let file = node.path("srv/hps-config/state/web-users");
    let text = std::fs::read_to_string(&file).unwrap();
    assert!(text.starts_with("alice:$6$") && !text.contains("secret"), "{text}");
    let metadata = std::fs::metadata(&file).unwrap();
    assert_eq!((metadata.uid(), metadata.permissions().mode() & 0o777), (0, 0o640));
    for (name, password, words) in [
        ("alice", "short", "fewer than 8"),
        ("alice", &"x".repeat(129), "more than 128"),
        ("alice", "with\u{1b}escape", "control character"),
    ] {
        with_password(&node, &["user", "add", name], password).fails(2, &[words]);
    }
    assert_eq!(with_password(&node, &["user", "add", "a:b"], PASSWORD).code, 2);
    assert_eq!(node.run("hps-web", &["user", "list"]).out, "alice\n");
    assert_eq!(std::fs::read_to_string(&file).unwrap(), text);
    with_password(&node, &["user", "add", "alice"], "another word").done();
    assert_eq!(ask(&node, &["-u", &format!("alice:{PASSWORD}")], "/"), "401");
    assert_eq!(ask(&node, &["-u", "alice:another word"], "/"), "200");
    assert_eq!(node.run("hps-web", &["user", "rm", "alice", "--dry-run"]).code, 10);
    node.run("hps-web", &["user", "rm", "alice"]).done();
    assert_eq!(ask(&node, &["-u", "alice:another word"], "/"), "401");
    node.run("hps-web", &["user", "rm", "alice"]).fails(4, &["no login alice"]);
    let audit = node.run("host-state", &["audit"]).out;
    assert!(audit.contains("alice may log in now") && audit.contains("alice may not log in any more"), "{audit}");
    assert!(!audit.contains("another word"), "{audit}");
}
