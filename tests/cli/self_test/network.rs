// SPDX-License-Identifier: GPL-3.0-or-later
//! Faults of services, ports and the network, planted one at a time.

use super::GoodNode;
use crate::setup::MAC;
use std::time::{Duration, Instant};

const LEASES: &str = "srv/hps-config/state/dnsmasq.leases";

impl GoodNode {
    fn pid(&self, service: &str) -> String {
        std::fs::read_to_string(self.node.path(&format!("run/hps/{service}.pid"))).unwrap().trim().to_owned()
    }

    fn signal(&self, signal: &str, service: &str) {
        self.node.run("kill", &[signal, &self.pid(service)]).done();
        // A process that was killed holds its ports for a moment.
        std::thread::sleep(std::time::Duration::from_millis(500));
    }

    /// Another program on a port of all addresses, until the value ends.
    fn holder(&self, kind: &str, port: &str) -> std::process::Child {
        let script = "import socket, sys, time\n\
             s = socket.socket(socket.AF_INET, getattr(socket, sys.argv[1]))\n\
             s.bind(('0.0.0.0', int(sys.argv[2])))\n\
             s.type == socket.SOCK_STREAM and s.listen()\n\
             time.sleep(600)";
        let child = self.node.command("python3").args(["-c", script, kind, port]).spawn().unwrap();
        std::thread::sleep(std::time::Duration::from_secs(1));
        child
    }

    fn repair(&self) {
        self.node.run("reload", &[]).done();
    }
}

#[test]
fn a_service_that_does_not_run() {
    let good = GoodNode::new();
    for service in ["dnsmasq", "lighttpd"] {
        good.signal("-9", service);
        good.finds("problem", "services", &[service, "reload"]);
        good.repair();
    }
    // It runs and does nothing.
    good.signal("-STOP", "dnsmasq");
    good.finds("problem", "dhcp", &["dnsmasq answers no test client"]);
    good.signal("-CONT", "dnsmasq");
    good.signal("-STOP", "lighttpd");
    good.finds("problem", "boot-files", &["http://10.99.0.1/boot/", "a client cannot fetch it"]);
    good.signal("-CONT", "lighttpd");
    std::fs::write(good.node.path("run/hps/restart-owed"), "dnsmasq\n").unwrap();
    good.finds("problem", "reload", &["dnsmasq", "interrupted"]);
    good.repair();
    good.is_good();
}

#[test]
fn a_port_that_another_program_has() {
    let good = GoodNode::new();
    for (service, kind, port) in [
        ("dnsmasq", "SOCK_DGRAM", "69"),
        ("dnsmasq", "SOCK_STREAM", "53"),
        ("dnsmasq", "SOCK_DGRAM", "67"),
        ("lighttpd", "SOCK_STREAM", "80"),
    ] {
        good.signal("-9", service);
        let mut holder = good.holder(kind, port);
        good.finds("problem", "ports", &[&format!(" port {port} "), "python3", &format!("process {}", holder.id())]);
        holder.kill().unwrap();
        holder.wait().unwrap();
        good.repair();
    }
    good.is_good();
}

#[test]
fn an_interface_that_machines_do_not_reach() {
    let mut good = GoodNode::new();
    good.node.run("ip", &["address", "del", "10.99.0.1/24", "dev", "br0"]).done();
    good.finds("problem", "interface", &["10.99.0.1/24", "ip address add"]);
    good.node.run("ip", &["address", "add", "10.99.0.1/24", "dev", "br0"]).done();
    good.node.run("ip", &["link", "set", "br0", "down"]).done();
    good.finds("problem", "interface", &["down", "ip link set br0 up"]);
    good.node.run("ip", &["link", "set", "br0", "name", "gone"]).done();
    good.finds("problem", "interface", &["br0", "not on this machine"]);
    good.node.run("ip", &["link", "set", "gone", "name", "br0"]).done();
    good.node.run("ip", &["link", "set", "br0", "up"]).done();
    // A bridge takes a moment until its ports forward.
    let begun = Instant::now();
    while !good.node.run("ip", &["link", "show", "br0"]).out.contains("LOWER_UP") {
        assert!(begun.elapsed() < Duration::from_secs(10), "the bridge has no carrier");
        std::thread::sleep(Duration::from_millis(50));
    }
    good.is_good();
    good.neighbour.dnsmasq("10.99.0.200,10.99.0.210", &["--no-ping"]);
    good.finds("problem", "dhcp-servers", &["10.99.0.254", "cluster-configure --dhcp proxy"]);
    good.neighbour.stop();
    good.neighbour.run("ip", &["address", "add", "10.99.0.2/24", "dev", "far"]).done();
    good.finds("problem", "addresses", &["10.99.0.2", "sch-001"]);
    good.neighbour.run("ip", &["address", "del", "10.99.0.2/24", "dev", "far"]).done();
    good.is_good();
}

#[test]
fn a_name_that_is_not_served_and_a_boot_manager_that_does_not_answer() {
    let good = GoodNode::new();
    std::fs::remove_file(good.node.path("srv/hps-config/services/dns-hosts.lab/525400000001")).unwrap();
    good.finds("problem", "names", &["525400000001", "reload"]);
    good.repair();
    let program = good.node.path("srv/hps-system/http/cgi-bin/boot_manager");
    let content = std::fs::read(&program).unwrap();
    std::fs::write(&program, "#!/bin/sh\nexit 1\n").unwrap();
    good.finds("problem", "boot-manager", &["boot_manager", "reload"]);
    std::fs::write(&program, content).unwrap();
    // What the boot manager reads is there, and it cannot: for a reason that no other check knows.
    good.node.run("chmod", &["644", program.to_str().unwrap()]).done();
    good.finds("problem", "rights", &["boot_manager", "cannot read"]);
    good.node.run("chmod", &["755", program.to_str().unwrap()]).done();
    good.is_good();
}

#[test]
fn leases_that_keep_a_host_from_its_address() {
    let good = GoodNode::new();
    let now = good.node.run("date", &["+%s"]).out.trim().parse::<i64>().unwrap();
    let with = |line: &str| {
        good.node.run("reload", &["--stop"]).done();
        std::fs::write(good.node.path(LEASES), line).unwrap();
        good.repair();
    };
    with(&format!("{} 52:54:00:00:00:99 10.99.0.2 * *\n", now + 3000));
    good.finds("problem", "leases", &["52:54:00:00:00:99", "10.99.0.2", "sch-001"]);
    with(&format!("{} {MAC} 10.99.0.77 sch-001 *\n", now + 3000));
    good.finds("warning", "leases", &["10.99.0.77", "not its address"]);
    with(&format!("{} 52:54:00:00:00:99 10.99.0.177 * *\n", now + 300_000));
    good.finds("warning", "leases", &["10.99.0.177", "later than any lease"]);
    // One of the dynamic range, and one that has ended.
    with(&format!("{} {MAC} 10.99.0.177 * *\n{} {MAC} 10.99.0.77 * *\n", now + 3000, now - 3000));
    good.is_good();
}

/// Each mode of DHCP has its own good node; and a port of a bridge that is silent at first is none for a client.
#[test]
fn a_node_beside_another_dhcp_server_is_good_too() {
    let mut good = GoodNode::new();
    good.neighbour.dnsmasq("10.99.0.200,10.99.0.210", &["--no-ping"]);
    good.node.configure(&["--dhcp", "proxy"]).done();
    good.is_good();
    good.neighbour.stop();
    good.node.configure(&["--dhcp", "none"]).fails(1, &["no other server"]);
    let lines = good.node.run("reload", &["--print", "dnsmasq"]);
    lines.done();
    let file = good.node.path("lines.conf");
    std::fs::write(&file, lines.out).unwrap();
    let conf = format!("--conf-file={}", file.display());
    good.neighbour.dnsmasq("10.99.0.200,10.99.0.210", &["--no-ping", &conf]);
    good.is_good();
    good.neighbour.stop();
    good.neighbour.dnsmasq("10.99.0.200,10.99.0.210", &["--no-ping"]);
    let answer = good.test(&["--only", "dhcp"]);
    assert!(answer.code == 1 && answer.out.lines().all(|line| line.contains("reload --print")), "{answer:?}");
    good.neighbour.stop();
    good.node.configure(&["--dhcp", "server"]).done();
    good.node.run("ip", &["link", "set", "br0", "type", "bridge", "stp_state", "1"]).done();
    good.is_good();
}
