// SPDX-License-Identifier: GPL-3.0-or-later
//! `ss` (iproute2): which processes have which ports.

use super::{ExecError, Limit, Run};
use std::net::Ipv4Addr;
use std::sync::atomic::AtomicBool;

/// A server may have thousands of sockets.
const MAX_OUTPUT_BYTES: usize = 16 << 20;

/// A protocol with ports.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Protocol {
    /// TCP.
    Tcp,
    /// UDP.
    Udp,
}

impl std::fmt::Display for Protocol {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Tcp => "TCP",
            Self::Udp => "UDP",
        })
    }
}

/// A process that has a socket.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SocketOwner {
    /// The name of its program, at most 15 bytes.
    pub program: String,
    /// Its number.
    pub pid: i32,
}

/// A socket that waits for clients.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listener {
    /// Its protocol.
    pub protocol: Protocol,
    /// Its address; `None` for every address of this machine.
    pub address: Option<Ipv4Addr>,
    /// The interface that it is bound to, if it is bound to one.
    pub interface: Option<String>,
    /// Its port.
    pub port: u16,
    /// The processes that have it. Without root only those of the caller are known.
    pub owners: Vec<SocketOwner>,
}

impl Listener {
    /// Whether it gets what arrives at this address on this interface.
    pub fn is_at(&self, address: Ipv4Addr, interface: &str) -> bool {
        self.address.is_none_or(|own| own == address) && self.interface.as_deref().is_none_or(|own| own == interface)
    }
}

/// All of them in this network namespace that IPv4 packets can reach.
///
/// # Errors
/// When `ss` is missing or fails.
pub fn listeners(stop: &AtomicBool) -> Result<Vec<Listener>, ExecError> {
    let text = Run::new("ss", "iproute2")
        .args(["--no-header", "--numeric", "--listening", "--tcp", "--udp", "--processes"])
        .text(Limit::QUESTION.bytes(MAX_OUTPUT_BYTES), stop)?;
    Ok(text.lines().filter_map(listener).collect())
}

/// `udp UNCONN 0 0 0.0.0.0%eth1:67 0.0.0.0:* users:(("dnsmasq",pid=812,fd=4))`
fn listener(line: &str) -> Option<Listener> {
    let mut words = line.split_whitespace();
    let protocol = match words.next()? {
        "tcp" => Protocol::Tcp,
        "udp" => Protocol::Udp,
        _ => return None,
    };
    let (place, port) = words.nth(3)?.rsplit_once(':')?;
    let (host, interface) = match place.split_once('%') {
        Some((host, interface)) => (host, Some(interface.trim_end_matches(']').to_owned())),
        None => (place, None),
    };
    let address = match host {
        // A socket of IPv6 for every address gets IPv4 too (ipv6(7), IPV6_V6ONLY).
        "*" | "0.0.0.0" | "[::" | "[::]" => None,
        other => Some(other.parse().ok()?),
    };
    let owners = words.nth(1).map(owners).unwrap_or_default();
    Some(Listener { protocol, address, interface, port: port.parse().ok()?, owners })
}

/// `users:(("nginx",pid=9,fd=6),("nginx",pid=8,fd=6))`
fn owners(text: &str) -> Vec<SocketOwner> {
    let one = |part: &str| {
        let (program, rest) = part.split_once("\",pid=")?;
        let pid = rest.split(',').next()?.parse().ok()?;
        Some(SocketOwner { program: program.to_owned(), pid })
    };
    text.split("(\"").filter_map(one).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_of_ss_are_read() {
        let server = Ipv4Addr::new(10, 0, 0, 1);
        let read = |line: &str| listener(line).unwrap();
        let dhcp = read(r#"udp   UNCONN 0  0   0.0.0.0%eth1:67   0.0.0.0:*  users:(("dnsmasq",pid=812,fd=4))"#);
        assert_eq!((dhcp.protocol, dhcp.port, dhcp.address), (Protocol::Udp, 67, None));
        assert_eq!(dhcp.owners, [SocketOwner { program: "dnsmasq".to_owned(), pid: 812 }]);
        assert!(dhcp.is_at(server, "eth1") && !dhcp.is_at(server, "eth0"));
        let web = read(r#"tcp LISTEN 0 511 10.0.0.1:80 0.0.0.0:* users:(("nginx",pid=9,fd=6),("nginx",pid=8,fd=6))"#);
        assert_eq!((web.protocol, web.address, web.owners.len()), (Protocol::Tcp, Some(server), 2));
        assert!(web.is_at(server, "eth1") && !web.is_at(Ipv4Addr::new(10, 0, 0, 2), "eth1"));
        for place in ["*:80", "[::]:80", "0.0.0.0:80"] {
            let any = read(&format!("tcp LISTEN 0 511 {place} *:*"));
            assert!(any.is_at(server, "eth1") && any.owners.is_empty(), "{place}");
        }
        assert_eq!(listener("tcp LISTEN 0 5 [::1]:80 *:*"), None, "IPv4 does not reach it");
        assert_eq!(listener("u_str LISTEN 0 0 /run/x 1 * 0"), None);
        assert!(listeners(&std::sync::atomic::AtomicBool::new(false)).is_ok(), "the real program");
    }
}
