// SPDX-License-Identifier: GPL-3.0-or-later
//! Other DHCP servers on the cluster's network: seen, named, and a mode asked for.

use crate::PROGRAM;
use crate::neighbour::Neighbour;
use crate::setup::{CLUSTER, MAC, json};
use crate::support::Node;

const OTHER: &str = "10.99.0.254";

fn dnsmasq_conf(node: &Node) -> String {
    std::fs::read_to_string(node.path("srv/hps-config/services/dnsmasq.conf")).unwrap_or_default()
}

fn other(node: &Node) -> Neighbour {
    Neighbour::new(node, &format!("{OTHER}/24"))
}

/// The other dnsmasq pings an address for 3 seconds before it offers it.
#[test]
fn beside_another_server_nothing_is_started_until_a_mode_is_chosen() {
    let node = Node::new(PROGRAM);
    let mut neighbour = other(&node);
    neighbour.dnsmasq("10.99.0.200,10.99.0.210", &["--dhcp-boot=pxelinux.0"]);
    let words = [OTHER, "10.99.0.2", "pxelinux.0", "--dhcp proxy", "--dhcp none", "--accept-dhcp-server"];
    node.configure(&[]).fails(3, &words);
    let dry = node.configure(&["--dry-run"]);
    assert!(dry.code == 3 && dry.err.contains(OTHER), "{dry:?}");
    assert_eq!(dnsmasq_conf(&node), "");
    assert!(!node.path("run/hps/dnsmasq.pid").exists());
    assert!(!node.path("srv/hps-config/clusters/active").exists());

    node.configure(&["--accept-dhcp-server", OTHER]).done();
    let conf = dnsmasq_conf(&node);
    assert!(conf.contains("dhcp-range=10.99.0.") && !conf.contains("dhcp-authoritative"), "{conf}");
    node.run("host-state", &["check"]).done();
    // Accepted above, so its boot file is no problem here.
    node.configure(&["--dhcp", "proxy"]).done();
    let conf = dnsmasq_conf(&node);
    assert!(conf.contains("dhcp-range=10.99.0.0,proxy,255.255.255.0"), "{conf}");
    // iPXE takes the offer of a proxyDHCP server only if it has the server's address too.
    assert!(conf.contains("boot_manager?cmd=init,,10.99.0.1\n"), "{conf}");
    node.configure(&["--dhcp", "none"]).done();
    let conf = dnsmasq_conf(&node);
    assert!(!conf.contains("dhcp-range") && conf.contains("enable-tftp"), "{conf}");
}

#[test]
fn a_server_that_comes_later_is_named_by_check_and_stops_the_next_start_only() {
    let node = Node::new(PROGRAM);
    let mut neighbour = other(&node);
    node.configure(&[]).done();
    assert!(dnsmasq_conf(&node).contains("dhcp-authoritative"));
    node.run("host-state", &["check"]).done();
    neighbour.dnsmasq("10.99.0.200,10.99.0.210", &["--no-ping"]);
    let found = json(&node.run("host-state", &["check", "--json"]));
    let found = found.as_array().unwrap().iter().find(|f| f["problem"].as_str().unwrap().contains(OTHER));
    let found = found.expect("a finding that names the server");
    assert_eq!(found["severity"], "problem");
    assert!(found["line"].is_number() && found["file"].as_str().unwrap().ends_with("lab.cluster"));
    // Nothing would be started, so nothing is asked.
    node.run("reload", &[]).done();
    node.run("reload", &["--stop"]).done();
    node.run("reload", &[]).fails(3, &[OTHER]);
    node.run("reload", &["--dry-run"]).fails(3, &[OTHER]);
    assert!(!node.path("run/hps/dnsmasq.pid").exists());
    neighbour.stop();
    node.run("reload", &[]).done();
}

/// Strict reverse path filtering drops packets of networks that have no route.
#[test]
fn a_server_of_another_network_is_heard() {
    let node = Node::new(PROGRAM);
    node.run("sysctl", &["-qw", "net.ipv4.conf.all.rp_filter=1", "net.ipv4.conf.br0.rp_filter=1"]).done();
    let mut neighbour = Neighbour::new(&node, "192.168.1.1/24");
    neighbour.dnsmasq("192.168.1.50,192.168.1.60", &["--no-ping"]);
    node.configure(&[]).fails(3, &["192.168.1.1 (offers 192.168.1."]);
}

#[test]
fn a_mode_without_the_server_that_it_needs_is_named() {
    let node = Node::new(PROGRAM);
    let _neighbour = other(&node);
    for mode in ["proxy", "none"] {
        node.configure(&["--dhcp", mode]).fails(1, &["no other server gives addresses", "--dhcp server"]);
        node.run("host-state", &["check"]).code.checked_sub(1).map(|rest| assert_eq!(rest, 0)).unwrap();
    }
    node.configure(&["--dhcp", "server"]).done();
}

/// iPXE takes the boot file of the server that gives its address, and not that of a proxyDHCP server.
#[test]
fn a_boot_file_of_the_other_server_is_a_problem_for_a_proxy() {
    let node = Node::new(PROGRAM);
    let mut neighbour = other(&node);
    neighbour.dnsmasq("10.99.0.200,10.99.0.210", &["--dhcp-boot=pxelinux.0"]);
    node.configure(&["--dhcp", "proxy"]).fails(1, &["sends a boot file", "pxelinux.0", "--dhcp none"]);
    assert!(node.path("run/hps/dnsmasq.pid").exists());
}

/// What only adds boot files does no harm to addresses, so it is a problem and no refusal.
#[test]
fn another_proxy_is_a_problem() {
    let node = Node::new(PROGRAM);
    let mut neighbour = other(&node);
    neighbour.start(
        "dnsmasq",
        &[
            "-k",
            "-C",
            "/dev/null",
            "--port=0",
            "--interface=far",
            "--bind-interfaces",
            "--user=root",
            "--pid-file=",
            "--dhcp-leasefile=/dev/null",
            "--leasefile-ro",
            "--dhcp-range=10.99.0.0,proxy,255.255.255.0",
            "--pxe-service=x86PC,other,pxelinux.0",
        ],
    );
    node.configure(&[]).fails(1, &["sends boot files", OTHER]);
    assert!(node.path("run/hps/dnsmasq.pid").exists());
}

#[test]
fn an_interface_that_is_down_or_alone_is_no_problem() {
    let node = Node::new(PROGRAM);
    node.configure(&[]).done();
    node.run("reload", &["--stop"]).done();
    let answer = node.run("reload", &["--json"]);
    let notes = json(&answer)["notes"].to_string();
    assert!(answer.code == 0 && notes.contains("nothing is connected"), "{answer:?}");
}

const BOOT_FILES: [(&str, &str, &str); 6] = [
    ("0", "no", "undionly.kpxe"),
    ("7", "no", "snponly.efi"),
    ("9", "no", "snponly.efi"),
    ("16", "no", "http://10.99.0.1/boot/snponly.efi"),
    ("0", "yes", "http://10.99.0.1/cgi-bin/boot_manager?cmd=init"),
    ("7", "yes", "http://10.99.0.1/cgi-bin/boot_manager?cmd=init"),
];

/// Another DHCP server with the printed lines offers what dnsmasq of this node would.
fn offers_the_same(print: &str, start: impl FnOnce(&Node, &mut Neighbour, &str)) {
    let node = Node::new(PROGRAM);
    node.configure(&["--dhcp", "none"]).done();
    node.run("host-state", &["add", MAC, "--type", "SCH"]).done();
    let file = node.path(CLUSTER);
    let chosen =
        "\n[[boot_loader]]\nfile = \"ipxe.efi\"\nmac_prefix = \"52:54:00:9\"\nreason = \"snponly.efi hangs\"\n";
    std::fs::write(&file, std::fs::read_to_string(&file).unwrap() + chosen).unwrap();
    let printed = node.run("reload", &["--print", print]);
    printed.done();
    let mut neighbour = other(&node);
    start(&node, &mut neighbour, &printed.out);
    for (arch, ipxe, expected) in BOOT_FILES {
        let offer = node.run("python3", &["-c", include_str!("dhcp_discover.py"), MAC, arch, ipxe]);
        assert_eq!(offer.out.trim(), format!("10.99.0.2 {expected}"), "{print} {arch} {ipxe}: {}", offer.err);
    }
    for (mac, arch, expected) in [
        ("52:54:00:99:00:01", "7", "ipxe.efi"),
        ("52:54:00:99:00:01", "16", "http://10.99.0.1/boot/ipxe.efi"),
        ("52:54:00:99:00:01", "0", "undionly.kpxe"),
        ("52:54:00:89:00:01", "7", "snponly.efi"),
    ] {
        let offer = node.run("python3", &["-c", include_str!("dhcp_discover.py"), mac, arch, "no"]);
        assert_eq!(offer.out.split_whitespace().nth(1), Some(expected), "{print} {mac} {arch}: {}", offer.err);
    }
    node.configure(&["--dhcp", "none"]).done();
    node.run("host-state", &["check"]).done();
}

#[test]
fn another_dnsmasq_with_the_printed_lines_boots_each_architecture() {
    offers_the_same("dnsmasq", |node, neighbour, text| {
        let file = node.path("other.conf");
        std::fs::write(&file, text).unwrap();
        let file = format!("--conf-file={}", file.display());
        neighbour.run("dnsmasq", &["--test", &file]).done();
        let range = "--dhcp-range=10.99.0.200,10.99.0.210,1h";
        let files = ["--dhcp-leasefile=/dev/null", "--leasefile-ro", "--pid-file=", "--port=0", "--user=root"];
        let common = ["-k", &file, range, "--interface=far", "--bind-interfaces", "--no-ping"];
        neighbour.start("dnsmasq", &[&common[..], &files[..]].concat());
    });
}

#[test]
fn dhcpd_with_the_printed_lines_boots_each_architecture() {
    offers_the_same("isc-dhcpd", |node, neighbour, text| {
        let (lines, conf, leases) = (node.path("hps.conf"), node.path("dhcpd.conf"), node.path("dhcpd.leases"));
        std::fs::write(&lines, text).unwrap();
        std::fs::write(&leases, "").unwrap();
        let subnet = "subnet 10.99.0.0 netmask 255.255.255.0 { range 10.99.0.200 10.99.0.210; ping-check false; }";
        std::fs::write(&conf, format!("include \"{}\";\n{subnet}\n", lines.display())).unwrap();
        let files = ["-cf", conf.to_str().unwrap(), "-lf", leases.to_str().unwrap()];
        neighbour.run("dhcpd", &[&["-4", "-t"][..], &files[..]].concat()).done();
        neighbour.start("dhcpd", &[&["-4", "-f", "--no-pid"][..], &files[..], &["far"]].concat());
    });
}

#[test]
fn kea_with_the_printed_lines_boots_each_architecture() {
    offers_the_same("kea", |node, neighbour, text| {
        let conf = node.path("kea.conf");
        // What the site adds: interface, memory for leases, and addresses for other machines.
        let site = "\"Dhcp4\": { \"interfaces-config\": { \"interfaces\": [\"far\"] }, \"lease-database\": { \"type\": \
                    \"memfile\", \"persist\": false },";
        let pools = "\"pools\": [ { \"pool\": \"10.99.0.200 - 10.99.0.210\" } ], \"subnet\":";
        let text = text.replacen("\"Dhcp4\": {", site, 1).replacen("\"subnet\":", pools, 1);
        std::fs::write(&conf, text).unwrap();
        let conf = conf.to_str().unwrap();
        neighbour.run("kea-dhcp4", &["-t", conf]).done();
        neighbour.start("env", &["KEA_LOCKFILE_DIR=none", "KEA_PIDFILE_DIR=/tmp", "kea-dhcp4", "-c", conf]);
    });
}
