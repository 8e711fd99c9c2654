// SPDX-License-Identifier: GPL-3.0-or-later
//! `[[subnet]]`, `[[storage_network]]`, `[[boot_loader]]`, `[[rule]]` and `[legacy]`.

use super::lines::Lines;
use crate::config::{BootLoaderChoice, Legacy, Rule, StorageNetwork, Subnet, SubnetIdentity};
use crate::types::MacAddr;

pub(super) fn subnet(out: &mut Lines, subnet: &Subnet) {
    out.element("subnet");
    out.text("name", &subnet.name, "for host-state add --subnet");
    out.text("network", subnet.network, "behind a DHCP relay that sends to this node");
    out.text("dhcp_range", subnet.dhcp_range, "for machines that are not known yet");
    out.text("host_range", subnet.host_range, "reserved for hosts, one each, for good");
    out.text("gateway", subnet.gateway, "default gateway of hosts");
    out.list("dns", &subnet.dns, "name servers of hosts; empty: those of [network]");
    out.list("ntp", &subnet.ntp, "time servers of hosts; empty: those of [network]");
    if let Some(domain) = &subnet.domain {
        out.text("domain", domain, "of hosts");
    }
    if let Some(types) = &subnet.types {
        out.list("types", types, "whose hosts get an address of it");
    }
    if !subnet.mac_prefixes.is_empty() {
        out.list("mac_prefixes", &subnet.mac_prefixes, "how the MACs of its hosts begin");
    }
    if subnet.identity != SubnetIdentity::default() {
        out.text("identity", subnet.identity, "what proves who asks: lease or address");
    }
}

pub(super) fn storage_network(out: &mut Lines, storage: &StorageNetwork) {
    out.element("storage_network");
    out.text("name", &storage.name, "the interface of its VLAN on hosts");
    out.text("network", storage.network, "a host's address in it ends like its main one");
    if let Some(vlan) = storage.vlan {
        out.bare("vlan", vlan, "the tag, which the switch must know");
    }
    if let Some(nics) = &storage.nics {
        out.bare("nics", nics, "its cards, by the place of the MAC in the host's record");
        if nics.places().len() > 1 {
            out.text("bond", storage.bond, "how they share the work");
        }
    }
    if let Some(mtu) = storage.mtu {
        out.bare("mtu", mtu, "largest packet, in bytes");
    }
    out.list("types", &storage.types, "whose hosts are on it");
}

pub(super) fn boot_loader(out: &mut Lines, choice: &BootLoaderChoice) {
    out.element("boot_loader");
    out.text("file", &choice.file, "of HPS, or the site's own with path and sha256");
    out.given("path", choice.path.as_ref());
    out.given("sha256", choice.sha256.as_ref());
    if !choice.architectures.is_empty() {
        let numbers: Vec<String> = choice.architectures.iter().map(|a| a.number().to_string()).collect();
        out.bare("architectures", format_args!("[{}]", numbers.join(", ")), "of clients (DHCP option 93)");
    }
    out.given("hosts", choice.hosts.as_ref());
    out.given("mac_prefix", choice.mac_prefix.as_ref());
    out.given("product", choice.product.as_ref());
    out.text("reason", &choice.reason, "for people");
}

pub(super) fn rule(out: &mut Lines, rule: &Rule) {
    out.element("rule");
    out.text("name", &rule.name, "installs, once, a machine that was never installed and is");
    out.given("mac", rule.mac.map(MacAddr::colons));
    out.given("mac_prefix", rule.mac_prefix.as_ref());
    out.given("uuid", rule.uuid.as_ref());
    out.given("serial", rule.serial.as_ref());
    out.given("product", rule.product.as_ref());
    out.text("type", rule.host_type, "what it becomes");
    out.given("profile", rule.profile);
    out.given("distro", rule.distro.as_ref());
}

pub(super) fn legacy(out: &mut Lines, legacy: &Legacy) {
    out.table("legacy");
    out.line("# Commands of the shell release. Each trusts any sender; docs/reference/legacy.md names the risks.");
    for (command, on, cost) in legacy.settings() {
        out.bare(command, on, cost);
    }
}
