// SPDX-License-Identifier: GPL-3.0-or-later

use super::{Context, Found};
use hps::config::{Cluster, DhcpMode};
use hps::exec::services::{Service, is_process_of};
use hps::exec::ss::{Listener, Protocol, SocketOwner};

/// A port that a service needs.
struct Needed {
    service: Service,
    protocol: Protocol,
    number: u16,
    what: &'static str,
    /// Whether packets for it go to all programs that have it.
    shared: bool,
}

fn needed(cluster: &Cluster) -> Vec<Needed> {
    let dnsmasq = |protocol, number, what, shared| Needed { service: Service::Dnsmasq, protocol, number, what, shared };
    let mut all = vec![
        dnsmasq(Protocol::Udp, 53, "DNS", false),
        dnsmasq(Protocol::Tcp, 53, "DNS", false),
        dnsmasq(Protocol::Udp, 69, "TFTP", false),
    ];
    if cluster.network.dhcp != DhcpMode::None {
        all.push(dnsmasq(Protocol::Udp, 67, "DHCP", true));
    }
    if cluster.network.dhcp == DhcpMode::Proxy {
        all.push(dnsmasq(Protocol::Udp, 4011, "proxyDHCP", true));
    }
    if cluster.time.server {
        let service = Service::Chronyd;
        all.push(Needed { service, protocol: Protocol::Udp, number: 123, what: "NTP", shared: false });
    }
    if cluster.web.server && cluster.web.address.is_none_or(|own| own == cluster.server()) {
        let number = cluster.web.port;
        all.push(Needed { service: Service::WebTls, protocol: Protocol::Tcp, number, what: "the page", shared: false });
    }
    all.push(Needed {
        service: Service::Lighttpd,
        protocol: Protocol::Tcp,
        number: cluster.network.http_port,
        what: "HTTP",
        shared: false,
    });
    all
}

/// Who has each port.
pub(in super::super) fn run(context: &Context) -> anyhow::Result<Vec<Found>> {
    // HPS does not know which programs serve then.
    if context.manager().is_none() {
        return Ok(Vec::new());
    }
    let (listeners, cluster) = (context.listeners()?, &context.store.cluster);
    let mut found: Vec<Found> = Vec::new();
    for needed in needed(cluster) {
        let Some(one) = check(context, &needed, listeners) else { continue };
        context.is_broken_now(needed.service.program());
        if !found.contains(&one) {
            found.push(one);
        }
    }
    Ok(found)
}

fn check(context: &Context, needed: &Needed, listeners: &[Listener]) -> Option<Found> {
    let cluster = &context.store.cluster;
    let (server, interface) = (cluster.server(), cluster.network.interface.as_str());
    let program = needed.service.program();
    let (mut own, mut others): (bool, Vec<&SocketOwner>) = (false, Vec::new());
    for listener in listeners {
        let same = (listener.protocol, listener.port) == (needed.protocol, needed.number);
        if !same || !listener.is_at(server, interface) {
            continue;
        }
        for owner in &listener.owners {
            if is_process_of(needed.service, &context.site.conf, owner.pid) {
                own = true;
            } else if needed.shared || listener.address == Some(server) || !context.runs(needed.service) {
                // Beside a socket of this one address, one of all addresses gets nothing.
                others.push(owner);
            }
        }
    }
    let (what, number, protocol) = (needed.what, needed.number, needed.protocol);
    let port = format!("{protocol} port {number} ({what}) of {server}");
    if let Some(other) = others.first() {
        let is_left = if own { "too" } else { "and not by the service of HPS" };
        let text = format!("{port} is held by {} (process {}) {is_left}", other.program, other.pid);
        return Some(Found::problem(text, "end that program, then: reload"));
    }
    // A service that does not run has a line of its own, and so has an interface that is gone, with its sockets.
    (!own && context.runs(needed.service) && !context.is_broken("interface"))
        .then(|| Found::problem(format!("{program} runs, but {port} is not open"), "reload --stop, then: reload"))
}
