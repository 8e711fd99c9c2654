// SPDX-License-Identifier: GPL-3.0-or-later

use super::boot_loader::{BootLoader, Offer, groups, offers};
use super::lines::Lines;
use super::places::Places;
use crate::config::{Cluster, DhcpMode};
use crate::types::ClientArchitecture;

/// The lines of TFTP, and of the boot loader that each client is offered.
pub(super) fn write(cluster: &Cluster, loaders: &[BootLoader], places: &Places<'_>, out: &mut Lines) {
    out.line("\n# Boot: firmware gets a boot loader for its architecture, iPXE gets the boot manager");
    out.line("enable-tftp");
    out.line(format_args!("tftp-root={}", places.tftp.display()));
    // The log names the tags of each client, so `host-state pending` finds those that are not served too.
    match cluster.network.dhcp {
        DhcpMode::Server => {
            tags(ClientArchitecture::listed(), out);
            clients(cluster, loaders, out);
        }
        DhcpMode::Proxy => {
            tags(ClientArchitecture::listed(), out);
            proxy_clients(cluster, loaders, out);
        }
        DhcpMode::None => {}
    }
}

/// A tag for iPXE, and one for each of these architectures.
pub(super) fn tags(architectures: impl Iterator<Item = ClientArchitecture>, out: &mut Lines) {
    out.line("dhcp-match=set:ipxe,175");
    for number in architectures.map(ClientArchitecture::number) {
        out.line(format_args!("dhcp-match=set:arch{number},option:client-arch,{number}"));
    }
}

/// The boot loader of each client, where dnsmasq is its DHCP server.
pub(super) fn clients(cluster: &Cluster, loaders: &[BootLoader], out: &mut Lines) {
    let server = cluster.server();
    if loaders.iter().any(|loader| loader.file.contains('/')) {
        // A shim takes the folder of its GRUB from the header of the answer, and not from option 67, which dnsmasq
        // prefers. That GRUB does the same with its first file.
        out.line("dhcp-no-override");
    }
    card_tags(loaders, out);
    for offer in offers(loaders) {
        let tags = format!("tag:arch{},tag:!ipxe{}", offer.architecture.number(), group_tags(&offer));
        if offer.is_http() {
            // A client that boots by HTTP accepts only an answer that says so.
            out.line(format_args!("dhcp-option-force={tags},60,HTTPClient"));
            out.line(format_args!("dhcp-boot={tags},{}/boot/{}", cluster.base_url(), offer.file));
        } else {
            out.line(format_args!("dhcp-boot={tags},{},,{server}", offer.file));
        }
    }
    out.line(format_args!("dhcp-boot=tag:ipxe,{}?cmd=init", cluster.boot_manager_url()));
}

/// The same beside another DHCP server. dnsmasq answers PXE clients, by their architecture, from its `pxe-service`
/// lines, and iPXE by `dhcp-boot`. It answers no `HTTPClient` in this mode, so firmware that boots by HTTP needs lines
/// in the other server.
fn proxy_clients(cluster: &Cluster, loaders: &[BootLoader], out: &mut Lines) {
    let server = cluster.server();
    card_tags(loaders, out);
    for offer in offers(loaders).iter().filter(|offer| !offer.is_http()) {
        let (tags, number) = (group_tags(offer), offer.architecture.number());
        out.line(format_args!("pxe-service=tag:!ipxe{tags},{number},HPS,{},{server}", offer.file));
    }
    // With the address of the server: iPXE takes the offer of a proxyDHCP server only if it has both.
    out.line(format_args!("dhcp-boot=tag:ipxe,{}?cmd=init,,{server}", cluster.boot_manager_url()));
}

/// A tag for each group of cards that has a boot loader of its own.
fn card_tags(loaders: &[BootLoader], out: &mut Lines) {
    for (group, loader) in groups(loaders) {
        for bytes in loader.cards.first_bytes() {
            let given = bytes.iter().map(|byte| format!("{byte:02x}"));
            let mac: Vec<_> = given.chain(std::iter::repeat("*".to_owned())).take(6).collect();
            out.line(format_args!("dhcp-mac=set:loader{group},{}", mac.join(":")));
        }
    }
}

fn group_tags(offer: &Offer<'_>) -> String {
    let own = offer.group.map(|group| format!(",tag:loader{group}"));
    own.into_iter().chain(offer.not.iter().map(|group| format!(",tag:!loader{group}"))).collect()
}
