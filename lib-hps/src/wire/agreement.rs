// SPDX-License-Identifier: GPL-3.0-or-later
//! Whether the cluster's DHCP mode and what was heard on its network agree.

use super::server::DhcpServer;
use crate::config::{DhcpMode, Network};
use std::fmt;

/// Something that the mode does not expect.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Disagreement {
    /// Another server gives addresses too.
    OtherServer(DhcpServer),
    /// Another server sends boot files to the same machines.
    OtherProxy(DhcpServer),
    /// The server that gives the addresses sends a boot file too. iPXE takes that one and not ours.
    OtherBootFile(DhcpServer),
    /// The mode leaves addresses to another server, and none was heard.
    NoServer(DhcpMode),
}

impl Disagreement {
    /// Whether dnsmasq must not be started. What the others mean is only that machines may get no address, or another
    /// boot file, and another start changes nothing in that.
    pub fn is_refusal(&self) -> bool {
        matches!(self, Self::OtherServer(_))
    }

    /// What to do.
    pub fn advice(&self) -> String {
        match self {
            Self::OtherServer(server) => format!(
                "switch it off; or let it give the addresses: cluster-configure --dhcp proxy (this node adds the boot \
                 files), or cluster-configure --dhcp none (it gives these too); or, if both must answer: \
                 cluster-configure --accept-dhcp-server {}",
                server.identifier
            ),
            Self::OtherProxy(server) => format!(
                "switch it off, or, if it answers only machines that are not of this cluster: cluster-configure \
                 --accept-dhcp-server {}",
                server.identifier
            ),
            Self::OtherBootFile(_) => {
                "remove the boot file there (options 66 and 67, or filename), or let that server \
                 give the boot files of HPS: cluster-configure --dhcp none"
                    .to_owned()
            }
            Self::NoServer(_) => {
                "start that server, or let this node give addresses: cluster-configure --dhcp server".to_owned()
            }
        }
    }
}

/// What is wrong, without the advice.
impl fmt::Display for Disagreement {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::OtherServer(server) => {
                write!(f, "another DHCP server answers on this network, but dhcp is \"server\": {server}")
            }
            Self::OtherProxy(server) => write!(f, "another server sends boot files on this network: {server}"),
            Self::OtherBootFile(server) => {
                write!(f, "the DHCP server of this network sends a boot file, which machines take: {server}")
            }
            Self::NoServer(mode) => {
                write!(f, "dhcp is \"{mode}\", but no other server gives addresses on this network")
            }
        }
    }
}

/// What disagrees. `others` are the servers that are not this node's dnsmasq.
pub fn disagreements(network: &Network, others: &[DhcpServer]) -> Vec<Disagreement> {
    let unknown = others.iter().filter(|server| !server.is_at(&network.other_dhcp_servers)).cloned();
    match network.dhcp {
        DhcpMode::Server => unknown
            .map(|server| match server.gives_addresses() {
                true => Disagreement::OtherServer(server),
                false => Disagreement::OtherProxy(server),
            })
            .collect(),
        DhcpMode::Proxy | DhcpMode::None if !others.iter().any(DhcpServer::gives_addresses) => {
            vec![Disagreement::NoServer(network.dhcp)]
        }
        DhcpMode::Proxy => unknown
            .filter_map(|server| match (server.gives_addresses(), server.boot_file()) {
                (false, _) => Some(Disagreement::OtherProxy(server)),
                (true, Some(_)) => Some(Disagreement::OtherBootFile(server)),
                (true, None) => None,
            })
            .collect(),
        DhcpMode::None => Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::super::dhcp::{ClientKind, Reply};
    use super::*;
    use std::net::Ipv4Addr;

    fn network(dhcp: DhcpMode, accepted: &[Ipv4Addr]) -> Network {
        Network {
            interface: "eth1".parse().unwrap(),
            address: "10.0.0.1/24".parse().unwrap(),
            dhcp,
            other_dhcp_servers: accepted.to_vec(),
            dhcp_range: "10.0.0.128-10.0.0.252".parse().unwrap(),
            host_range: "10.0.0.2-10.0.0.127".parse().unwrap(),
            gateway: None,
            dns: Vec::new(),
            ntp: Vec::new(),
            syslog: None,
            mtu: None,
            domain: "lab.internal".parse().unwrap(),
            http_port: 80,
        }
    }

    fn server(last: u8, gives: bool) -> DhcpServer {
        let identifier = Ipv4Addr::new(10, 0, 0, last);
        let offer = Reply {
            xid: 1,
            mac: "525400000001".parse().unwrap(),
            address: gives.then_some(Ipv4Addr::new(10, 0, 0, 77)),
            server_identifier: Some(identifier),
            next_server: None,
            server_name: None,
            boot_file: None,
            vendor_class: None,
        };
        DhcpServer { identifier, source: identifier, offers: vec![(ClientKind::Pxe(7), offer)] }
    }

    #[test]
    fn each_mode_against_what_was_heard() {
        use DhcpMode::{None, Proxy, Server};
        let (one, proxy) = (server(254, true), server(253, false));
        let other = || vec![Disagreement::OtherServer(one.clone())];
        let boot = || vec![Disagreement::OtherProxy(proxy.clone())];
        for (mode, heard, expected) in [
            (Server, vec![], vec![]),
            (Server, vec![one.clone()], other()),
            (Server, vec![proxy.clone()], boot()),
            (Server, vec![one.clone(), proxy.clone()], [other(), boot()].concat()),
            (Proxy, vec![], vec![Disagreement::NoServer(Proxy)]),
            (Proxy, vec![proxy.clone()], vec![Disagreement::NoServer(Proxy)]),
            (Proxy, vec![one.clone()], vec![]),
            (Proxy, vec![one.clone(), proxy.clone()], boot()),
            (None, vec![], vec![Disagreement::NoServer(None)]),
            (None, vec![one.clone(), proxy.clone()], vec![]),
        ] {
            assert_eq!(disagreements(&network(mode, &[]), &heard), expected, "{mode} {heard:?}");
        }
        let mut file = one.clone();
        file.offers[0].1.boot_file = Some(crate::types::Line::lossy("pxelinux.0"));
        let expected = vec![Disagreement::OtherBootFile(file.clone())];
        assert_eq!(disagreements(&network(Proxy, &[]), std::slice::from_ref(&file)), expected);
        assert!(!expected[0].is_refusal());
        assert_eq!(disagreements(&network(None, &[]), &[file]), vec![]);
        let accepted = network(Server, &[one.identifier, proxy.identifier]);
        assert_eq!(disagreements(&accepted, &[one.clone(), proxy.clone()]), vec![]);
        assert!(other()[0].is_refusal() && !boot()[0].is_refusal());
    }
}
