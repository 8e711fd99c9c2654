// SPDX-License-Identifier: GPL-3.0-or-later
//! Other DHCP servers on the cluster's network, for the programs that start dnsmasq or report on it.

use crate::program;
use anyhow::Context as _;
use hps::exec::NEVER;
use hps::exec::ip::{self, LinkState};
use hps::types::InterfaceName;
use hps::wire::{DhcpServer, Discovery, WireError};
use std::net::Ipv4Addr;

/// What was heard.
#[derive(Debug)]
pub(crate) enum Heard {
    /// These servers, without those of this node.
    Servers(Vec<DhcpServer>),
    /// Nothing is connected to the interface, as this line says.
    Unconnected(String),
    /// Nothing can be heard, for this reason.
    Nothing(String),
}

/// Asks on an interface, for up to 5 seconds. If this node's dnsmasq runs, an answer from an address of this machine is
/// its answer; otherwise it is that of another program of this machine.
///
/// # Errors
/// When the question cannot be asked, although the interface is up and this is root.
pub(crate) fn listen(program: &str, interface: &InterfaceName, dnsmasq_runs: bool) -> anyhow::Result<Heard> {
    let line = |why: &str| format!("{interface}: other DHCP servers cannot be heard: {why}");
    let cannot = |why: &str| Ok(Heard::Nothing(line(why)));
    match ip::link_state(interface)? {
        LinkState::Up => {}
        LinkState::NoCarrier => return Ok(Heard::Unconnected(line("nothing is connected to it"))),
        LinkState::Down => return cannot(&format!("it is down; bring it up with: ip link set {interface} up")),
        LinkState::Missing => return cannot("it does not exist now; see: ip address"),
    }
    let own: Vec<Ipv4Addr> = ip::interfaces()?
        .iter()
        .flat_map(|i| &i.addresses)
        .map(ipnet::Ipv4Net::addr)
        .filter(|_| dnsmasq_runs)
        .collect();
    program::eprint_progress(
        program,
        format_args!("looking for other DHCP servers on {interface}, for up to 5 seconds"),
    );
    match Discovery::new(interface, &own).run(&NEVER) {
        Ok(found) => Ok(Heard::Servers(found.into_iter().filter(|server| !server.is_at(&own)).collect())),
        Err(error @ WireError::NotRoot { .. }) => Ok(Heard::Nothing(error.to_string())),
        Err(error) => Err(error).context("other DHCP servers were not looked for"),
    }
}
