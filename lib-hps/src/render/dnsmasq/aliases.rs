// SPDX-License-Identifier: GPL-3.0-or-later

use crate::config::Cluster;
use crate::types::{HostName, SiteAlias};
use std::net::Ipv4Addr;

/// A name of the site for a service, and who does it.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Alias {
    pub(super) name: String,
    pub(super) addresses: Vec<Ipv4Addr>,
}

/// The names of the services that the cluster has, and the name of this node. A service that no server does has no
/// name. `ips` is not among them: it is the name of an address too.
pub(super) fn aliases(cluster: &Cluster, node: Option<&HostName>) -> Vec<Alias> {
    let network = &cluster.network;
    let alias = |name: &str, addresses: Vec<Ipv4Addr>| Alias { name: name.to_owned(), addresses };
    let services = [
        alias(SiteAlias::Ntp.as_str(), cluster.time_servers()),
        alias(SiteAlias::Syslog.as_str(), network.syslog.iter().map(|syslog| syslog.address).collect()),
    ];
    let node = node.map(|node| alias(node.as_str(), vec![cluster.server()]));
    services.into_iter().chain(node).filter(|alias| !alias.addresses.is_empty()).collect()
}
