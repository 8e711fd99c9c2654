// SPDX-License-Identifier: GPL-3.0-or-later
//! Files of systemd-networkd: systemd.netdev(5) for devices to create, systemd.network(5) for their settings.

use super::super::placed_file::{MADE, PlacedFile};
use super::plan::{Address, Link, Plan};
use crate::config::{Addressing, BondMode};
use crate::types::{MacAddr, Mtu};

/// Names below this number sort before those of a person, who can override a file.
const FOLDER: &str = "etc/systemd/network/10-hps-";

pub(super) fn files(plan: &Plan) -> Vec<PlacedFile> {
    let mut out = Files(Vec::new());
    let mut number = 0;
    for link in &plan.links {
        // From the outside inwards: the device with the address comes before the devices that only lead to it.
        let mut holder = holder(link, plan);
        if let Some(bridge) = &link.bridge {
            out.netdev(bridge, "bridge", link.mac(), "[Bridge]\nSTP=no\nForwardDelaySec=0\n");
            out.network(bridge, &format!("Name={bridge}"), link.mtu, &holder);
            holder = format!("Bridge={bridge}\n{NO_ADDRESS}");
        }
        for vlan in &link.vlans {
            holder.insert_str(0, &format!("VLAN={}\n", vlan.name));
        }
        if let Some((bond, mode)) = &link.bond {
            out.netdev(bond, "bond", link.mac(), &format!("[Bond]\nMode={mode}\nMIIMonitorSec=100ms\n"));
            out.network(bond, &format!("Name={bond}"), link.mtu, &holder);
            holder = format!("Bond={bond}\n{NO_ADDRESS}");
        }
        for (place, card) in link.cards.iter().enumerate() {
            number += 1;
            // The card that the machine boots from, as long as it works.
            let primary = if place == 0 && is_active_backup(link) { "PrimarySlave=yes\n" } else { "" };
            // The permanent MAC: in a bond a card shows the MAC of the bond.
            let card = format!("PermanentMACAddress={}", card.colons());
            out.network(&format!("nic{number}"), &card, link.mtu, &format!("{holder}{primary}"));
        }
        for vlan in &link.vlans {
            out.netdev(&vlan.name, "vlan", None, &format!("[VLAN]\nId={}\n", vlan.id));
            let text = format!("Address={}\n{NO_DHCP}", vlan.address);
            out.network(&vlan.name, &format!("Name={}", vlan.name), vlan.mtu, &text);
        }
    }
    out.0
}

const NO_DHCP: &str = "DHCP=no\nIPv6AcceptRA=no\n";
/// For a device that only leads to one with an address.
const NO_ADDRESS: &str = "LinkLocalAddressing=no\nDHCP=no\nIPv6AcceptRA=no\n";

/// The section `[Network]` of the device with the address.
fn holder(link: &Link, plan: &Plan) -> String {
    match &link.address {
        Some(Address::Main { address, gateway, addressing: Addressing::Static }) => {
            let gateway = gateway.map_or_else(String::new, |gateway| format!("Gateway={gateway}\n"));
            format!("Address={address}\n{NO_DHCP}Domains={}\n{gateway}", plan.domain)
        }
        // By the MAC, as the registry has it.
        Some(Address::Main { addressing: Addressing::Dhcp, .. }) => format!(
            "DHCP=ipv4\nIPv6AcceptRA=no\nDomains={}\n\n[DHCPv4]\nClientIdentifier=mac\nUseHostname=no\nUseMTU=no\n",
            plan.domain
        ),
        Some(Address::Storage(address)) => format!("Address={address}\n{NO_DHCP}"),
        None => NO_ADDRESS.to_owned(),
    }
}

fn is_active_backup(link: &Link) -> bool {
    link.bond.as_ref().is_some_and(|(_, mode)| *mode == BondMode::ActiveBackup)
}

struct Files(Vec<PlacedFile>);

impl Files {
    fn netdev(&mut self, name: &str, kind: &str, mac: Option<MacAddr>, more: &str) {
        let mac = mac.map_or_else(String::new, |mac| format!("MACAddress={}\n", mac.colons()));
        let text = format!("{MADE}[NetDev]\nName={name}\nKind={kind}\n{mac}\n{more}");
        self.0.push(PlacedFile::new(format!("{FOLDER}{name}.netdev"), text));
    }

    fn network(&mut self, name: &str, which: &str, mtu: Option<Mtu>, more: &str) {
        let mtu = mtu.map_or_else(String::new, |mtu| format!("[Link]\nMTUBytes={mtu}\n\n"));
        let text = format!("{MADE}[Match]\n{which}\n\n{mtu}[Network]\n{more}");
        self.0.push(PlacedFile::new(format!("{FOLDER}{name}.network"), text));
    }
}
