// SPDX-License-Identifier: GPL-3.0-or-later

use super::super::expected::expected;
use super::dhcp::questions;
use super::{Context, Found};
use crate::host_state::check::Finding;
use crate::program::node_name;
use hps::store::EntryKind;
use hps::types::{HostName, SiteAlias};
use hps::wire::dns::{DnsAnswer, DnsQuestion};
use std::net::Ipv4Addr;

/// So many wrong names are printed. The others have the same cause.
const MAX_LINES: usize = 5;

/// Every name that the registry and the cluster file give, forwards and backwards.
pub(in super::super) fn run(context: &Context) -> anyhow::Result<Vec<Found>> {
    let folder = context.store.paths.host_entries_dir(EntryKind::Names);
    let entries: Vec<&Finding> = context.registry()?.iter().filter(|f| f.file.starts_with(&folder)).collect();
    let mut found: Vec<Found> = entries.iter().map(|finding| entry(finding)).collect();
    let is_known = |mac: &str| entries.iter().any(|finding| finding.file.ends_with(mac));
    let client = context.client()?;
    let wanted = expected(&context.store.cluster, &context.loaders()?.served);
    // DNS needs an address. Without an offer, DHCP has the problem.
    if client.take_offered(&questions(&wanted)).is_err() {
        found.push(Found::unchecked("first correct the problem of dhcp", ""));
        return Ok(found);
    }
    let expected = names(context, &is_known)?;
    let (count, mut wrong) = (expected.len(), 0);
    for (question, records) in expected {
        match client.ask(context.store.cluster.server(), &question) {
            Ok(DnsAnswer::Records(answer)) if sorted(answer.clone()) == sorted(records.clone()) => continue,
            Ok(answer) if wrong < MAX_LINES => {
                let text = format!("{question} gives {answer}; expected {}", records.join(", "));
                found.push(Found::problem(text, "restart dnsmasq with: reload --stop; reload"));
            }
            Ok(_) => {}
            Err(error) => {
                let text = format!("the name service does not answer a client: {error:#}");
                found.push(Found::problem(text, "check the firewall for UDP port 53"));
                return Ok(found);
            }
        }
        wrong += 1;
    }
    if wrong > MAX_LINES {
        let text = format!("{} more names are wrong", wrong - MAX_LINES);
        found.push(Found::problem(text, "restart dnsmasq with: reload --stop; reload"));
    }
    if found.is_empty() {
        found.push(Found::ok(format!("{count} names and addresses are answered")));
    }
    Ok(found)
}

/// The file of a host's name is not what the record says.
fn entry(finding: &Finding) -> Found {
    Found::problem(format!("{}: {}", finding.file.display(), finding.problem), "write it again with: reload")
}

fn sorted(mut records: Vec<String>) -> Vec<String> {
    records.sort();
    records
}

/// The questions, each with its right answer: this node, the aliases of the site, and the hosts. `is_known` is whether
/// the entry of a host is reported already.
fn names(context: &Context, is_known: &dyn Fn(&str) -> bool) -> anyhow::Result<Vec<(DnsQuestion, Vec<String>)>> {
    let cluster = &context.store.cluster;
    let (network, server) = (&cluster.network, cluster.server());
    let whole = |name: &str| DnsQuestion::A(format!("{name}.{}", network.domain).to_ascii_lowercase());
    let text = |addresses: &[Ipv4Addr]| addresses.iter().map(ToString::to_string).collect::<Vec<_>>();
    let mut all = vec![
        (whole("ips"), text(&[server])),
        (DnsQuestion::Ptr(server), vec![format!("ips.{}", network.domain).to_ascii_lowercase()]),
    ];
    let syslog: Vec<Ipv4Addr> = network.syslog.iter().map(|syslog| syslog.address).collect();
    for (alias, addresses) in [(SiteAlias::Ntp, cluster.time_servers()), (SiteAlias::Syslog, syslog)] {
        if !addresses.is_empty() {
            all.push((whole(alias.as_str()), text(&addresses)));
        }
    }
    let hosts: Vec<_> = context.store.hosts().list()?.into_iter().filter_map(|file| file.host.ok()).collect();
    let taken: Vec<&HostName> = hosts.iter().filter_map(|host| host.name.as_ref()).collect();
    if let Some(node) = node_name().filter(|node| !taken.contains(&node)) {
        all.push((whole(node.as_str()), text(&[server])));
    }
    for host in hosts.iter().filter(|host| !is_known(&host.mac().to_string())) {
        let (Some(name), Some(address)) = (&host.name, host.address) else { continue };
        // A subnet may have a domain of its own.
        let whole = format!("{name}.{}", cluster.placement(address).domain()).to_ascii_lowercase();
        all.push((DnsQuestion::A(whole.clone()), text(&[address])));
        all.push((DnsQuestion::Ptr(address), vec![whole]));
    }
    Ok(all)
}
