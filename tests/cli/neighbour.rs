// SPDX-License-Identifier: GPL-3.0-or-later
//! Another machine on the network of a node: a network namespace behind a port of the node's bridge.

use crate::support::{Answer, INTERFACE, Node};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

/// The other machine. Its programs end when it is dropped.
pub(crate) struct Neighbour {
    /// Keeps the namespace.
    holder: Child,
    programs: Vec<Child>,
}

impl Neighbour {
    /// With this address, such as `10.99.0.254/24`.
    pub(crate) fn new(node: &Node, address: &str) -> Self {
        let holder = node.command("unshare").args(["--net", "sleep", "600"]).stdin(Stdio::null()).spawn().unwrap();
        let pid = holder.id().to_string();
        let own = std::fs::read_link("/proc/self/ns/net").unwrap();
        let begun = Instant::now();
        let node_space = node.run("readlink", &["/proc/self/ns/net"]).out;
        // `ip netns exec` and unshare become the program, so the child itself enters both namespaces.
        while std::fs::read_link(format!("/proc/{pid}/ns/net"))
            .is_ok_and(|now| now == own || now.to_string_lossy() == node_space.trim())
        {
            assert!(begun.elapsed() < Duration::from_secs(10), "no namespace");
            std::thread::sleep(Duration::from_millis(20));
        }
        node.run("ip", &["link", "add", "near", "type", "veth", "peer", "name", "far", "netns", &pid]).done();
        node.run("ip", &["link", "set", "near", "master", INTERFACE, "up"]).done();
        let neighbour = Self { holder, programs: Vec::new() };
        for arguments in [
            &["address", "add", address, "dev", "far"][..],
            &["link", "set", "far", "up"],
            &["link", "set", "lo", "up"],
        ] {
            neighbour.run("ip", arguments).done();
        }
        neighbour
    }

    pub(crate) fn command(&self, program: &str) -> Command {
        let mut command = Command::new("nsenter");
        command.args(["--net", "--target", &self.holder.id().to_string(), program]).stdin(Stdio::null());
        command
    }

    pub(crate) fn run(&self, program: &str, arguments: &[&str]) -> Answer {
        Answer::from_output(self.command(program).args(arguments).output().unwrap())
    }

    /// Starts a program that stays until the end of the test.
    pub(crate) fn start(&mut self, program: &str, arguments: &[&str]) {
        let child = self.command(program).args(arguments).stdout(Stdio::null()).stderr(Stdio::null()).spawn();
        self.programs.push(child.unwrap());
        std::thread::sleep(Duration::from_millis(500));
        let ended = self.programs.last_mut().unwrap().try_wait().unwrap();
        assert!(ended.is_none(), "{program} {arguments:?} ended: {ended:?}");
    }

    /// A dnsmasq that gives addresses of this range.
    pub(crate) fn dnsmasq(&mut self, range: &str, more: &[&str]) {
        let range = format!("--dhcp-range={range},1h");
        let common = ["-k", "-C", "/dev/null", "--port=0", "--interface=far", "--bind-interfaces", "--user=root"];
        let files = ["--dhcp-leasefile=/dev/null", "--leasefile-ro", "--pid-file="];
        self.start("dnsmasq", &[&common[..], &files[..], &[range.as_str()][..], more].concat());
    }

    /// Ends what was started.
    pub(crate) fn stop(&mut self) {
        for mut program in self.programs.drain(..) {
            let _gone = program.kill();
            let _status = program.wait();
        }
    }
}

impl Drop for Neighbour {
    fn drop(&mut self) {
        self.stop();
        let _gone = self.holder.kill();
        let _status = self.holder.wait();
    }
}
