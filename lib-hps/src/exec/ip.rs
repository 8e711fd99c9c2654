// SPDX-License-Identifier: GPL-3.0-or-later
//! `ip` (iproute2): the interfaces of this machine and their addresses.

use super::{ExecError, Limit, NEVER, Run};
use crate::types::InterfaceName;
use ipnet::Ipv4Net;
use serde::Deserialize;
use std::net::Ipv4Addr;

/// An interface with its IPv4 addresses.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Interface {
    /// Its name.
    pub name: InterfaceName,
    /// Its addresses, each with the length of its prefix.
    pub addresses: Vec<Ipv4Net>,
}

/// Thousands of interfaces.
const MAX_OUTPUT_BYTES: usize = 16 << 20;

/// Whether anything can be heard on an interface.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LinkState {
    /// It is up and has a carrier.
    Up,
    /// It is up, and nothing is connected to it.
    NoCarrier,
    /// It is down.
    Down,
    /// It does not exist.
    Missing,
}

#[derive(Deserialize)]
struct Link {
    ifname: String,
    #[serde(default)]
    flags: Vec<String>,
    master: Option<String>,
    linkinfo: Option<LinkInfo>,
    #[serde(default)]
    addr_info: Vec<Address>,
}

#[derive(Deserialize)]
struct LinkInfo {
    info_kind: Option<String>,
}

#[derive(Deserialize)]
struct Address {
    family: String,
    local: Option<String>,
    prefixlen: u8,
}

#[derive(Deserialize)]
struct Route {
    gateway: Option<Ipv4Addr>,
    dev: Option<String>,
}

/// The interfaces except the loopback one. One with a name that HPS does not accept is left out.
///
/// # Errors
/// When `ip` is missing, fails, or prints something unexpected.
pub fn interfaces() -> Result<Vec<Interface>, ExecError> {
    parse_interfaces(&show()?)
}

/// Makes a bridge with this name and address, and switches it and the loopback interface on: in a network namespace of a rehearsal.
///
/// # Errors
/// When `ip` is missing or fails.
pub fn make_bridge(name: &InterfaceName, address: Ipv4Net) -> Result<(), ExecError> {
    let (name, address) = (name.as_str(), address.to_string());
    for arguments in [
        &["link", "set", "lo", "up"][..],
        &["link", "add", name, "type", "bridge"],
        &["address", "add", &address, "dev", name],
        &["link", "set", name, "up"],
    ] {
        Run::new("ip", "iproute2").args(arguments).output(Limit::QUESTION, &NEVER)?;
    }
    Ok(())
}

/// Whether the interface is up and connected.
///
/// # Errors
/// When `ip` is missing, fails, or prints something unexpected.
pub fn link_state(interface: &InterfaceName) -> Result<LinkState, ExecError> {
    parse_link_state(&show()?, interface)
}

fn show() -> Result<String, ExecError> {
    let limit = Limit::QUESTION.bytes(MAX_OUTPUT_BYTES);
    Run::new("ip", "iproute2").args(["-json", "-details", "address", "show"]).text(limit, &NEVER)
}

fn parse_link_state(text: &str, interface: &InterfaceName) -> Result<LinkState, ExecError> {
    let links: Vec<Link> = serde_json::from_str(text).map_err(unexpected)?;
    let Some(link) = links.iter().find(|link| link.ifname == interface.as_str()) else {
        return Ok(LinkState::Missing);
    };
    let has = |flag: &str| link.flags.iter().any(|known| known == flag);
    // A new bridge has a carrier until its first port goes down.
    let is_bridge = link.linkinfo.as_ref().is_some_and(|info| info.info_kind.as_deref() == Some("bridge"));
    let has_ports = || links.iter().any(|port| port.master.as_deref() == Some(interface.as_str()));
    Ok(match (has("UP"), has("NO-CARRIER") || (is_bridge && !has_ports())) {
        (false, _) => LinkState::Down,
        (true, true) => LinkState::NoCarrier,
        (true, false) => LinkState::Up,
    })
}

/// The default gateway behind an interface, if there is one.
///
/// # Errors
/// When `ip` is missing, fails, or prints something unexpected.
pub fn default_gateway(interface: &InterfaceName) -> Result<Option<Ipv4Addr>, ExecError> {
    let text = Run::new("ip", "iproute2")
        .args(["-json", "-4", "route", "show", "default"])
        .text(Limit::QUESTION.bytes(MAX_OUTPUT_BYTES), &NEVER)?;
    let text = if text.trim().is_empty() { "[]" } else { text.as_str() };
    let routes: Vec<Route> = serde_json::from_str(text).map_err(unexpected)?;
    Ok(routes.into_iter().find(|r| r.dev.as_deref() == Some(interface.as_str())).and_then(|r| r.gateway))
}

fn parse_interfaces(text: &str) -> Result<Vec<Interface>, ExecError> {
    let links: Vec<Link> = serde_json::from_str(text).map_err(unexpected)?;
    let mut interfaces = Vec::new();
    for link in links {
        let Ok(name) = link.ifname.parse::<InterfaceName>() else { continue };
        if name.as_str() == "lo" {
            continue;
        }
        let addresses = link
            .addr_info
            .iter()
            .filter(|a| a.family == "inet")
            .filter_map(|a| Ipv4Net::new(a.local.as_deref()?.parse().ok()?, a.prefixlen).ok())
            .collect();
        interfaces.push(Interface { name, addresses });
    }
    Ok(interfaces)
}

fn unexpected(error: serde_json::Error) -> ExecError {
    ExecError::Output { program: "ip", problem: error.to_string() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_ip_writes_is_read() {
        let text = r#"[{"ifname":"lo","addr_info":[{"family":"inet","local":"127.0.0.1","prefixlen":8}]},
            {},{"ifname":"br0","addr_info":[{"family":"inet6","local":"fe80::1","prefixlen":64},{"family":"inet","local":"10.0.0.1","prefixlen":24}]},
            {"ifname":"eth1"}]"#.replace("{},", "");
        let interfaces = parse_interfaces(&text).unwrap();
        assert_eq!(interfaces.len(), 2);
        assert_eq!(interfaces[0].addresses, ["10.0.0.1/24".parse().unwrap()]);
        assert!(parse_interfaces("no json").is_err());
        assert!(super::interfaces().is_ok(), "the real program");
    }

    #[test]
    fn the_flags_tell_whether_anything_can_be_heard() {
        let text = r#"[{"ifname":"a","flags":["BROADCAST","UP","LOWER_UP"]},{"ifname":"b","flags":["NO-CARRIER","UP"]},
            {"ifname":"c","flags":["BROADCAST"]},
            {"ifname":"br0","flags":["UP"],"linkinfo":{"info_kind":"bridge"}},
            {"ifname":"br1","flags":["UP"],"linkinfo":{"info_kind":"bridge"}},
            {"ifname":"e","flags":["UP"],"master":"br1","linkinfo":{"info_slave_kind":"bridge"}}]"#;
        for (name, expected) in [
            ("a", LinkState::Up),
            ("b", LinkState::NoCarrier),
            ("c", LinkState::Down),
            ("d", LinkState::Missing),
            ("br0", LinkState::NoCarrier),
            ("br1", LinkState::Up),
        ] {
            assert_eq!(parse_link_state(text, &name.parse().unwrap()).unwrap(), expected, "{name}");
        }
        let real = link_state(&"lo".parse().unwrap()).unwrap();
        assert!(real != LinkState::Missing, "the real program: {real:?}");
    }
}
