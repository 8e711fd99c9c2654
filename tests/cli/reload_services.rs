// SPDX-License-Identifier: GPL-3.0-or-later
//! `reload` starts dnsmasq and lighttpd, and starts again only what has a new configuration.

use crate::PROGRAM;
use crate::services::Holder;
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
    let dry = node.run("reload", &["--stop", "--dry-run"]);
    assert_eq!((dry.code, dry.out.as_str()), (10, "dnsmasq would be ended\nlighttpd would be ended\n"));
    assert_eq!(pid("lighttpd"), lighttpd);
    node.run("reload", &["--stop"]).done();
    for service in ["dnsmasq", "lighttpd"] {
        assert!(!node.path(&format!("run/hps/{service}.pid")).exists(), "{service}");
    }
    // Gone, or waiting to be collected by process 1.
    assert!(std::fs::read(format!("/proc/{}/cmdline", lighttpd.trim())).unwrap_or_default().is_empty());
    assert_eq!(node.run("reload", &["--stop"]).code, 0, "nothing to do");
}

#[test]
fn a_port_in_use_is_named_and_nothing_is_changed() {
    let node = Node::new(PROGRAM);
    node.configure(&["--no-reload"]).done();
    let before = node.snapshot("srv/hps-config/services");
    let other = Holder::new(&node, 80);
    node.run("reload", &[]).fails(5, &["port 80 (HTTP) of 10.99.0.1 is in use", "ss -lntup"]);
    drop(other);
    assert_eq!(node.snapshot("srv/hps-config/services"), before);
    node.run("reload", &[]).done();
    // A running one that is to move keeps its place until the new one is known to be free.
    let file = node.path("srv/hps-config/clusters/lab.cluster");
    let text = std::fs::read_to_string(&file).unwrap();
    let configuration = || std::fs::read_to_string(node.path("srv/hps-config/services/lighttpd.conf")).unwrap();
    let before = configuration();
    std::fs::write(&file, text.replace("http_port = 80 ", "http_port = 8099 ")).unwrap();
    let other = Holder::new(&node, 8099);
    for arguments in [&["--dry-run"][..], &[]] {
        node.run("reload", arguments).fails(5, &["port 8099 (HTTP) of 10.99.0.1 is in use"]);
    }
    assert_eq!(configuration(), before);
    node.run("curl", &["-sSf", "http://10.99.0.1/cgi-bin/boot_manager?cmd=init"]).done();
    drop(other);
    node.run("reload", &[]).done();
    node.run("curl", &["-sSf", "http://10.99.0.1:8099/cgi-bin/boot_manager?cmd=init"]).done();
    // Its own port is not another program's, whatever somebody did to the file.
    for edited in ["", "server.port=8099\n"] {
        std::fs::write(node.path("srv/hps-config/services/lighttpd.conf"), edited).unwrap();
        node.run("reload", &[]).done();
    }
    assert!(configuration().contains("\nserver.port = 8099\n"));
}

#[test]
fn two_reloads_take_turns() {
    let node = Node::new(PROGRAM);
    node.configure(&["--no-reload"]).done();
    let start = || node.command("reload").stdout(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap();
    let both: Vec<_> = (0..4).map(|_| start()).collect();
    for reload in both {
        let output = reload.wait_with_output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    }
    // Who has it is named.
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
