// SPDX-License-Identifier: GPL-3.0-or-later

use super::{Context, Found};
use crate::program;
use hps::config::DhcpMode;
use hps::host::Host;
use hps::types::{MacAddr, Timestamp};
use std::net::Ipv4Addr;

/// dnsmasq gives leases of one hour. One that ends later than this was given by another clock.
const MAX_LEASE_SECONDS: i64 = 2 * 3600;

/// Leases that do not fit the registry. A lease of the dynamic range fits any machine.
pub(in super::super) fn run(context: &Context) -> anyhow::Result<Vec<Found>> {
    let cluster = &context.store.cluster;
    let network = &cluster.network;
    if network.dhcp != DhcpMode::Server {
        return Ok(vec![Found::ok(format!("dhcp is \"{}\": this node gives no leases", network.dhcp))]);
    }
    let leases = context.store.senders().leases()?;
    let hosts: Vec<Host> = context.store.hosts().list()?.into_iter().filter_map(|file| file.host.ok()).collect();
    let now = i64::try_from(program::now().as_unix())?;
    let path = context.store.paths.leases();
    let mut found = Vec::new();
    for (end, mac, address) in leases.lines().filter_map(lease).filter(|(end, ..)| *end == 0 || *end > now) {
        let until = Timestamp::from_unix(end);
        if end > now + MAX_LEASE_SECONDS {
            found.push(Found::warning(
                format!(
                    "{}: the lease of {} for {address} ends at {until}, later than any lease of this node",
                    path.display(),
                    mac.colons()
                ),
                "the clock was set back, or the file was edited: reload --stop, remove that line, then: reload",
            ));
        }
        let whose = hosts.iter().find(|host| host.macs().any(|own| own == mac));
        let reserved = hosts.iter().find(|host| host.address == Some(address));
        match reserved {
            Some(host) if !host.macs().any(|own| own == mac) => found.push(Found::problem(
                format!(
                    "{}: {} has a lease for {address} until {until}, which is the address of {}",
                    path.display(),
                    mac.colons(),
                    host.label()
                ),
                format!(
                    "switch that machine off, then: reload --stop, remove its line from {}, then: reload",
                    path.display()
                ),
            )),
            None if !cluster.placement(address).dhcp_range().contains(address) && whose.is_some() => {
                found.push(Found::warning(
                    format!(
                        "{}: {} has a lease for {address} until {until}, which is not its address",
                        path.display(),
                        mac.colons()
                    ),
                    "restart that machine, or wait until the lease ends",
                ))
            }
            _ => {}
        }
    }
    Ok(found)
}

/// `1795974960 52:54:00:00:00:15 10.99.0.172 sch-001 *`
fn lease(line: &str) -> Option<(i64, MacAddr, Ipv4Addr)> {
    let words: Vec<&str> = line.split_ascii_whitespace().collect();
    let [end, mac, address, _, _] = words.as_slice() else { return None };
    Some((end.parse().ok()?, mac.parse().ok()?, address.parse().ok()?))
}

#[cfg(test)]
mod tests {
    use super::lease;

    #[test]
    fn lines_of_leases() {
        let read = lease("1795974960 52:54:00:00:00:15 10.99.0.172 sch-001 *");
        assert_eq!(read, Some((1_795_974_960, "525400000015".parse().unwrap(), "10.99.0.172".parse().unwrap())));
        for other in ["duid 00:01", "1795974960 52:54:00:00:00:15 10.99.0.172 sch", ""] {
            assert_eq!(lease(other), None, "{other}");
        }
    }
}
