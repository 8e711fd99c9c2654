// SPDX-License-Identifier: GPL-3.0-or-later
//! Golden networks: each as both families read it. `HPS_BLESS=1 cargo test` writes them anew.

use super::{Plan, keyfile, networkd};
use crate::config::Cluster;
use crate::host::Host;
use crate::types::{HostType, MacAddr, Timestamp};

const CLUSTER: &str = include_str!("../../../../../tests/fixtures/lab.cluster");

const STORAGE: &str = "
[[storage_network]]
name = \"storage1\"
network = \"10.1.0.0/24\"
vlan = 101
[[storage_network]]
name = \"storage2\"
network = \"10.2.0.0/16\"
";

/// The host boots from card 1.
fn golden(name: &str, host_type: &str, network: &str, more: &str) {
    golden_from(1, name, host_type, network, more);
}

fn golden_from(boot: u8, name: &str, host_type: &str, network: &str, more: &str) {
    let text = CLUSTER
        .replace("\n[install]", &format!("gateway = \"10.0.0.254\"\n{network}\n[install]"))
        .replace("types.SCH", &format!("types.{host_type}"))
        + more;
    let cluster = Cluster::parse(&text).unwrap_or_else(|e| panic!("{name}: {e}"));
    let first: MacAddr = "525400000001".parse().unwrap();
    let host_text = Host::new(first, Timestamp::from_unix(0))
        .to_text()
        .replace("[\"525400000001\"]", "[\"525400000001\", \"525400000002\", \"525400000003\", \"525400000004\"]");
    let host = Host::parse(&host_text, first).unwrap();
    assert_eq!(host.macs().count(), 4);
    let host_type: HostType = host_type.parse().unwrap();
    let boot = format!("52540000000{boot}").parse().unwrap();
    let plan = Plan::new(&cluster, &host, host_type, "10.0.0.17".parse().unwrap(), boot).unwrap();
    let mut out = String::new();
    for file in networkd::files(&plan).into_iter().chain(keyfile::files(&plan)) {
        out.push_str(&format!("==> {:04o} {}\n{}", file.mode, file.path, file.text));
    }
    crate::golden::golden("network", name, &out);
}

#[test]
fn one_card() {
    golden("one-card", "SCH", "", "");
    golden("one-card-dhcp", "SCH", "mtu = 9000", "\n[types.SCH.network]\naddressing = \"dhcp\"\n");
}

/// Also where the cluster file has another use for the card.
#[test]
fn the_main_network_is_on_the_card_of_the_boot() {
    golden_from(2, "boot-card-2", "SCH", "", "");
    golden_from(2, "boot-card-2-storage", "SCH", "", &STORAGE.replace("10.2.0.0/16\"", "10.2.0.0/16\"\nnics = [2]"));
    golden_from(2, "boot-card-2-bond", "TCH", "", "\n[types.TCH.network]\nnics = [1, 2]\nbond = \"802.3ad\"\n");
}

#[test]
fn a_bridge_for_guests() {
    golden("bridge", "TCH", "", "");
    golden("bridge-dhcp", "TCH", "", "\n[types.TCH.network]\naddressing = \"dhcp\"\nbridge = \"guests\"\n");
}

#[test]
fn networks_for_storage() {
    golden("storage", "SCH", "", &STORAGE.replace("10.2.0.0/16\"", "10.2.0.0/16\"\nnics = [2]\nmtu = 9000"));
}

#[test]
fn bonds() {
    let main = "\n[types.TCH.network]\nnics = [1, 2]\n";
    let storage =
        STORAGE.replace("10.2.0.0/16\"", "10.2.0.0/16\"\nnics = [3, 4]\nbond = \"802.3ad\"\nvlan = 102\nmtu = 9000");
    golden("bonds", "TCH", "mtu = 1400", &format!("{main}{storage}"));
}
