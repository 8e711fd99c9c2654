// SPDX-License-Identifier: GPL-3.0-or-later
//! `reload` when a service does not start: the old configuration is back, and the old services run.

use crate::PROGRAM;
use crate::services::{Mounted, configure_under, serves, stand_in, text_of};
use crate::support::{Answer, Node, SERVER};
use std::process::Stdio;

/// The check of a configuration proves little. What served machines before goes on serving them.
#[test]
fn a_service_that_does_not_come_up_leaves_the_old_one() {
    let cases = [
        (1, "dnsmasq", "--test", "10.99.0.250", "exit 0"),
        (1, "dnsmasq", "--test", "10.99.0.250", "echo 'dnsmasq: failed to create socket' >&2; exit 2"),
        // It reports success, and ends in the background.
        (1, "dnsmasq", "--test", "10.99.0.250", "sleep 0.2 & echo $! > PIDS/dnsmasq.pid; exit 0"),
        (1, "lighttpd", "-tt", "port = 8099", "exit 0"),
        (1, "lighttpd", "-tt", "port = 8099", "echo 'lighttpd: cannot' >&2; exit 255"),
        (5, "lighttpd", "-tt", "port = 8099", "echo 'bind: Address already in use' >&2; exit 255"),
    ];
    for (code, name, check, word, how) in cases {
        let node = Node::served(PROGRAM);
        let how = how.replace("PIDS", &node.path("run/hps").to_string_lossy());
        let file = node.path("srv/hps-config/clusters/lab.cluster");
        let text = text_of(&file);
        let text = text.replace("ntp = []", "ntp = [\"10.99.0.250\"]");
        let text = if name == "lighttpd" { text.replace("http_port = 80 ", "http_port = 8099 ") } else { text };
        std::fs::write(&file, text).unwrap();
        let before = node.snapshot("srv/hps-config/services");
        let folder = node.path("stand-ins");
        stand_in(&node, &folder, name, check, word, &how);
        let answer = Answer::from_output(node.command_with(&folder, "reload").output().unwrap());
        answer.fails(code, &[name, "the old configuration was restored", "started with it"]);
        assert!(node.snapshot("srv/hps-config/services") == before, "{name}: {answer:?}");
        // Both serve as before.
        node.run("curl", &["-sSf", &format!("http://{SERVER}/cgi-bin/boot_manager?cmd=init")]).done();
        let fetched = node.run("curl", &["-sS", "-o", "/dev/null", &format!("tftp://{SERVER}/undionly.kpxe")]);
        assert_eq!(fetched.code, 0, "{name}: {fetched:?}");
        // And the next run, with a program that works, completes it.
        let answer = node.run("reload", &["--json"]);
        assert!(answer.code == 0 && answer.out.contains(&format!("{name}.conf")), "{answer:?}");
    }
}

/// "Started" is not said of one that is there and serves nothing.
#[test]
fn a_service_that_does_not_listen_is_not_started() {
    let node = Node::new(PROGRAM);
    node.configure(&["--no-reload"]).done();
    let pid = node.path("run/hps/lighttpd.pid");
    let how = format!("setsid sleep 60 & echo $! > {}; exit 0", pid.display());
    let how = how.replace("sleep 60", "sh -c 'sleep 60; :' \"$last\" ");
    let folder = node.path("stand-ins");
    stand_in(&node, &folder, "lighttpd", "-tt", "server.port", &how);
    let answer = Answer::from_output(node.command_with(&folder, "reload").output().unwrap());
    answer.fails(1, &["lighttpd was started but does not listen at 10.99.0.1:80"]);
}

/// The boot manager reads the cluster file at each request: with the new one and the old services, machines would ask at a port where nobody
/// listens.
#[test]
fn a_cluster_file_whose_services_do_not_come_up_is_the_old_one_again() {
    let node = Node::new(PROGRAM);
    let folder = node.path("stand-ins");
    stand_in(&node, &folder, "lighttpd", "-tt", "port = 8099", "echo 'lighttpd: cannot' >&2; exit 255");
    let configure = |more: &[&str]| {
        let mut command = node.command_with(&folder, "cluster-configure");
        Answer::from_output(command.args(more).stdin(Stdio::null()).output().unwrap())
    };
    // Where there is no old one, the new one stays: the next reload tries it.
    node.configure(&["--no-reload"]).done();
    let file = node.path("srv/hps-config/clusters/lab.cluster");
    let first = text_of(&file);
    std::fs::remove_file(node.path("srv/hps-config/clusters/active")).unwrap();
    configure(&["--name", "lab", "--http-port", "8099"])
        .fails(1, &["the cluster is configured, but its services do not run", "lighttpd"]);
    assert!(text_of(&file).contains("http_port = 8099"));
    for name in ["dnsmasq", "lighttpd"] {
        let Ok(pid) = std::fs::read_to_string(node.path(&format!("run/hps/{name}.pid"))) else { continue };
        let process = std::fs::read(format!("/proc/{}/cmdline", pid.trim())).unwrap_or_default();
        assert!(process.is_empty(), "{name} runs by a configuration that is no more");
    }
    std::fs::write(&file, &first).unwrap();
    node.run("reload", &[]).done();
    // The services, the file and what the boot manager takes from it are the old ones.
    let before = node.snapshot("srv/hps-config/services");
    configure(&["--name", "lab", "--http-port", "8099"]).fails(
        1,
        &["lighttpd", "the old configuration was restored", "started with it", "the old cluster file was restored"],
    );
    assert!(node.snapshot("srv/hps-config/services") == before);
    assert_eq!(text_of(&file), first);
    serves(&node, 80);
    node.run("reload", &["--dry-run"]).done();
    // Another cluster does not stay the active one.
    configure(&[
        "--name",
        "other",
        "--interface",
        "br0",
        "--address",
        "10.99.0.1/24",
        "--http-port",
        "8099",
        "--activate",
    ]);
    let active = std::fs::read_link(node.path("srv/hps-config/clusters/active")).unwrap();
    assert_eq!(active.file_name().unwrap(), "lab.cluster");
    assert!(!node.path("srv/hps-config/clusters/other.cluster").exists());
    serves(&node, 80);
    // With a program that works, the same command is done.
    node.run("cluster-configure", &["--name", "lab", "--http-port", "8099"]).done();
    serves(&node, 8099);
}

/// Without a service manager HPS knows nothing of what runs. A file that is a mount point is one that cannot be replaced.
#[test]
fn without_a_service_manager_only_the_old_files_are_back() {
    let node = Node::new(PROGRAM);
    configure_under(&node, "none");
    node.run("reload", &[]).done();
    let file = node.path("srv/hps-config/clusters/lab.cluster");
    let old = text_of(&file);
    let text = old.replace("http_port = 80 ", "http_port = 8099 ").replace("ntp = []", "ntp = [\"10.99.0.250\"]");
    std::fs::write(&file, text).unwrap();
    let lighttpd = node.path("srv/hps-config/services/lighttpd.conf");
    let before = node.snapshot("srv/hps-config/services");
    let mounted = Mounted::new(&["--bind", &lighttpd.display().to_string()], &lighttpd);
    let answer = node.run("reload", &[]);
    answer.fails(1, &["lighttpd.conf", "the old configuration was restored"]);
    assert!(!answer.err.contains("started with it"), "{answer:?}");
    drop(mounted);
    assert!(node.snapshot("srv/hps-config/services") == before);
    node.run("reload", &[]).done();
    assert!(text_of(&lighttpd).contains("port = 8099"));
}
