// SPDX-License-Identifier: GPL-3.0-or-later
//! The settings of a cluster in words: for the summary before they are written, and for `cluster-configure show`.

use super::keys;
use super::values::{DiskLayout, OrNone, Systems, listed};
use hps::config::{Cluster, DhcpMode, Enrolment, PackageSources};

/// A label and a value for each line.
pub(super) fn settings(cluster: &Cluster) -> Vec<(&'static str, String)> {
    let (network, install) = (&cluster.network, &cluster.install);
    let mut lines = vec![
        ("interface", format!("{}, {}", network.interface, network.address)),
        ("addresses by", describe_dhcp(network.dhcp, &network.other_dhcp_servers)),
        ("gateway", OrNone(network.gateway).to_string()),
        ("hosts", format!("{} ({} addresses)", network.host_range, network.host_range.count())),
        ("unknown", format!("{} ({} addresses)", network.dhcp_range, network.dhcp_range.count())),
        ("domain", network.domain.to_string()),
        ("name servers", or_this_node(&network.dns)),
        (
            "time servers",
            match network.ntp.is_empty() {
                true if cluster.time.server => "this node".to_owned(),
                true => "the default of their system".to_owned(),
                false => listed(&network.ntp),
            },
        ),
        ("time zone", install.timezone.to_string()),
        ("logs to", OrNone(network.syslog).to_string()),
    ];
    let storage: Vec<String> = cluster
        .storage_networks
        .iter()
        .map(|storage| match storage.vlan {
            Some(vlan) => format!("{} {} VLAN {vlan}", storage.name, storage.network),
            None => format!("{} {}", storage.name, storage.network),
        })
        .collect();
    lines.push(("storage", if storage.is_empty() { "none".to_owned() } else { storage.join(", ") }));
    let subnets: Vec<String> = cluster.subnets.iter().map(|s| format!("{} {}", s.name, s.network)).collect();
    if !subnets.is_empty() {
        lines.push(("subnets", subnets.join(", ")));
    }
    let systems = cluster.types.iter().map(|(host_type, settings)| (*host_type, settings.distro.clone())).collect();
    let layout = DiskLayout::from_types(cluster.types.iter());
    lines.extend([
        ("system", Systems(systems).to_string()),
        (
            "packages",
            match install.sources {
                PackageSources::Auto if cluster.network.has_way_out() => {
                    "from this node, and for Debian from Debian's archives".to_owned()
                }
                PackageSources::Auto => "from this node alone, without a gateway".to_owned(),
                PackageSources::Site => "from this node alone".to_owned(),
                PackageSources::Distribution => "from this node and the mirrors of the distribution".to_owned(),
            },
        ),
        ("disks", format!("{}: {}", layout.word(), layout.about())),
        (
            "page",
            match cluster.web.server {
                true => format!("on port {}, with TLS and a login", cluster.web.port),
                false => "none".to_owned(),
            },
        ),
        ("consoles", listed(&cluster.boot.consoles)),
        ("login", format!("{} with {}", install.admin_user, describe_keys(cluster))),
        (
            "installed are",
            match install.enrolment {
                Enrolment::Armed => "armed machines only".to_owned(),
                Enrolment::Menu => "armed machines, and what a person chooses at a console".to_owned(),
            },
        ),
    ]);
    if !cluster.rules.is_empty() {
        lines.push(("rules", cluster.rules.len().to_string()));
    }
    lines
}

fn or_this_node(addresses: &[std::net::Ipv4Addr]) -> String {
    if addresses.is_empty() { "this node".to_owned() } else { listed(addresses) }
}

fn describe_dhcp(mode: DhcpMode, others: &[std::net::Ipv4Addr]) -> String {
    let who = match mode {
        DhcpMode::Server => "this node",
        DhcpMode::Proxy => "another DHCP server; boot files by this node",
        DhcpMode::None => "another DHCP server, boot files too",
    };
    if others.is_empty() { who.to_owned() } else { format!("{who}, beside {}", listed(others)) }
}

fn describe_keys(cluster: &Cluster) -> String {
    let keys: Vec<String> = cluster.install.ssh_keys.iter().map(keys::short).collect();
    if keys.is_empty() { "no key".to_owned() } else { keys.join(", ") }
}
