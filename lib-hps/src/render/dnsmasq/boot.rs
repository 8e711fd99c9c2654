// SPDX-License-Identifier: GPL-3.0-or-later

use super::lines::Lines;
use super::places::Places;
use crate::config::{Cluster, DhcpMode};
use crate::types::{ClientArchitecture, Loader, Transport};

/// A boot loader for some kinds of client.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BootLoader {
    /// The file in the TFTP folder.
    pub file: String,
    /// The architectures that it serves.
    pub architectures: Vec<ClientArchitecture>,
    /// Which setting of `boot.loader` selects it.
    pub loader: Loader,
}

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
    for loader in loaders {
        for architecture in &loader.architectures {
            let number = architecture.number();
            match architecture.transport() {
                Transport::Tftp => {
                    out.line(format_args!("dhcp-boot=tag:arch{number},tag:!ipxe,{},,{server}", loader.file));
                }
                Transport::Http => {
                    // A client that boots by HTTP accepts only an answer that says so.
                    out.line(format_args!("dhcp-option-force=tag:arch{number},tag:!ipxe,60,HTTPClient"));
                    let url = format!("{}/boot/{}", cluster.base_url(), loader.file);
                    out.line(format_args!("dhcp-boot=tag:arch{number},tag:!ipxe,{url}"));
                }
            }
        }
    }
    out.line(format_args!("dhcp-boot=tag:ipxe,{}?cmd=init", cluster.boot_manager_url()));
}

/// The same beside another DHCP server. dnsmasq answers PXE clients, by their architecture, from its `pxe-service`
/// lines, and iPXE by `dhcp-boot`. It answers no `HTTPClient` in this mode, so firmware that boots by HTTP needs lines
/// in the other server.
fn proxy_clients(cluster: &Cluster, loaders: &[BootLoader], out: &mut Lines) {
    let server = cluster.server();
    for loader in loaders {
        for architecture in loader.architectures.iter().filter(|a| a.transport() == Transport::Tftp) {
            out.line(format_args!("pxe-service=tag:!ipxe,{},HPS,{},{server}", architecture.number(), loader.file));
        }
    }
    // With the address of the server: iPXE takes the offer of a proxyDHCP server only if it has both.
    out.line(format_args!("dhcp-boot=tag:ipxe,{}?cmd=init,,{server}", cluster.boot_manager_url()));
}
