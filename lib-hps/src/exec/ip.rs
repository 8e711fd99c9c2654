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

#[derive(Deserialize)]
struct Link {
    ifname: String,
    #[serde(default)]
    addr_info: Vec<Address>,
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
    parse_interfaces(
        &Run::new("ip", "iproute2")
            .args(["-json", "address", "show"])
            .text(Limit::QUESTION.bytes(MAX_OUTPUT_BYTES), &NEVER)?,
    )
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
}
