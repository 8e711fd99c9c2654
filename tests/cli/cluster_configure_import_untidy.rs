// SPDX-License-Identifier: GPL-3.0-or-later
//! `cluster-configure import` of two more sites: a copy of a whole configuration with wrong values of every kind, and one whose
//! `hps.conf` has the clusters in another place.

use crate::PROGRAM;
use crate::cluster_configure_import::{boot_their_disks, import};
use crate::setup::json;
use crate::support::Node;
use std::fs;

/// With a byte order mark, a byte of Latin-1, values that are given twice, and none that ends the last line.
const OFFICE: &[u8] = b"\xef\xbb\xbfexport CLUSTER_NAME=\"office_1\"\nDESCRIPTION=the b\xfcro in the north\n\nDHCP_IFACE=eth0\n\
    DHCP_IFACE=\"br0\"\nDHCP_IP=\"10.99.0.1/24\"\nNETWORK_CIDR=10.99.0.0/24\nNET_AUTONUMBER=\nSTORAGE_SUBNET_Q=9\n\
    SYSLOG_SERVER=udp://10.99.0.9:1514\nSCH_CPU=x86_64\nSCH_MFR=linux\nSCH_OSNAME=rockylinux\nSCH_OSVER=10.0 # since May\n\
    TCH_OSNAME=\nDRH_OSNAME=almalinux\nDRH_OSVER=9\nCCH_OSNAME=\"Rocky Linux\nDNS=10.99.0.53\nUPDATE_HPS_CODE=not_implemented";

const OFFICE_HOSTS: [(&str, &str); 10] = [
    ("525400000001", "STATE=installed\nTYPE=sch\nPROFILE=STORAGERAID\nIP=10.99.0.1\nHOSTNAME=SCH-001\n"),
    (
        "525400000002",
        "STATE=\"ACTIVE\"\nTYPE=\"TCH\"\nIP=\"10.99.0.20/24\"\nHOSTNAME=\"tch_002\"\nUPDATED=\"yesterday\"\n",
    ),
    ("525400000003", "STATE=REINSTALL\nTYPE=SCH\nPROFILE=FAST\nIP=10.99.0.200\nHOSTNAME=SCH-003.office.example\n"),
    ("525400000004", "STATE=FAILED\r\nTYPE=CCH\r\nIP=10.99.0.21\r\nHOSTNAME=CCH-001\r\n"),
    ("525400000005", ""),
    ("525400000006", "STATE=UNCONFIGURED\nSTATE=INSTALLING\nTYPE=SCH\nSTATUS=INSTALLED\nIP=10.99.0.999\n"),
    ("52:54:00:00:00:07", "STATE=INSTALLED\nTYPE=SCH\n"),
    ("ffffffffffff", "STATE=INSTALLED\nTYPE=SCH\n"),
    (
        "52540000000e",
        "STATE=SLEEPING\nIP=10.99.0.22\nHOSTNAME=a-name-that-is-much-longer-than-any-name-of-a-host-may-ever-be-in-a-zone\n",
    ),
    ("52540000000f", "STATE=INSTALLED\nIP=10.99.0.023\nTYPE=SCH\nHOSTNAME=`reboot`\n"),
];

#[test]
fn a_copy_with_wrong_values_of_every_kind_is_taken_over() {
    let node = Node::served(PROGRAM);
    let config = node.path("office");
    let hosts = config.join("clusters/office_1/hosts");
    fs::create_dir_all(&hosts).unwrap();
    fs::create_dir_all(config.join("clusters/prepared")).unwrap();
    fs::write(config.join("clusters/office_1/cluster.conf"), OFFICE).unwrap();
    fs::write(config.join("clusters/prepared/cluster.conf"), "CLUSTER_NAME=prepared\n").unwrap();
    // In the copy of a site it leads to where the site was.
    std::os::unix::fs::symlink("/srv/hps-config/clusters/office_1", config.join("clusters/active-cluster")).unwrap();
    for (name, text) in OFFICE_HOSTS {
        fs::write(hosts.join(format!("{name}.conf")), text).unwrap();
    }
    fs::create_dir(hosts.join("525400000010.conf")).unwrap();
    fs::write(hosts.join("525400000009.conf.bak"), "STATE=UNCONFIGURED\n").unwrap();

    let answer = import(&node, &config.display().to_string(), &[]);
    assert_eq!(answer.code, 1, "{}{}", answer.out, answer.err);
    for part in [
        "cluster.conf:1: kept: CLUSTER_NAME office_1",
        "cluster.conf:2: changed: DESCRIPTION without quotes: taken as \"the büro in the north\"",
        "cluster.conf:4: dropped: DHCP_IFACE \"eth0\": line 5 gives another value",
        "cluster.conf:6: kept: address 10.99.0.1/24",
        "cluster.conf:9: refused: STORAGE_SUBNET_Q \"9\"",
        "cluster.conf:10: kept: SYSLOG_SERVER 10.99.0.9:1514",
        "cluster.conf:14: kept: SCH with x86_64-linux-rockylinux-10.0",
        "cluster.conf:17: kept: DRH with x86_64-linux-almalinux-9",
        "cluster.conf:18: refused: \"CCH_OSNAME=\\\"Rocky Linux\": a quote is not closed",
        "cluster.conf:19: dropped: DNS \"10.99.0.53\"",
        "hosts/525400000001.conf: refused: IP 10.99.0.1",
        "hosts/525400000002.conf:4: refused: HOSTNAME",
        "hosts/525400000003.conf: refused: IP 10.99.0.200: it is in ",
        "hosts/525400000003.conf:3: refused: PROFILE",
        "hosts/525400000004.conf: kept: cch-001 52:54:00:00:00:04 FAILED CCH 10.99.0.21",
        "hosts/525400000006.conf:1: dropped: STATE \"UNCONFIGURED\": line 2 gives another value",
        "hosts/525400000006.conf:5: refused: IP \"10.99.0.999\"",
        "hosts/52540000000e.conf:1: refused: STATE SLEEPING: no state of the shell release; taken as INSTALLED",
        "hosts/52540000000f.conf:4: refused: \"HOSTNAME=`reboot`\"",
        "hosts/525400000010.conf: refused: a folder",
        "hosts/ffffffffffff.conf: refused: the name of the file",
        "9 hosts; ",
    ] {
        assert!(answer.out.contains(part), "{part} in {}", answer.out);
    }
    let macs = [
        "525400000001",
        "525400000002",
        "525400000003",
        "525400000004",
        "525400000006",
        "525400000007",
        "52540000000f",
    ];
    boot_their_disks(&node, &macs);
}

#[test]
fn clusters_are_found_by_hps_conf_and_what_many_hosts_share_is_one_line() {
    let node = Node::served(PROGRAM);
    let (copy, config) = (node.path("copy"), node.path("copy/srv/hps-config"));
    let plant = copy.join("data/clusters/plant");
    fs::create_dir_all(plant.join("hosts")).unwrap();
    fs::create_dir_all(&config).unwrap();
    // Below the copy, since there is no /data/clusters on this machine.
    fs::write(config.join("hps.conf"), "export HPS_CLUSTER_CONFIG_BASE_DIR=\"/data/clusters\"\nHPS_TFTP_DIR=$HOME\n")
        .unwrap();
    let text = "DHCP_IFACE=br0\nDHCP_CIDR=10.99.0.1/24\nSTORAGE_SUBNET_Q=\nTCH_CPU=aarch64\nTCH_CPU=linux\nTCH_OSNAME=debian\nTCH_OSVER=12\n";
    fs::write(plant.join("cluster.conf"), text).unwrap();
    for number in 0..24 {
        // The last four have an address and a name of the first four.
        let given = number % 20;
        let text = format!(
            "STATE=\"INSTALLING\"\nTYPE=\"SCH\"\nIP=\"10.99.0.{}\"\nHOSTNAME=\"SCH-{:03}\"\nUPDATED=\"2025-07-01 10:00:00 UTC\"\n",
            given + 2,
            given + 1
        );
        fs::write(plant.join(format!("hosts/5254000001{number:02x}.conf")), text).unwrap();
    }
    let answer = import(&node, &config.display().to_string(), &[]);
    assert_eq!(answer.code, 1, "{}{}", answer.out, answer.err);
    for part in [
        "cluster.conf: changed: no usable CLUSTER_NAME: the cluster is called plant, as its folder",
        "cluster.conf:7: kept: TCH with aarch64-linux-debian-12",
        "24 files, hosts/525400000100.conf to hosts/525400000117.conf: changed: STATE INSTALLING",
        "hosts/525400000114.conf: refused: HOSTNAME sch-001 is also in hosts/525400000100.conf",
        "hosts/525400000114.conf: kept: - 52:54:00:00:01:14 INSTALLED SCH -",
    ] {
        assert!(answer.out.contains(part), "{part} in {}", answer.out);
    }
    assert_eq!(answer.out.matches("STATE INSTALLING").count(), 1, "{}", answer.out);
    let list = json(&node.run("host-state", &["list", "--json"]));
    assert_eq!(list.as_array().unwrap().len(), 24);
    boot_their_disks(&node, &["525400000100", "525400000114", "525400000117"]);
}

/// The shell release wrote UNCONFIGURED beside the type when an installed host was taken back, and two spellings of one MAC.
#[test]
fn a_host_that_was_taken_back_and_one_that_is_refused_boot_their_disks() {
    let node = Node::served(PROGRAM);
    node.run("host-state", &["add", "52:54:00:00:00:33", "--type", "TCH"]).done();
    let site = node.path("site");
    fs::create_dir_all(site.join("hosts")).unwrap();
    fs::write(site.join("cluster.conf"), "CLUSTER_NAME=lab\nDHCP_IFACE=br0\nDHCP_IP=10.99.0.1/24\n").unwrap();
    for (name, text) in [
        ("5254000000AA", "STATE=UNCONFIGURED\nTYPE=SCH\nHOSTNAME=sch-007\nUPDATED=\"2024-01-01 00:00:00\"\n"),
        ("5254000000aa", "STATE=UNCONFIGURED\nTYPE=SCH\nHOSTNAME=sch-007\nUPDATED=\"2025-01-01 00:00:00\"\n"),
        // This node has it already, with another type.
        ("525400000033", "STATE=INSTALLED\nTYPE=SCH\nHOSTNAME=sch-033\n"),
    ] {
        fs::write(site.join(format!("hosts/{name}.conf")), text).unwrap();
    }
    let answer = import(&node, &site.display().to_string(), &[]);
    assert_eq!(answer.code, 1, "{answer:?}");
    for part in [
        "hosts/5254000000aa.conf: changed: STATE UNCONFIGURED with TYPE SCH: taken as CONFIGURED",
        "hosts/5254000000aa.conf: kept: sch-007 52:54:00:00:00:aa CONFIGURED SCH",
        "hosts/5254000000AA.conf: refused: 52:54:00:00:00:aa is also hosts/5254000000aa.conf, which is taken",
        "hosts/525400000033.conf: refused: the host: ",
    ] {
        assert!(answer.out.contains(part), "{part} in {}", answer.out);
    }
    boot_their_disks(&node, &["5254000000aa", "525400000033"]);
}
