// SPDX-License-Identifier: GPL-3.0-or-later
//! `reload`, with the real dnsmasq and lighttpd.

use crate::PROGRAM;
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

#[test]
fn a_change_restarts_only_what_reads_it() {
    let node = Node::served(PROGRAM);
    let pid = |service: &str| std::fs::read_to_string(node.path(&format!("run/hps/{service}.pid"))).unwrap();
    let (dnsmasq, lighttpd) = (pid("dnsmasq"), pid("lighttpd"));
    let file = node.path("srv/hps-config/clusters/lab.cluster");
    let text = std::fs::read_to_string(&file).unwrap();
    std::fs::write(&file, text.replace("ntp = []", "ntp = [\"10.99.0.250\"]")).unwrap();
    let dry = node.run("reload", &["--dry-run"]);
    assert_eq!(dry.code, 10);
    assert!(dry.out.contains("+dhcp-option=option:ntp-server,10.99.0.250"), "{}", dry.out);
    assert_eq!(pid("dnsmasq"), dnsmasq);
    let answer = node.run("reload", &["--json"]);
    assert_eq!(answer.code, 0, "{}", answer.err);
    assert!(answer.out.contains("dnsmasq.conf") && !answer.out.contains("lighttpd.conf"), "{}", answer.out);
    assert_ne!(pid("dnsmasq"), dnsmasq);
    assert_eq!(pid("lighttpd"), lighttpd);
    node.run("reload", &["--dry-run"]).done();
    node.run("reload", &["--stop"]).done();
    // Gone, or waiting to be collected by process 1.
    assert!(std::fs::read(format!("/proc/{}/cmdline", lighttpd.trim())).unwrap_or_default().is_empty());
    assert_eq!(node.run("reload", &["--stop"]).code, 0, "nothing to do");
}

#[test]
fn a_bad_cluster_file_leaves_everything_as_it_was() {
    let node = Node::served(PROGRAM);
    let file = node.path("srv/hps-config/clusters/lab.cluster");
    let text = std::fs::read_to_string(&file).unwrap();
    std::fs::write(&file, text.replace("http_port = 80", "http_port = 99999")).unwrap();
    let before = node.snapshot("srv/hps-config/services");
    node.run("reload", &[]).fails(1, &["lab.cluster", "line 15"]);
    assert_eq!(node.snapshot("srv/hps-config/services"), before);
    assert!(
        node.run("curl", &["-sS", &format!("http://{SERVER}/cgi-bin/boot_manager?cmd=init")])
            .out
            .contains("lab.cluster: line 15")
    );
}

#[test]
fn a_port_in_use_is_named_and_nothing_is_changed() {
    let node = Node::new(PROGRAM);
    node.configure(&["--no-reload"]).done();
    let before = node.snapshot("srv/hps-config/services");
    let script =
        "import socket, sys\ns = socket.create_server(('10.99.0.1', 80))\nprint('up', flush=True)\nsys.stdin.read()";
    let mut other =
        node.command("python3").args(["-c", script]).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
    let mut line = String::new();
    std::io::BufRead::read_line(&mut std::io::BufReader::new(other.stdout.take().unwrap()), &mut line).unwrap();
    node.run("reload", &[]).fails(5, &["port 80 (HTTP) of 10.99.0.1 is in use", "ss -lntup"]);
    drop(other.stdin.take());
    other.wait().unwrap();
    assert_eq!(node.snapshot("srv/hps-config/services"), before);
    node.run("reload", &[]).done();
}

#[test]
fn a_missing_interface_or_address_is_named() {
    let node = Node::new(PROGRAM);
    node.configure(&["--no-reload"]).done();
    node.run("cluster-configure", &["--interface", "eth9", "--address", "10.99.0.1/24"])
        .fails(4, &["interface eth9", "ip address"]);
    node.run("cluster-configure", &["--interface", "br0", "--address", "10.98.0.1/24"])
        .fails(4, &["ip address add 10.98.0.1/24 dev br0"]);
}

#[test]
fn without_a_cluster_it_says_what_to_do() {
    let node = Node::new(PROGRAM);
    node.run("reload", &[]).fails(4, &["hps.conf", "cluster-configure"]);
    node.configure(&["--no-reload"]).done();
    std::fs::remove_file(node.path("srv/hps-config/clusters/active")).unwrap();
    node.run("reload", &[]).fails(4, &["no cluster is active", "cluster-configure"]);
}

#[test]
fn one_bad_record_stops_nobody_else() {
    let node = Node::served(PROGRAM);
    for mac in ["52:54:00:00:00:01", "52:54:00:00:00:02"] {
        node.run("host-state", &["add", mac, "--type", "SCH"]).done();
    }
    let bad = node.path("srv/hps-config/clusters/lab/hosts/525400000001.toml");
    std::fs::write(&bad, "version = 1\nstate = \"INSTALED\"\n").unwrap();
    let answer = node.run("reload", &[]);
    answer.fails(0, &["525400000001.toml", "line 2", "INSTALED"]);
    let entries = node.snapshot("srv/hps-config/services/dhcp-hosts.lab");
    assert_eq!(entries.len(), 2, "the bad one keeps the reservation it had");
    let list = node.run("host-state", &["list"]);
    assert_eq!(list.code, 1);
    assert!(list.out.contains("sch-002") && list.err.contains("line 2"), "{}{}", list.out, list.err);
}
