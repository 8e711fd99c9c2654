// SPDX-License-Identifier: GPL-3.0-or-later
//! This node as the time server of the site, with the real chronyd. It runs with `-x`, so the clock of the machine that
//! runs the tests stays as it is.

use crate::PROGRAM;
use crate::neighbour::Neighbour;
use crate::services::executable;
use crate::setup::edit_cluster;
use crate::support::{Answer, Node, SERVER};
use std::path::Path;

/// Asks by SNTP (RFC 4330) and prints the stratum of the answer.
const ASK: &str = "import socket, sys\n\
    s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)\n\
    s.settimeout(5)\n\
    s.sendto(b'\\x23' + 47 * b'\\0', (sys.argv[1], 123))\n\
    print(s.recv(100)[1])";

fn reload(node: &Node, arguments: &[&str]) -> Answer {
    let folder = node.path("programs");
    Answer::from_output(node.command_with(&folder, "reload").args(arguments).output().unwrap())
}

fn chrony_conf(node: &Node) -> Option<String> {
    std::fs::read_to_string(node.path("srv/hps-config/services/chrony.conf")).ok()
}

fn pid(node: &Node) -> Option<String> {
    std::fs::read_to_string(node.path("run/hps/chronyd.pid")).ok()
}

#[test]
fn the_site_has_a_time_server_if_it_wants_one() {
    let node = Node::new(PROGRAM);
    let neighbour = Neighbour::new(&node, "10.99.0.254/24");
    node.configure(&[]).done();
    let real = node.path("real-chronyd");
    std::fs::copy("/usr/sbin/chronyd", &real).expect("apt-get install chrony");
    executable(&node.path("programs/chronyd"), &format!("#!/bin/sh\nexec {} -x \"$@\"\n", real.display()));
    assert_eq!((chrony_conf(&node), pid(&node)), (None, None));

    edit_cluster(&node, "server = false", "server = true");
    let dry = reload(&node, &["--dry-run"]);
    assert!(dry.code == 10 && dry.out.contains("chronyd would be started"), "{dry:?}");
    reload(&node, &[]).done();
    let first = pid(&node).expect("chronyd runs");
    let conf = std::fs::read_to_string(node.path("srv/hps-config/services/dnsmasq.conf")).unwrap();
    assert!(conf.contains(&format!("dhcp-option=option:ntp-server,{SERVER}\n")), "{conf}");
    assert!(conf.contains(&format!("address=/ntp.lab.internal/ntp/{SERVER}\n")), "{conf}");
    let answer = neighbour.run("python3", &["-c", ASK, SERVER]);
    assert_eq!((answer.code, answer.out.trim()), (0, "10"), "{answer:?}");
    reload(&node, &["--dry-run"]).done();

    edit_cluster(&node, "upstream = []", "upstream = [\"10.99.0.250\", \"ntp.example\"]");
    reload(&node, &[]).done();
    let conf = chrony_conf(&node).unwrap();
    assert!(conf.contains("server 10.99.0.250 iburst\n") && conf.contains("server ntp.example iburst\n"), "{conf}");
    assert_ne!(pid(&node).expect("chronyd runs"), first);

    edit_cluster(&node, "server = true", "server = false");
    reload(&node, &[]).fails(1, &["time.upstream", "time.server"]);
    edit_cluster(&node, "upstream = [\"10.99.0.250\", \"ntp.example\"]", "upstream = []");
    reload(&node, &[]).done();
    assert_eq!((chrony_conf(&node), pid(&node)), (None, None));
}

#[test]
fn another_time_server_on_this_node_is_named() {
    let node = Node::served(PROGRAM);
    let script = "import socket, time\ns = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)\ns.bind(('0.0.0.0', 123))\ntime.sleep(600)";
    let mut other = node.command("python3").args(["-c", script]).spawn().unwrap();
    std::thread::sleep(std::time::Duration::from_secs(1));
    edit_cluster(&node, "server = false", "server = true");
    node.run("reload", &[]).fails(5, &["port 123 (NTP)", "ss -lntup"]);
    other.kill().unwrap();
    other.wait().unwrap();
}

/// Debian's own chronyd serves nobody, so it has no open port. Another program stands for it under its name: a real one
/// would set the clock of the machine that runs the tests. A PID namespace keeps it from the other tests.
#[test]
fn another_chronyd_on_this_node_is_named() {
    let node = Node::unserved(PROGRAM);
    std::fs::copy("/usr/bin/sleep", node.path("chronyd")).unwrap();
    edit_cluster(&node, "server = false", "server = true");
    let beside = |program: &str, arguments: &str| {
        let program = Path::new(PROGRAM).with_file_name(program);
        let script = format!("\"$1\" 60 & sleep 1; \"$2\" {arguments}");
        let mut run = node.command("unshare");
        run.args(["--pid", "--fork", "--mount-proc", "sh", "-c", &script, "sh"]).arg(node.path("chronyd")).arg(program);
        Answer::from_output(run.stdin(std::process::Stdio::null()).output().unwrap())
    };
    beside("reload", "").fails(5, &["another chronyd (process ", "systemctl disable --now chrony"]);
    assert_eq!((chrony_conf(&node), pid(&node)), (None, None));
    let answer = beside("self-test", "--only services");
    let line = answer.out.lines().find(|line| line.starts_with("problem services: another chronyd (process "));
    assert!(line.is_some_and(|line| line.contains("systemctl disable --now chrony")), "{answer:?}");
}
