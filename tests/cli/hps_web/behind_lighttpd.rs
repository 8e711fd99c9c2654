// SPDX-License-Identifier: GPL-3.0-or-later
//! TLS and the login, by the real lighttpd with the configuration of the package. Without a login there is nothing, and
//! with one nothing can be changed.

use super::Web;
use crate::PROGRAM;
use crate::setup::three;
use crate::support::Node;
use std::io::{BufRead as _, BufReader};
use std::path::PathBuf;
use std::process::{Child, Stdio};
use std::time::{Duration, Instant};

fn packaged(file: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../packaging/files/web").join(file)
}

struct Ends(Child);

impl Drop for Ends {
    fn drop(&mut self) {
        let _ended = self.0.kill();
        let _ended = self.0.wait();
    }
}

#[test]
fn only_who_logs_in_sees_anything_and_nobody_changes_anything() {
    let node = Node::unserved(PROGRAM);
    three(&node);
    let web = Web::behind_socket(&node);
    let (pem, users) = (node.path("web.pem"), node.path("web.htpasswd"));
    let certificate = ["req", "-x509", "-newkey", "rsa:2048", "-nodes", "-subj", "/CN=ips", "-days", "2"];
    let files = ["-keyout", pem.to_str().unwrap(), "-out", "web.crt"];
    let mut openssl = node.command("openssl");
    let made = openssl.args(certificate).args(files).current_dir(node.folder.path()).output().unwrap();
    assert!(made.status.success(), "{made:?}");
    let key = std::fs::read_to_string(&pem).unwrap();
    std::fs::write(&pem, key + &std::fs::read_to_string(node.path("web.crt")).unwrap()).unwrap();
    let hash = node.run("openssl", &["passwd", "-6", "secret word"]);
    std::fs::write(&users, format!("alice:{}\n", hash.out.trim())).unwrap();
    let text = std::fs::read_to_string(packaged("web-lighttpd.conf")).unwrap();
    let text = text
        .replace("/etc/hps/web.pem", pem.to_str().unwrap())
        .replace("/etc/hps/web.htpasswd", users.to_str().unwrap())
        .replace("/run/hps-web/sock", web.socket.to_str().unwrap())
        .replace("/run/hps-web", node.path("web").to_str().unwrap());
    let conf = node.path("web-lighttpd.conf").display().to_string();
    std::fs::write(&conf, text).unwrap();
    node.run("lighttpd", &["-tt", "-f", &conf]).done();
    let mut lighttpd = node.command("lighttpd");
    let _lighttpd = Ends(lighttpd.args(["-D", "-f", &conf]).stderr(Stdio::null()).spawn().unwrap());
    let base = "https://127.0.0.1:8443";
    let ask = |arguments: &[&str], path: &str| {
        let own = ["-sSk", "-o", "/dev/null", "-w", "%{http_code}", "--max-time", "20"];
        node.run("curl", &[&own[..], arguments, &[&format!("{base}{path}")]].concat()).out
    };
    let begun = Instant::now();
    while ask(&[], "/") != "401" {
        assert!(begun.elapsed() < Duration::from_secs(20), "{}", ask(&[], "/"));
        std::thread::sleep(Duration::from_millis(50));
    }
    let alice = ["-u", "alice:secret word"];
    for path in ["/", "/hosts", "/racks", "/static/hps.js", "/metrics", "/api/v1/hosts", "/api/v1/events", "/nothing"] {
        assert_eq!(ask(&[], path), "401", "{path}");
        assert_eq!(ask(&["-u", "alice:secret"], path), "401", "{path}");
        assert_eq!(ask(&["-u", "bob:secret word"], path), "401", "{path}");
    }
    for path in ["/", "/hosts/sch-001", "/racks", "/static/hps.js", "/metrics", "/api/v1/hosts"] {
        assert_eq!(ask(&alice, path), "200", "{path}");
    }
    let before = node.snapshot("srv");
    for method in ["POST", "PUT", "DELETE", "PATCH"] {
        for path in ["/", "/api/v1/hosts/sch-001", "/api/v1/hosts/sch-001/arm", "/metrics"] {
            let status =
                ask(&[&alice[..], &["-X", method, "-d", "{}", "-H", "Content-Type: application/json"]].concat(), path);
            // 000: lighttpd refused it and ended the connection before curl had sent the body.
            assert!(["403", "405", "000"].contains(&status.as_str()), "{method} {path}: {status}");
        }
    }
    assert_eq!(node.snapshot("srv"), before);
    let plain = node.run("curl", &["-sS", "--max-time", "5", "http://127.0.0.1:8443/"]);
    assert!(plain.code != 0 || !plain.out.contains("sch-001"), "{plain:?}");
    // Events come at once, and not when the answer ends.
    let mut curl = node.command("curl");
    let address = format!("{base}/api/v1/events");
    let curl = curl.args(["-sSkN", "--max-time", "60"]).args(alice).arg(&address).stdout(Stdio::piped());
    let mut curl = Ends(curl.spawn().unwrap());
    let mut lines = BufReader::new(curl.0.stdout.take().unwrap()).lines();
    assert!(lines.next().unwrap().unwrap().starts_with("retry: "));
    node.run("host-state", &["set", "sch-001", "state=FAILED", "reason=test"]).done();
    assert!(lines.any(|line| line.unwrap().contains("\"FAILED\"")));
}

#[test]
fn the_units_have_no_right_that_they_do_not_need() {
    let node = Node::new(PROGRAM);
    for (unit, most) in [("hps-web.service", "25"), ("hps-web-tls.service", "45")] {
        let path = packaged(unit).display().to_string();
        let text = std::fs::read_to_string(&path).unwrap();
        assert!(unit != "hps-web.service" || (text.contains("User=hps\n") && text.contains("site.key")), "{text}");
        let judged = node.run("systemd-analyze", &["security", "--offline=true", "--threshold", most, &path]);
        assert_eq!(judged.code, 0, "{unit}: {}{}", judged.out, judged.err);
    }
}
