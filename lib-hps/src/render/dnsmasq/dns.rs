// SPDX-License-Identifier: GPL-3.0-or-later

use super::aliases::aliases;
use super::lines::Lines;
use super::places::Places;
use crate::config::Cluster;
use crate::types::HostName;

/// The domain of leases. No machine asks for a name in it (RFC 6761, section 6.4).
const LEASE_DOMAIN: &str = "leases.invalid";

/// The lines of the name service. `node` is the name of this node, if no host has it.
pub(super) fn write(cluster: &Cluster, places: &Places<'_>, node: Option<&HostName>, out: &mut Lines) {
    let (domain, server) = (&cluster.network.domain, cluster.server());
    out.line("\n# DNS: names of hosts come from the registry, whatever leases there are");
    out.line("no-hosts");
    out.line("domain-needed");
    out.line("bogus-priv");
    out.line(format_args!("local=/{domain}/"));
    for subnet in &cluster.subnets {
        if let Some(domain) = subnet.domain.as_ref().filter(|domain| *domain != &cluster.network.domain) {
            out.line(format_args!("local=/{domain}/"));
        }
        // Without a server: a PTR record of this network that is not known here is not asked for elsewhere.
        out.line(format_args!("rev-server={}", subnet.network));
    }
    out.line(format_args!("hostsdir={}", places.names.display()));
    out.line(format_args!("host-record=ips.{domain},ips,{server}"));
    for alias in aliases(cluster, node) {
        for address in &alias.addresses {
            // Not host-record, which would also give this name to the address.
            out.line(format_args!("address=/{0}.{domain}/{0}/{address}", alias.name));
        }
    }
    out.line("# What a client says becomes no name");
    out.line("dhcp-ignore-names");
    // A lease has the name of its reservation, and keeps it when the host is renamed or removed. dhcp-fqdn publishes it
    // only in this domain, never in the domain of hosts or alone.
    out.line("dhcp-fqdn");
    out.line(format_args!("domain={LEASE_DOMAIN}"));
    out.line(format_args!("local=/{LEASE_DOMAIN}/"));
    out.line(format_args!("dhcp-option=option:domain-name,{domain}"));
}
