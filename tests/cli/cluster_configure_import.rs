// SPDX-License-Identifier: GPL-3.0-or-later
//! `cluster-configure import`: a site of the shell release, as untidy as such sites are.

use crate::PROGRAM;
use crate::setup::{boot, json};
use crate::support::{Answer, Node};
use std::path::PathBuf;

const CLUSTER: &str = "# by hand\r\nCLUSTER_NAME=old1\r\nDESCRIPTION=\"the first site\"\nDHCP_IFACE=none\nDHCP_IP=10.99.0.1\n\
    DHCP_CIDR=10.99.0.0/24\nNET_AUTONUMBER=y\nSTORAGE_SUBNET_Q=2\nSYSLOG_SERVER=10.99.0.9\nTCH_CPU=x86_64\nTCH_CPU=linux\n\
    TCH_OSNAME='Rocky Linux'\nTCH_OSVER=9.5\nDRN_OSNAME=debian\nDRN_OSVER=12\nUPDATE_HPS_CODE=not_implemented\n";

const HOSTS: [(&str, &str); 5] = [
    (
        "52540000000A",
        "STATE=\"INSTALLED\"\nTYPE=\"SCH\"\nPROFILE=\"STORAGESINGLE\"\nIP=\"10.99.0.2\"\nHOSTNAME=\"SCH-001\"\nUPDATED=\"2025-07-01 10:00:00 UTC\"\n",
    ),
    // Given twice by the shell release: the newest keeps both.
    (
        "52540000000b",
        "STATE=INSTALLING\nTYPE=SCH\nIP=10.99.0.2\nHOSTNAME=SCH-001\nFORCE_INSTALL=YES\nUPDATED=\"2025-06-01 10:00:00 UTC\"\n",
    ),
    ("52540000000c", "STATE=UNCONFIGURED\nHOSTNAME=\nIP=\n"),
    ("52540000000d", "STATE=INSTALLED\nTYPE=DRN\nIP=10.77.0.2\nHOSTNAME=$(hostname)\n"),
    ("notes", "STATE=INSTALLED\n"),
];

/// A site below the node, and its folder.
fn site(node: &Node) -> PathBuf {
    let config = node.path("old");
    let cluster = config.join("clusters/old1");
    std::fs::create_dir_all(cluster.join("hosts")).unwrap();
    std::fs::write(cluster.join("cluster.conf"), CLUSTER).unwrap();
    for (name, text) in HOSTS {
        std::fs::write(cluster.join(format!("hosts/{name}.conf")), text).unwrap();
    }
    std::os::unix::fs::symlink("old1", config.join("clusters/active-cluster")).unwrap();
    config
}

/// Each known machine gets its own disk.
pub(crate) fn boot_their_disks(node: &Node, macs: &[&str]) {
    for mac in macs {
        let script = boot(node, mac, "");
        assert!(script.contains("sanboot") || script.contains("exit"), "{mac}: {script}");
        assert!(!script.contains("vmlinuz") && !script.contains("item "), "{mac}: {script}");
    }
}

pub(crate) fn import(node: &Node, folder: &str, more: &[&str]) -> Answer {
    let key = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIAbcdefghijklmnopqrstuvwxyz admin@site";
    let own = ["import", folder, "--interface", "br0", "--ssh-key", key, "--activate"];
    node.run("cluster-configure", &[&own, more].concat())
}

#[test]
fn an_untidy_site_is_taken_over_and_its_machines_boot_their_disks() {
    let node = Node::served(PROGRAM);
    let config = site(&node);
    let before = node.snapshot("srv/hps-config");
    let folder = config.display().to_string();
    let dry = import(&node, &folder, &["--dry-run"]);
    assert_eq!(dry.code, 10, "{}{}", dry.out, dry.err);
    for part in [
        "cluster.conf:2: kept: CLUSTER_NAME old1",
        "cluster.conf:4: dropped: DHCP_IFACE none",
        "cluster.conf:5: kept: address 10.99.0.1/24",
        "cluster.conf:11: changed: TCH_CPU linux: this is the maker",
        "kept: DRH with x86_64-linux-debian-12",
        "hosts/52540000000A.conf: kept: sch-001 52:54:00:00:00:0a INSTALLED SCH 10.99.0.2",
        "hosts/52540000000b.conf: refused: HOSTNAME sch-001 is also in hosts/52540000000A.conf",
        "hosts/52540000000b.conf:1: changed: STATE INSTALLING",
        "hosts/52540000000b.conf:5: dropped: FORCE_INSTALL YES",
        "hosts/52540000000d.conf: refused: IP 10.77.0.2",
        "hosts/52540000000d.conf:4: refused: \"HOSTNAME=$(hostname)\": only a shell could say",
        "hosts/notes.conf: refused: the name of the file",
        "4 hosts; ",
        "+[[storage_network]]",
    ] {
        assert!(dry.out.contains(part), "{part} in {}", dry.out);
    }
    assert_eq!(node.snapshot("srv/hps-config"), before, "a dry run");
    let done = import(&node, &folder, &[]);
    assert_eq!(done.code, 1, "something was refused: {}{}", done.out, done.err);
    let list = json(&node.run("host-state", &["list", "--json"]));
    assert_eq!(list.as_array().unwrap().len(), 4, "{list}");
    boot_their_disks(&node, &["52540000000a", "52540000000b", "52540000000c", "52540000000d"]);
    let again = import(&node, &config.join("clusters/old1").display().to_string(), &[]);
    assert_eq!(again.code, 1, "{}{}", again.out, again.err);
    assert_eq!(json(&node.run("host-state", &["list", "--json"])), list, "the same again changes nothing");
}

#[test]
fn what_is_no_site_and_what_is_missing_is_said() {
    let node = Node::served(PROGRAM);
    let config = site(&node);
    let empty = node.path("empty");
    std::fs::create_dir(&empty).unwrap();
    import(&node, &empty.display().to_string(), &[]).fails(4, &["no cluster.conf here"]);
    import(&node, "/nonexistent", &[]).fails(4, &["/nonexistent"]);
    let folder = config.display().to_string();
    node.run("cluster-configure", &["import", &folder, "--interface", "br0", "--dry-run"]).fails(2, &["--ssh-key"]);
    std::fs::remove_file(config.join("clusters/active-cluster")).unwrap();
    std::fs::create_dir(config.join("clusters/other")).unwrap();
    std::fs::write(config.join("clusters/other/cluster.conf"), "CLUSTER_NAME=other\n").unwrap();
    import(&node, &folder, &["--dry-run"]).fails(3, &["several clusters", "clusters/old1", "clusters/other"]);
}
