// SPDX-License-Identifier: GPL-3.0-or-later
//! `reload` starts dnsmasq and lighttpd, and starts again only what has a new configuration.

use crate::PROGRAM;
use crate::services::Holder;
use crate::setup::edit_cluster;
use crate::support::{Node, SERVER};
use std::process::Stdio;

#[test]
fn the_boot_loaders_are_served_by_tftp_and_http() {
    let node = Node::served(PROGRAM);
    for file in ["undionly.kpxe", "snponly.efi"] {
        let expected = std::fs::read(format!("/usr/lib/ipxe/{file}")).expect("apt-get install ipxe");
        for url in [format!("tftp://{SERVER}/{file}"), format!("http://{SERVER}/boot/{file}")] {
            let fetched = node.command("curl").args(["-sS", &url]).output().unwrap();
            assert!(fetched.stdout == expected, "{url}: {}", String::from_utf8_lossy(&fetched.stderr));
        }
    }
}

fn pid(node: &Node, service: &str) -> String {
    std::fs::read_to_string(node.path(&format!("run/hps/{service}.pid"))).unwrap()
}

#[test]
fn a_change_restarts_only_what_reads_it() {
    let node = Node::served(PROGRAM);
    let (dnsmasq, lighttpd) = (pid(&node, "dnsmasq"), pid(&node, "lighttpd"));
    edit_cluster(&node, "ntp = []", "ntp = [\"10.99.0.250\"]");
    let dry = node.run("reload", &["--dry-run"]);
    assert_eq!(dry.code, 10);
    assert!(dry.out.contains("+dhcp-option=option:ntp-server,10.99.0.250"), "{}", dry.out);
    assert_eq!(pid(&node, "dnsmasq"), dnsmasq);
    let answer = node.run("reload", &["--json"]);
    assert_eq!(answer.code, 0, "{}", answer.err);
    assert!(answer.out.contains("dnsmasq.conf") && !answer.out.contains("lighttpd.conf"), "{}", answer.out);
    assert_ne!(pid(&node, "dnsmasq"), dnsmasq);
    assert_eq!(pid(&node, "lighttpd"), lighttpd);
    node.run("reload", &["--dry-run"]).done();
}

#[test]
fn stop_ends_both_services_and_a_dry_run_of_it_none() {
    let node = Node::served(PROGRAM);
    let lighttpd = pid(&node, "lighttpd");
    let dry = node.run("reload", &["--stop", "--dry-run"]);
    assert_eq!((dry.code, dry.out.lines().count()), (10, 2), "{}", dry.out);
    assert!(dry.out.starts_with("dnsmasq ") && dry.out.contains("\nlighttpd "), "{}", dry.out);
    assert_eq!(pid(&node, "lighttpd"), lighttpd);
    node.run("reload", &["--stop"]).done();
    for service in ["dnsmasq", "lighttpd"] {
        assert!(!node.path(&format!("run/hps/{service}.pid")).exists(), "{service}");
    }
    // Gone, or waiting to be collected by process 1.
    assert!(std::fs::read(format!("/proc/{}/cmdline", lighttpd.trim())).unwrap_or_default().is_empty());
    assert_eq!(node.run("reload", &["--stop"]).code, 0, "nothing to do");
}

fn lighttpd_conf(node: &Node) -> String {
    std::fs::read_to_string(node.path("srv/hps-config/services/lighttpd.conf")).unwrap()
}

fn answers_at(node: &Node, port: u16) {
    node.run("curl", &["-sSf", &format!("http://10.99.0.1:{port}/cgi-bin/boot_manager?cmd=init")]).done();
}

#[test]
fn a_port_in_use_is_named_and_nothing_is_changed() {
    let node = Node::unserved(PROGRAM);
    let before = node.snapshot("srv/hps-config/services");
    let other = Holder::new(&node, 80);
    node.run("reload", &[]).fails(5, &["port 80 (HTTP) of 10.99.0.1", "ss -lntup"]);
    drop(other);
    assert_eq!(node.snapshot("srv/hps-config/services"), before);
    node.run("reload", &[]).done();
}

/// A service that is to move keeps its place until the new one is known to be free.
#[test]
fn a_service_moves_to_a_port_that_is_free() {
    let node = Node::served(PROGRAM);
    let before = lighttpd_conf(&node);
    edit_cluster(&node, "http_port = 80 ", "http_port = 8099 ");
    let other = Holder::new(&node, 8099);
    for arguments in [&["--dry-run"][..], &[]] {
        node.run("reload", arguments).fails(5, &["port 8099 (HTTP) of 10.99.0.1"]);
    }
    assert_eq!(lighttpd_conf(&node), before);
    answers_at(&node, 80);
    drop(other);
    node.run("reload", &[]).done();
    answers_at(&node, 8099);
}

/// Its own port is not another program's, whatever somebody did to the file.
#[test]
fn a_configuration_that_somebody_edited_is_written_again() {
    let node = Node::served(PROGRAM);
    edit_cluster(&node, "http_port = 80 ", "http_port = 8099 ");
    node.run("reload", &[]).done();
    for edited in ["", "server.port=8099\n"] {
        std::fs::write(node.path("srv/hps-config/services/lighttpd.conf"), edited).unwrap();
        node.run("reload", &[]).done();
    }
    assert!(lighttpd_conf(&node).contains("\nserver.port = 8099\n"));
}

#[test]
fn reloads_take_turns() {
    let node = Node::unserved(PROGRAM);
    let start = || node.command("reload").stdout(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap();
    let all: Vec<_> = (0..4).map(|_| start()).collect();
    for reload in all {
        let output = reload.wait_with_output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    }
}

#[test]
fn a_reload_that_waits_in_vain_names_who_holds_the_lock() {
    let node = Node::served(PROGRAM);
    let lock = node.path("run/hps/reload.lock");
    let file = std::fs::OpenOptions::new().read(true).write(true).open(&lock).unwrap();
    file.lock().unwrap();
    // What an older version wrote there names nobody.
    std::fs::write(&lock, "cluster-configure (process 4711)").unwrap();
    let owner = format!("process {} (", std::process::id());
    node.run("reload", &["--wait", "1"]).fails(5, &[&owner, "within 1 seconds"]);
    drop(file);
    node.run("reload", &["--wait", "0"]).done();
}
