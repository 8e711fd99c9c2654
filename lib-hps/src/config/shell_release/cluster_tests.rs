// SPDX-License-Identifier: GPL-3.0-or-later

use super::*;

fn read(text: &str) -> (ShellCluster, Vec<String>) {
    let (cluster, notes) = read_cluster("cluster.conf", "lab", text);
    (cluster, notes.iter().map(ToString::to_string).collect())
}

#[test]
fn a_tidy_one_is_kept() {
    let (cluster, notes) = read(
        "CLUSTER_NAME=site1\nDESCRIPTION=\"the first site\"\nDHCP_IFACE=eth1\nDHCP_IP=10.20.0.1\nDHCP_CIDR=10.20.0.0/24\n\
         NETWORK_CIDR=10.20.0.0/24\nNET_AUTONUMBER=y\nSTORAGE_SUBNET_Q=2\nSYSLOG_SERVER=10.20.0.9\n\
         SCH_CPU=x86_64\nSCH_MFR=linux\nSCH_OSNAME=rockylinux\nSCH_OSVER=10.0\n",
    );
    assert_eq!(cluster.name.unwrap().as_str(), "site1");
    assert_eq!(cluster.address.unwrap().to_string(), "10.20.0.1/24");
    assert_eq!((cluster.storage_networks, cluster.interface.unwrap().as_str()), (Some(2), "eth1"));
    assert_eq!(cluster.types[&HostType::SCH].as_str(), "x86_64-linux-rockylinux-10.0");
    assert!(
        notes.iter().all(|note| note.contains(": kept: ") || note.contains(": dropped: NET_AUTONUMBER")),
        "{notes:#?}"
    );
}

#[test]
fn what_real_ones_look_like() {
    let (cluster, notes) = read(
        "# made by hand\r\nCLUSTER_NAME='Site 1!'\r\nDHCP_IFACE=none\nDHCP_IP=10.20.0.1/16\nTCH_CPU=x86_64\nTCH_CPU=linux\n\
         TCH_OSNAME=\"Rocky Linux\"\nTCH_OSVER=9.5\nDRN_CPU=x86_64\nDRN_CPU=linux\nDRH_OSNAME=alma\nDRN_OSVER=10\n\
         CCH_OSNAME=ubuntu\nCCH_OSVER=24.04\nSCH_OSNAME=rockylinux\nSCH_OSVER=8.10\nUPDATE_HPS_CODE=not_implemented\n\
         SYSLOG_SERVER=\nSTORAGE_SUBNET_Q=seven\nMY_OWN=thing\nCLUSTER_VARS+=(\"A=b\")\n",
    );
    assert_eq!(cluster.name.unwrap().as_str(), "lab", "a name of the folder");
    assert_eq!(cluster.address.unwrap().to_string(), "10.20.0.1/16");
    let systems: Vec<String> = cluster.types.values().map(ToString::to_string).collect();
    assert_eq!(systems, ["x86_64-linux-rockylinux-9.5", "x86_64-linux-almalinux-10"]);
    for part in [
        "cluster.conf: changed: no usable CLUSTER_NAME: the cluster is called lab",
        "cluster.conf:2: refused: CLUSTER_NAME",
        "cluster.conf:3: dropped: DHCP_IFACE none: give --interface",
        "cluster.conf:6: changed: TCH_CPU linux: this is the maker",
        "cluster.conf:14: refused: CCH with x86_64-linux-ubuntu-24.04",
        "cluster.conf:16: refused: SCH with x86_64-linux-rockylinux-8.10",
        "cluster.conf:17: dropped: UPDATE_HPS_CODE not_implemented",
        "cluster.conf:18: dropped: SYSLOG_SERVER is empty",
        "cluster.conf:19: refused: STORAGE_SUBNET_Q \"seven\"",
        "cluster.conf:20: dropped: MY_OWN \"thing\": HPS has no such setting",
        "cluster.conf:21: refused: \"CLUSTER_VARS+=",
    ] {
        assert!(notes.iter().any(|note| note.starts_with(part)), "{part} in {notes:#?}");
    }
}

#[test]
fn the_address_is_found_in_each_spelling() {
    for (text, address) in [
        ("DHCP_IP=10.20.0.1\nDHCP_CIDR=24\n", "10.20.0.1/24"),
        ("DHCP_IP=10.20.0.1\nDHCP_CIDR=255.255.0.0\n", "10.20.0.1/16"),
        ("DHCP_IP=10.20.0.1\nNETWORK_CIDR=10.20.0.0/22\n", "10.20.0.1/22"),
        ("DHCP_CIDR=10.20.0.1/24\n", "10.20.0.1/24"),
    ] {
        assert_eq!(read(text).0.address.unwrap().to_string(), address, "{text}");
    }
    for text in ["", "DHCP_IP=10.20.0.1\n", "DHCP_IP=x\nDHCP_CIDR=24\n", "NETWORK_CIDR=10.20.0.0/24\n"] {
        assert_eq!(read(text).0.address, None, "{text}");
    }
}
