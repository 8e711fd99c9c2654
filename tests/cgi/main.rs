// SPDX-License-Identifier: GPL-3.0-or-later
//! The boot manager under the real lighttpd, and the same by hand.
#![allow(
    clippy::disallowed_methods,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test says what went wrong by panicking"
)]

mod clients;
mod crowd;
mod methods;
#[path = "../support/mod.rs"]
mod support;
mod throw;

use std::process::Command;
use support::{Node, SERVER};

const PROGRAM: &str = env!("CARGO_BIN_EXE_boot_manager");
const MAC: &str = "525400000001";

/// What lighttpd adds to the answer of the program, and what it takes away.
fn normal(headers: &str) -> Vec<String> {
    let own = ["content-type:", "content-length:", "cache-control:", "x-hps-error:"];
    let mut lines: Vec<String> = headers
        .lines()
        .map(|l| l.trim().to_ascii_lowercase())
        .filter(|l| own.iter().any(|o| l.starts_with(o)) || l.starts_with("status:") || l.starts_with("http/1.1 "))
        .map(|l| l.replace("http/1.1 ", "status: "))
        .collect();
    lines.sort();
    lines
}

fn split(answer: &[u8]) -> (Vec<String>, Vec<u8>) {
    let end = answer.windows(4).position(|w| w == b"\r\n\r\n").expect("headers end");
    (normal(&String::from_utf8_lossy(&answer[..end])), answer[end + 4..].to_vec())
}

#[test]
fn the_same_bytes_under_lighttpd_and_by_hand() {
    let node = Node::served(PROGRAM);
    node.run("host-state", &["add", MAC, "--type", "SCH"]).done();
    for query in [
        "cmd=init".to_owned(),
        format!("cmd=boot_action&mac={MAC}"),
        format!("cmd=boot_action&mac={MAC}&product=a%20b&platform=pcbios"),
        "cmd=boot_action&mac=52:54:00:00:00:99".to_owned(),
        format!("cmd=process_menu_item&mac={MAC}&menu_item=init_menu"),
        format!("cmd=process_menu_item&mac={MAC}&menu_item=show_host"),
        format!("cmd=process_menu_item&mac={MAC}&menu_item=install_SCH"),
        format!("cmd=answer&mac={MAC}&ticket=1-1-{}", "0".repeat(64)),
        format!("cmd=event&mac={MAC}&token=x&stage=started"),
        "cmd=boot_action&mac=zz".to_owned(),
        "cmd=none".to_owned(),
        String::new(),
    ] {
        for name in ["boot_manager", "boot_manager.sh"] {
            let url = format!("http://{SERVER}/cgi-bin/{name}?{query}");
            let served = node.command("curl").args(["-sS", "-i", &url]).output().unwrap();
            let by_hand = Command::new(PROGRAM)
                .env_clear()
                .env("HPS_CONFIG", node.conf())
                .env("QUERY_STRING", &query)
                .output()
                .unwrap();
            assert_eq!(split(&served.stdout), split(&by_hand.stdout), "{query}");
        }
    }
}

#[test]
fn the_web_server_gives_out_only_what_it_should() {
    let node = Node::served(PROGRAM);
    let status = |path: &str| {
        let url = format!("http://{SERVER}{path}");
        node.run("curl", &["-sS", "--path-as-is", "-o", "/dev/null", "-w", "%{http_code}", &url]).out
    };
    std::fs::write(node.path("srv/hps-resources/distros/run.sh"), "#!/bin/sh\necho executed\n").unwrap();
    std::os::unix::fs::symlink("/etc/passwd", node.path("srv/hps-resources/distros/link")).unwrap();
    for (path, expected) in [
        ("/distros/run.sh", "200"),
        ("/distros/link", "403"),
        ("/distros/", "403"),
        ("/distros/../hps-config/state/site.key", "404"),
        ("/cgi-bin/", "403"),
        ("/cgi-bin/boot_manager/../../../hps-config/hps.conf", "404"),
        ("/cgi-bin/boot_manager/x", "403"),
        ("/cgi-bin/boot_managerx", "403"),
        ("/hps-config/state/site.key", "404"),
    ] {
        assert_eq!(status(path), expected, "{path}");
    }
    let script = node.run("curl", &["-sS", &format!("http://{SERVER}/distros/run.sh")]).out;
    assert!(script.contains("echo executed"), "served, not run: {script}");
    // A secret in a query is in no log.
    let secret = format!("http://{SERVER}/cgi-bin/boot_manager?cmd=answer&mac={MAC}&ticket=9-9-sesame");
    node.run("curl", &["-sS", &secret]).done();
    for (path, content) in node.snapshot("srv/log") {
        assert!(!String::from_utf8_lossy(&content).contains("sesame"), "{}", path.display());
    }
}

#[test]
fn many_machines_ask_at_once() {
    let node = Node::served(PROGRAM);
    // Leases, as dnsmasq writes them, say which machine has which address; here all requests come from this one.
    let url = format!("http://{SERVER}/cgi-bin/boot_manager?cmd=boot_action&mac=5254000000[10-89]");
    let answers = node.run("curl", &["-sS", "--parallel", "--parallel-max", "40", &url]);
    assert_eq!(answers.out.matches("#!ipxe").count(), 80, "{}", answers.err);
    assert!(!answers.out.contains("cannot answer"), "{}", answers.out);
}

/// A person who starts it by hand is told what it is; as a CGI it looks at no argument.
#[test]
fn by_hand_it_says_what_it_is() {
    let run = |argument: &str, variables: &[(&str, &str)]| {
        let mut command = std::process::Command::new(PROGRAM);
        command.arg(argument).env_clear().envs(variables.iter().copied());
        let output = command.stdin(std::process::Stdio::null()).output().unwrap();
        (output.status.code(), String::from_utf8(output.stdout).unwrap())
    };
    let (code, text) = run("--help", &[]);
    assert!(code == Some(0) && text.starts_with("boot_manager is a CGI program") && text.contains("explain"), "{text}");
    assert_eq!(run("--version", &[]), (Some(0), format!("boot_manager {}\n", env!("CARGO_PKG_VERSION"))));
    for variables in [[("GATEWAY_INTERFACE", "CGI/1.1")], [("QUERY_STRING", "")]] {
        for argument in ["--help", "--version"] {
            let (_, text) = run(argument, &variables);
            assert!(text.starts_with("Status: 400"), "{variables:?} {text}");
        }
    }
    assert!(run("help", &[]).1.starts_with("Status: 400"));
}
