// SPDX-License-Identifier: GPL-3.0-or-later
//! A subnet behind a router: dnsmasq of a router namespace relays (`--dhcp-relay`), and a machine is behind it.

use crate::neighbour::Neighbour;
use crate::support::{Answer, Node, SERVER};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

/// The subnet of [`configure`], as the lines of a cluster file.
pub(crate) const RACK2: &str = "
[[subnet]]
name = \"rack2\"
network = \"10.99.1.0/24\"
dhcp_range = \"10.99.1.128-10.99.1.250\"
host_range = \"10.99.1.2-10.99.1.127\"
gateway = \"10.99.1.1\"
";

const ROUTER: &str = "10.99.0.254";
const DISCOVER: &str = include_str!("dhcp_discover.py");

/// A router with a relay, and a machine behind it. They end when they are dropped.
pub(crate) struct Relay {
    router: Neighbour,
    /// Keeps the namespace of the machine.
    machine: Child,
}

impl Relay {
    pub(crate) fn new(node: &Node) -> Self {
        let mut router = Neighbour::new(node, &format!("{ROUTER}/24"));
        node.run("ip", &["route", "add", "10.99.1.0/24", "via", ROUTER]).done();
        let mut holder = router.command("unshare");
        let machine = holder.args(["--net", "sleep", "600"]).spawn().unwrap();
        let pid = machine.id().to_string();
        let space = |of: &str| std::fs::read_link(format!("/proc/{of}/ns/net")).unwrap();
        let (own, routers) = (space("self"), router.run("readlink", &["/proc/self/ns/net"]).out);
        let begun = Instant::now();
        while space(&pid) == own || space(&pid).to_string_lossy() == routers.trim() {
            assert!(begun.elapsed() < Duration::from_secs(10), "no namespace");
            std::thread::sleep(Duration::from_millis(20));
        }
        router.run("ip", &["link", "add", "rack", "type", "veth", "peer", "name", "client", "netns", &pid]).done();
        router.run("ip", &["address", "add", "10.99.1.1/24", "dev", "rack"]).done();
        router.run("ip", &["link", "set", "rack", "up"]).done();
        router.run("sysctl", &["-qw", "net.ipv4.ip_forward=1"]).done();
        let relay = format!("--dhcp-relay=10.99.1.1,{SERVER}");
        router.start("dnsmasq", &["-k", "-C", "/dev/null", "--port=0", "--user=root", "--pid-file=", &relay]);
        Self { router, machine }
    }

    fn run(&self, program: &str, arguments: &[&str]) -> Answer {
        let mut command = Command::new("nsenter");
        command.args(["--net", "--target", &self.machine.id().to_string(), program]).args(arguments);
        Answer::from_output(command.stdin(Stdio::null()).output().unwrap())
    }

    /// The address and the boot file that a machine is offered; with `request` it takes the lease.
    fn offer(&self, mac: &str, arch: &str, request: &[&str]) -> (String, String) {
        let answer = self.run("python3", &[&["-c", DISCOVER, mac, arch, "no"][..], request].concat());
        answer.done();
        let (address, file) = answer.out.trim_end_matches('\n').split_once(' ').unwrap();
        (address.to_owned(), file.to_owned())
    }

    /// What the boot manager answers to the machine at this address, which says that it is `mac`.
    fn boot(&self, address: &str, mac: &str) -> String {
        self.run("ip", &["address", "flush", "dev", "client"]).done();
        self.run("ip", &["address", "add", &format!("{address}/24"), "dev", "client"]).done();
        self.run("ip", &["route", "replace", "default", "via", "10.99.1.1"]).done();
        let url = format!("http://{SERVER}/cgi-bin/boot_manager?cmd=boot_action&mac={mac}");
        let answer = self.run("curl", &["-sS", "--max-time", "20", &url]);
        answer.done();
        answer.out
    }
}

impl Drop for Relay {
    fn drop(&mut self) {
        self.router.stop();
        let _gone = self.machine.kill();
        let _status = self.machine.wait();
    }
}

/// A served node with the subnet, whose storage hosts can be installed.
pub(crate) fn configure(node: &Node, more: &str) {
    let file = node.path(crate::setup::CLUSTER);
    let text = std::fs::read_to_string(&file).unwrap();
    std::fs::write(&file, format!("{text}{RACK2}{more}")).unwrap();
    node.run("reload", &[]).done();
}

const MAC: &str = "52:54:00:00:01:01";
const OTHER: &str = "52:54:00:00:01:02";

#[test]
fn a_machine_behind_a_relay_gets_an_address_of_its_subnet_and_its_boot_file() {
    let node = crate::setup::rocky_node(&[]);
    let relay = Relay::new(&node);
    let silent = relay.run("python3", &["-c", DISCOVER, MAC, "7", "no"]);
    assert!(silent.code != 0 && silent.err.contains("no answer"), "no section, no answer: {silent:?}");
    configure(&node, "ntp = [\"10.99.1.5\"]\ndomain = \"rack2.lab.internal\"\n");
    for (arch, file) in
        [("0", "undionly.kpxe"), ("7", "snponly.efi"), ("16", "http://10.99.0.1/boot/snponly.efi"), ("6", "")]
    {
        let (address, offered) = relay.offer(MAC, arch, &[]);
        let last: u8 = address.strip_prefix("10.99.1.").unwrap_or_else(|| panic!("{address}")).parse().unwrap();
        assert!((128..=250).contains(&last), "an unknown machine: {address}");
        assert_eq!(offered, file, "architecture {arch}");
    }
    // Without a lease it is a machine that nobody has seen, so the subnet is named.
    let added = node.run("host-state", &["add", MAC, "--type", "SCH", "--subnet", "rack2", "--json"]);
    assert_eq!(crate::setup::json(&added)["address"], "10.99.1.2");
    assert_eq!(relay.offer(MAC, "7", &["request"]), ("10.99.1.2".to_owned(), "snponly.efi".to_owned()));
    let log = std::fs::read_to_string(node.path("srv/log/dnsmasq.log")).unwrap();
    for option in
        ["router  10.99.1.1", "dns-server  10.99.0.1", "ntp-server  10.99.1.5", "domain-name  rack2.lab.internal"]
    {
        let found = log.lines().any(|line| line.ends_with(option));
        assert!(found, "{option} in {log}");
    }
    // dnsmasq hears of the new file in its own time; the machine asks through its router.
    let questions = ["sch-001.rack2.lab.internal", "sch-001", "10.99.1.2", "10.99.1.3"];
    let expected = ["10.99.1.2", "10.99.1.2", "sch-001.rack2.lab.internal", "NXDOMAIN"];
    relay.boot("10.99.1.2", MAC);
    let begun = Instant::now();
    let ask = || relay.run("python3", &[&["-c", include_str!("dns_query.py"), SERVER], &questions[..]].concat()).out;
    while ask().lines().ne(expected) {
        assert!(begun.elapsed() < Duration::from_secs(15), "{}", ask());
    }
    // A machine of the main network is served as before.
    let near = node.run("python3", &["-c", DISCOVER, OTHER, "7", "no"]);
    assert!(near.out.starts_with("10.99.0."), "{near:?}");
}

#[test]
fn behind_a_relay_the_lease_says_who_asks() {
    let node = crate::setup::rocky_node(&[]);
    configure(&node, "");
    let relay = Relay::new(&node);
    let (address, _) = relay.offer(MAC, "7", &["request"]);
    // The machine has asked, so its subnet is known.
    let armed = node.run("host-state", &["arm", MAC, "--type", "SCH"]);
    armed.done();
    assert!(armed.out.contains("10.99.1.2"), "{armed:?}");
    let page = relay.boot(&address, MAC);
    assert!(page.contains("vmlinuz") && page.contains(crate::setup::ROCKY), "{page}");
    // Its own address, once it has that, is a lease too.
    let (reserved, _) = relay.offer(MAC, "7", &["request"]);
    assert_eq!(reserved, "10.99.1.2");
    assert!(relay.boot("10.99.1.2", MAC).contains("vmlinuz"));
    // Another machine that says its MAC.
    let (other, _) = relay.offer(OTHER, "7", &["request"]);
    let forged = relay.boot(&other, MAC);
    assert!(!forged.contains("vmlinuz") && forged.contains("comes from the address of"), "{forged}");
    // An address that nobody leased.
    let forged = relay.boot("10.99.1.77", MAC);
    assert!(!forged.contains("vmlinuz") && forged.contains("not proven"), "{forged}");
    // The reserved address alone proves nothing.
    node.run("host-state", &["arm", OTHER, "--type", "SCH"]).done();
    let forged = relay.boot("10.99.1.3", OTHER);
    assert!(!forged.contains("vmlinuz") && forged.contains("not proven"), "{forged}");
}

#[test]
fn a_host_that_asks_from_another_network_than_that_of_its_address_is_stopped() {
    let node = crate::setup::rocky_node(&[]);
    configure(&node, "types = [\"SCH\"]\n");
    let relay = Relay::new(&node);
    // Armed before it was seen: it gets an address of the main network.
    node.run("host-state", &["arm", MAC, "--type", "SCH"]).done();
    let (address, _) = relay.offer(MAC, "7", &["request"]);
    assert!(address.starts_with("10.99.1."), "{address}");
    let page = relay.boot(&address, MAC);
    assert!(!page.contains("vmlinuz") && page.contains("rack2"), "{page}");
    assert!(page.contains("host-state set sch-001"), "{page}");
    node.run("host-state", &["set", "sch-001", "address=10.99.1.9"]).done();
    assert!(relay.boot(&address, MAC).contains("vmlinuz"));
    let wrong = node.run("host-state", &["arm", "sch-001", "--subnet", "rack9"]);
    wrong.fails(3, &["no subnet rack9", "rack2"]);
    node.run("host-state", &["add", OTHER, "--type", "SCH"]).done();
    node.run("host-state", &["arm", OTHER, "--subnet", "rack2"]).fails(3, &["main network", "address=ADDRESS"]);
}
