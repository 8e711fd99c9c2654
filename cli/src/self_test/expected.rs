// SPDX-License-Identifier: GPL-3.0-or-later
//! Which boot file each kind of client should be offered.

use hps::config::{Cluster, DhcpMode};
use hps::render::dnsmasq::{BootLoader, Cards};
use hps::types::{ClientArchitecture, FirmwareKind, Transport};
use hps::wire::dhcp::ClientKind;

/// A kind of client, and its boot file.
#[derive(Debug)]
pub(super) struct Expected {
    pub(super) kind: ClientKind,
    pub(super) file: String,
}

/// Each served architecture, then iPXE on one of each firmware. Beside another DHCP server dnsmasq answers no client
/// that boots by HTTP.
pub(super) fn expected(cluster: &Cluster, served: &[BootLoader]) -> Vec<Expected> {
    let mut all = Vec::new();
    let mut ipxe: Vec<ClientArchitecture> = Vec::new();
    // A loader of single cards is not for the card of the test client.
    for loader in served.iter().filter(|loader| matches!(loader.cards, Cards::All)) {
        for architecture in &loader.architectures {
            let number = architecture.number();
            let (kind, file) = match architecture.transport() {
                Transport::Tftp => (ClientKind::Pxe(number), loader.file.clone()),
                Transport::Http if cluster.network.dhcp == DhcpMode::Proxy => continue,
                Transport::Http => (ClientKind::Http(number), format!("{}/boot/{}", cluster.base_url(), loader.file)),
            };
            all.push(Expected { kind, file });
        }
        let first = |firmware| loader.architectures.iter().find(|a| a.firmware() == firmware).copied();
        ipxe.extend([FirmwareKind::Bios, FirmwareKind::Uefi].into_iter().filter_map(first));
    }
    let file = format!("{}?cmd=init", cluster.boot_manager_url());
    all.extend(ipxe.into_iter().map(|a| Expected { kind: ClientKind::Ipxe(a.number()), file: file.clone() }));
    all
}

/// `a client of architecture 7 (x64 UEFI)`.
pub(super) fn describe(kind: ClientKind) -> String {
    let architecture = kind.architecture().map(ClientArchitecture::new);
    match (kind, architecture) {
        (ClientKind::Ipxe(_), Some(architecture)) => format!("iPXE on architecture {architecture}"),
        (_, Some(architecture)) => format!("a client of architecture {architecture}"),
        (_, None) => "a client that boots nothing".to_owned(),
    }
}
