// SPDX-License-Identifier: GPL-3.0-or-later

use super::dhcp::{ClientKind, Reply};
use crate::types::Line;
use std::fmt;
use std::net::Ipv4Addr;

/// A DHCP server that answered, with what it offered to each kind of client.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DhcpServer {
    /// Its server identifier (option 54), or else the address that sent its reply.
    pub identifier: Ipv4Addr,
    /// The address that sent its reply.
    pub source: Ipv4Addr,
    /// What it offered, in the order of arrival.
    pub offers: Vec<(ClientKind, Reply)>,
}

impl DhcpServer {
    /// An address that it offered.
    pub fn offered(&self) -> Option<Ipv4Addr> {
        self.offers.iter().find_map(|(_, offer)| offer.address)
    }

    /// A boot file that it offered, and the server that has it.
    pub fn boot_file(&self) -> Option<(&Line, Option<Ipv4Addr>)> {
        self.offers.iter().find_map(|(_, offer)| Some((offer.boot_file.as_ref()?, offer.next_server)))
    }

    /// Whether it gives addresses. The others are proxyDHCP servers, which only add boot files.
    pub fn gives_addresses(&self) -> bool {
        self.offered().is_some()
    }

    /// Whether one of these addresses is its.
    pub fn is_at(&self, addresses: &[Ipv4Addr]) -> bool {
        addresses.contains(&self.identifier) || addresses.contains(&self.source)
    }
}

/// `10.0.0.254 (offers 10.0.0.77, boot file pxelinux.0)`.
impl fmt::Display for DhcpServer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.identifier)?;
        if self.source != self.identifier {
            write!(f, ", sent by {}", self.source)?;
        }
        match self.offered() {
            Some(address) => write!(f, " (offers {address}")?,
            None => f.write_str(" (a proxyDHCP server")?,
        }
        if let Some((file, server)) = self.boot_file() {
            write!(f, ", boot file {file}")?;
            if let Some(server) = server.filter(|server| *server != self.identifier) {
                write!(f, " of {server}")?;
            }
        }
        f.write_str(")")
    }
}

/// Adds a reply to the server that sent it. The same reply may arrive several times: by two sockets, or by a bridge and
/// its port.
pub(super) fn add(servers: &mut Vec<DhcpServer>, source: Ipv4Addr, kind: ClientKind, reply: Reply) {
    let identifier = reply.server_identifier.unwrap_or(source);
    match servers.iter_mut().find(|server| server.identifier == identifier) {
        Some(server) if server.offers.iter().any(|(known, offer)| *known == kind && *offer == reply) => {}
        Some(server) => server.offers.push((kind, reply)),
        None => servers.push(DhcpServer { identifier, source, offers: vec![(kind, reply)] }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reply(address: Option<&str>, file: &str) -> Reply {
        Reply {
            xid: 1,
            mac: "525400000001".parse().unwrap(),
            address: address.map(|a| a.parse().unwrap()),
            server_identifier: Some(Ipv4Addr::new(10, 0, 0, 254)),
            next_server: Some(Ipv4Addr::new(10, 0, 0, 253)),
            server_name: None,
            boot_file: Some(Line::lossy(file)),
            vendor_class: Some(Line::lossy("PXEClient")),
        }
    }

    #[test]
    fn the_replies_of_one_server_are_one_line() {
        let mut found = Vec::new();
        let source = Ipv4Addr::new(192, 168, 1, 1);
        for (kind, offer) in [
            (ClientKind::Pxe(7), reply(Some("10.0.0.77"), "a.efi")),
            (ClientKind::Pxe(7), reply(Some("10.0.0.77"), "a.efi")),
            (ClientKind::Pxe(0), reply(Some("10.0.0.77"), "a.0")),
        ] {
            add(&mut found, source, kind, offer);
        }
        assert_eq!(found.len(), 1);
        assert_eq!(found[0].offers.len(), 2);
        assert_eq!(
            found[0].to_string(),
            "10.0.0.254, sent by 192.168.1.1 (offers 10.0.0.77, boot file a.efi of 10.0.0.253)"
        );
        assert!(found[0].gives_addresses() && found[0].is_at(&[source]));
        assert!(found[0].is_at(&[found[0].identifier]) && !found[0].is_at(&[]));
    }

    #[test]
    fn a_proxy_gives_no_addresses() {
        let mut found = Vec::new();
        add(&mut found, Ipv4Addr::new(10, 0, 0, 254), ClientKind::Pxe(7), reply(None, "a.efi"));
        assert!(!found[0].gives_addresses());
        assert_eq!(found[0].to_string(), "10.0.0.254 (a proxyDHCP server, boot file a.efi of 10.0.0.253)");
    }
}
