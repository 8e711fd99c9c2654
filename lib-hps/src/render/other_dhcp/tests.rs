// SPDX-License-Identifier: GPL-3.0-or-later

use super::*;
use crate::golden::golden;
use crate::render::dnsmasq::Cards;
use crate::types::{ClientArchitecture, Timestamp};
use std::net::Ipv4Addr;

#[test]
fn each_program_gets_boot_files_by_architecture_and_the_hosts() {
    let text = "version = 1\nname = \"lab\"\n[network]\ninterface = \"eth1\"\naddress = \"10.0.0.1/24\"\n\
                dhcp_range = \"10.0.0.128-10.0.0.252\"\nhost_range = \"10.0.0.2-10.0.0.127\"\n\
                domain = \"lab.internal\"\nhttp_port = 8080\n[install]\nssh_keys = [\"ssh-ed25519 \
                AAAAC3NzaC1lZDI1NTE5AAAAIAbcdefghijklmnopqrstuvwxyz admin\"]\n[types.SCH]\ndistro = \
                \"x86_64-linux-debian-12\"\n[[subnet]]\nname = \"rack2\"\nnetwork = \"10.0.1.0/24\"\n\
                dhcp_range = \"10.0.1.128-10.0.1.254\"\nhost_range = \"10.0.1.2-10.0.1.127\"\n\
                gateway = \"10.0.1.1\"\nntp = [\"10.0.1.5\", \"10.0.1.6\"]\n";
    let cluster = Cluster::parse(text).unwrap();
    let loader = |file: &str, architectures: &[u16]| BootLoader {
        file: file.to_owned(),
        architectures: architectures.iter().map(|number| ClientArchitecture::new(*number)).collect(),
        loader: crate::types::Loader::Ipxe,
        cards: Cards::All,
    };
    let some = BootLoader { cards: Cards::Beginning("52:54:00:0".parse().unwrap()), ..loader("ipxe.efi", &[7, 16]) };
    let loaders = [loader("undionly.kpxe", &[0]), loader("snponly.efi", &[7, 9, 16]), some];
    let host = |last: u8, name: Option<&str>| {
        let mac = format!("5254000000{last:02x}").parse().unwrap();
        let mut host = Host::new(mac, Timestamp::from_unix(0));
        host.address = Some(Ipv4Addr::new(10, 0, 0, last));
        host.name = name.map(|name| name.parse().unwrap());
        host
    };
    let mut two_cards = host(2, Some("sch-001"));
    two_cards.set_further_macs(&["525400000102".parse().unwrap()]).unwrap();
    let mut behind = host(5, Some("tch-002"));
    behind.address = Some(Ipv4Addr::new(10, 0, 1, 5));
    let hosts = [two_cards, host(3, None), host(4, Some("tch-001")), behind];
    let hosts: Vec<&Host> = hosts.iter().collect();
    for program in DhcpProgram::ALL {
        golden("other-dhcp", program.as_str(), &lines(program, &cluster, &loaders, &hosts));
    }
}
