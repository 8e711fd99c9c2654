// SPDX-License-Identifier: GPL-3.0-or-later

use super::super::expected::{Expected, describe, expected};
use super::{Context, Found};
use hps::config::{Cluster, DhcpMode};
use hps::types::{ClientArchitecture, Transport};
use hps::wire::DhcpServer;
use hps::wire::dhcp::{ClientKind, Reply};

/// What each kind of client was offered.
pub(in super::super) fn run(context: &Context) -> anyhow::Result<Vec<Found>> {
    let cluster = &context.store.cluster;
    let expected = expected(cluster, &context.loaders()?.served);
    let servers = context.client()?.exchange(&questions(&expected))?;
    let own: Vec<&DhcpServer> = match cluster.network.dhcp {
        DhcpMode::None => servers.iter().collect(),
        DhcpMode::Server | DhcpMode::Proxy => servers.iter().filter(|s| s.is_at(&[cluster.server()])).collect(),
    };
    if own.is_empty() {
        return Ok(vec![nobody(cluster)]);
    }
    let mut found: Vec<Found> = expected.iter().filter_map(|one| check(cluster, one, &own)).collect();
    if found.is_empty() {
        let kinds: Vec<String> = expected.iter().map(|one| describe(one.kind)).collect();
        found.push(Found::ok(format!("a boot file for {}", kinds.join(", "))));
    }
    Ok(found)
}

/// Each kind once.
pub(super) fn questions(expected: &[Expected]) -> Vec<ClientKind> {
    expected.iter().map(|one| one.kind).collect()
}

fn nobody(cluster: &Cluster) -> Found {
    let interface = &cluster.network.interface;
    match cluster.network.dhcp {
        DhcpMode::None => Found::problem(
            format!("{interface}: dhcp is \"none\", and no DHCP server answers a test client"),
            "start the DHCP server of this network",
        ),
        mode => Found::problem(
            format!("{interface}: dhcp is \"{mode}\", but dnsmasq answers no test client"),
            "check the firewall for UDP port 67, and the end of dnsmasq.log",
        ),
    }
}

fn check(cluster: &Cluster, expected: &Expected, servers: &[&DhcpServer]) -> Option<Found> {
    let offers: Vec<&Reply> = servers
        .iter()
        .flat_map(|server| &server.offers)
        .filter(|(kind, _)| *kind == expected.kind)
        .map(|(_, offer)| offer)
        .collect();
    if offers.iter().any(|offer| is_right(cluster, expected, offer)) {
        return None;
    }
    let who = describe(expected.kind);
    let wanted = &expected.file;
    let seen = match offers.as_slice() {
        [] => format!("{who} gets no offer; expected the boot file {wanted}"),
        [offer, ..] => match &offer.boot_file {
            Some(file) => format!("{who} is offered {file}; expected {wanted}"),
            None => format!("{who} is offered no boot file; expected {wanted}"),
        },
    };
    let advice = match cluster.network.dhcp {
        DhcpMode::None => "give that server the lines of: reload --print PROGRAM",
        DhcpMode::Server | DhcpMode::Proxy => "restart dnsmasq with: reload --stop; reload",
    };
    Some(Found::problem(seen, advice))
}

/// Whether a client can boot by an offer.
fn is_right(cluster: &Cluster, expected: &Expected, offer: &Reply) -> bool {
    let by_http = expected
        .kind
        .architecture()
        .map(ClientArchitecture::new)
        .is_some_and(|a| a.transport() == Transport::Http && !expected.kind.is_ipxe());
    let says_http = offer.vendor_class.as_ref().is_some_and(|class| class.as_str().starts_with("HTTPClient"));
    let file = offer.boot_file.as_ref().is_some_and(|file| file.as_str() == expected.file);
    let server = by_http || expected.kind.is_ipxe() || offer.next_server == Some(cluster.server());
    // Beside another server, firmware of PXE takes the boot file from a menu in option 43, which is not read here.
    let by_menu = cluster.network.dhcp == DhcpMode::Proxy && !expected.kind.is_ipxe() && offer.is_proxy();
    by_menu || (file && server && (!by_http || says_http))
}
