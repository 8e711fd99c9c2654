// SPDX-License-Identifier: GPL-3.0-or-later
//! A client that asks as a machine does: in a network namespace of its own on the cluster's bridge, or, on another
//! interface, the node itself. The kernel lets no client behind a card talk to the machine of that card.

use super::stop::STOP;
use anyhow::Context as _;
use hps::config::{Cluster, DhcpMode, Network};
use hps::exec::curl;
use hps::exec::network_namespace::{NetworkNamespace, takes_clients};
use hps::files::random;
use hps::types::MacAddr;
use hps::wire::dhcp::ClientKind;
use hps::wire::dns::{self, DnsAnswer, DnsQuestion};
use hps::wire::{AddressProbe, DhcpServer, Discovery};
use ipnet::Ipv4Net;
use std::cell::OnceCell;
use std::net::Ipv4Addr;

/// No boot loader is larger.
const MAX_BYTES: usize = 64 << 20;

/// The client.
#[derive(Debug)]
pub(super) struct Client {
    place: Place,
    cluster_network: Network,
    servers: OnceCell<Vec<DhcpServer>>,
}

#[derive(Debug)]
enum Place {
    Inside(NetworkNamespace),
    Node(MacAddr),
}

impl Client {
    /// A client on the cluster's interface, without an address.
    pub(super) fn new(cluster: &Cluster) -> anyhow::Result<Self> {
        let interface = cluster.network.interface.clone();
        let [p, h, q, s] = MacAddr::DISCOVERY_PREFIX;
        let [a, b] = random::<2>()?;
        let mac = MacAddr::from_octets([p, h, q, s, a, b]).context("no MAC for the test client")?;
        let place = if takes_clients(&interface) {
            Place::Inside(NetworkNamespace::on_bridge(&interface, mac).context("the test client cannot be made")?)
        } else {
            Place::Node(mac)
        };
        Ok(Self { place, cluster_network: cluster.network.clone(), servers: OnceCell::new() })
    }

    /// Its MAC, which is that of no machine.
    pub(super) fn mac(&self) -> MacAddr {
        match &self.place {
            Place::Inside(namespace) => namespace.mac(),
            Place::Node(mac) => *mac,
        }
    }

    /// Asks each of these questions once, and returns the servers that answered. The first call counts.
    pub(super) fn exchange(&self, questions: &[ClientKind]) -> anyhow::Result<&[DhcpServer]> {
        if let Some(known) = self.servers.get() {
            return Ok(known);
        }
        let interface = match &self.place {
            Place::Inside(namespace) => namespace.interface(),
            Place::Node(_) => &self.cluster_network.interface,
        };
        let network = &self.cluster_network;
        let own: &[Ipv4Addr] = match network.dhcp {
            DhcpMode::Server | DhcpMode::Proxy => &[network.address.addr()],
            DhcpMode::None => &[],
        };
        let found = self.run(|| Discovery::new(interface, own).as_clients(questions).run(STOP))??;
        Ok(self.servers.get_or_init(|| found))
    }

    /// Gives the client the address that a server offered it. It is nobody's: no lease was asked for, and the client is
    /// gone some seconds later.
    pub(super) fn take_offered(&self, questions: &[ClientKind]) -> anyhow::Result<()> {
        let servers = self.exchange(questions)?;
        let own = servers.iter().filter(|server| server.is_at(&[self.cluster_network.address.addr()]));
        let offered = own.chain(servers).find_map(DhcpServer::offered);
        let Place::Inside(namespace) = &self.place else { return Ok(()) };
        let network = self.cluster_network.address;
        let address = offered.filter(|address| network.contains(address));
        let address = address.context("no server offered the test client an address of the cluster's network")?;
        let used = AddressProbe::new(&self.cluster_network).in_use(&[address])?;
        if let Some(used) = used.first().filter(|used| !used.user.is_among([namespace.mac()].into_iter())) {
            anyhow::bail!("the test client was offered {used}");
        }
        Ok(namespace.set_address(Ipv4Net::new(address, network.prefix_len())?)?)
    }

    /// What this address gives.
    pub(super) fn fetch(&self, url: &str) -> anyhow::Result<Vec<u8>> {
        Ok(self.run(|| curl::fetch(url, MAX_BYTES, STOP))??)
    }

    /// What the name server of this node answers.
    pub(super) fn ask(&self, server: Ipv4Addr, question: &DnsQuestion) -> anyhow::Result<DnsAnswer> {
        Ok(self.run(|| dns::ask(server, question))??)
    }

    fn run<T: Send>(&self, work: impl FnOnce() -> T + Send) -> anyhow::Result<T> {
        match &self.place {
            Place::Inside(namespace) => Ok(namespace.run(work)?),
            Place::Node(_) => Ok(work()),
        }
    }
}
