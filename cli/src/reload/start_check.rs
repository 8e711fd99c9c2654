// SPDX-License-Identifier: GPL-3.0-or-later
//! Whether the services could start: the address must be on the interface, the ports must be free, and nothing else may
//! set the clock if chronyd starts.

use super::running_services::RunningServices;
use crate::program::{Ended, Exit};
use anyhow::Context as _;
use hps::config::{Cluster, DhcpMode, HpsConf, line_of_key};
use hps::exec::services::{Service, other_chronyd};
use hps::exec::{dhcp_port, ip};
use hps::store::{Store, cluster_text};
use std::io::ErrorKind;
use std::net::{Ipv4Addr, TcpListener, UdpSocket};

/// Checks it for every service that does not run, or will run at another address.
///
/// # Errors
/// [`Exit::NotFound`] for a missing interface or address, [`Exit::Busy`] for a port that another program has, or for another
/// chronyd.
pub(super) fn check(before: &RunningServices<'_>, store: &Store, conf: &HpsConf) -> anyhow::Result<()> {
    if before.manager().is_some() {
        check_address(store)?;
    }
    let server = store.cluster.server();
    if !before.running().contains(&Service::Dnsmasq) {
        check_free("DNS", server, 53, |a| TcpListener::bind(a).map(drop))?;
        check_free("DNS", server, 53, |a| UdpSocket::bind(a).map(drop))?;
        check_free("TFTP", server, 69, |a| UdpSocket::bind(a).map(drop))?;
        let interface = &store.cluster.network.interface;
        if store.cluster.network.dhcp != DhcpMode::None {
            report_use("DHCP", &format!("interface {interface}"), 67, dhcp_port::check_free(interface))?;
        }
    }
    if store.cluster.time.server && !before.running().contains(&Service::Chronyd) {
        check_free("NTP", server, 123, |a| UdpSocket::bind(a).map(drop))?;
        check_clock(conf)?;
    }
    let web = &store.cluster.web;
    if web.server && (!before.running().contains(&Service::WebTls) || before.page_moves(&store.cluster)) {
        let address = web.address.unwrap_or(Ipv4Addr::UNSPECIFIED);
        check_free("the page", address, web.port, |a| TcpListener::bind(a).map(drop))?;
    }
    if !before.running().contains(&Service::Lighttpd) || before.lighttpd_moves(&store.cluster) {
        check_free("HTTP", server, store.cluster.network.http_port, |a| TcpListener::bind(a).map(drop))?;
    }
    Ok(())
}

/// Two chronyd would set one clock, each against the other.
fn check_clock(conf: &HpsConf) -> anyhow::Result<()> {
    let other = other_chronyd(conf).context("the processes of this machine cannot be read")?;
    other.map_or(Ok(()), |pid| {
        Err(Ended::error(
            Exit::Busy,
            format!(
                "another chronyd (process {pid}) sets the clock of this machine; nothing was changed; stop and disable it: systemctl disable --now chrony"
            ),
        ))
    })
}

pub(super) fn check_address(store: &Store) -> anyhow::Result<()> {
    let network = &store.cluster.network;
    let interfaces = ip::interfaces()?;
    let Some(interface) = interfaces.iter().find(|i| i.name == network.interface) else {
        let found: Vec<&str> = interfaces.iter().map(|interface| interface.name.as_str()).collect();
        let found = if found.is_empty() { "none".to_owned() } else { found.join(", ") };
        return Err(Ended::error(
            Exit::NotFound,
            format!(
                "{}interface {} of cluster {} is not on this machine; there are: {found} (see: ip address)",
                place_of_interface(store),
                network.interface,
                store.cluster.name
            ),
        ));
    };
    if interface.addresses.contains(&network.address) {
        return Ok(());
    }
    Err(Ended::error(
        Exit::NotFound,
        format!(
            "{} has no address {}; add it with: ip address add {} dev {}",
            interface.name, network.address, network.address, interface.name
        ),
    ))
}

/// File and line of the interface, if the file has the settings that are checked; a new cluster has none yet.
fn place_of_interface(store: &Store) -> String {
    let Ok(text) = cluster_text(store.paths.conf(), &store.cluster.name) else { return String::new() };
    let is_it = Cluster::parse(&text).is_ok_and(|cluster| cluster == store.cluster);
    match line_of_key(&text, "network.interface").filter(|_| is_it) {
        Some(line) => format!("{}: line {line}: ", store.paths.cluster_file().display()),
        None => String::new(),
    }
}

fn check_free(
    what: &str,
    server: Ipv4Addr,
    port: u16,
    bind: impl Fn((Ipv4Addr, u16)) -> std::io::Result<()>,
) -> anyhow::Result<()> {
    report_use(what, &server.to_string(), port, bind((server, port)))
}

fn report_use(what: &str, place: &str, port: u16, bound: std::io::Result<()>) -> anyhow::Result<()> {
    match bound {
        Err(error) if error.kind() == ErrorKind::AddrInUse => Err(Ended::error(
            Exit::Busy,
            format!(
                "port {port} ({what}) of {place} is in use by another program; nothing was changed; to see which program has it: ss -lntup"
            ),
        )),
        _ => Ok(()),
    }
}
