// SPDX-License-Identifier: GPL-3.0-or-later
//! What the lines of each program say, in the order in which they say it.

use crate::config::{Cluster, Placement};
use crate::host::Host;
use crate::render::dnsmasq::Offer;
use crate::types::{HostName, MacAddr};
use std::net::Ipv4Addr;

/// The name, or the URL where it is fetched by HTTP.
pub(super) fn boot_file(offer: &Offer<'_>, cluster: &Cluster) -> String {
    match offer.is_http() {
        true => format!("{}/boot/{}", cluster.base_url(), offer.file),
        false => offer.file.to_owned(),
    }
}

/// What iPXE boots.
pub(super) fn second_stage(cluster: &Cluster) -> String {
    format!("{}?cmd=init", cluster.boot_manager_url())
}

/// The subnets behind relays, which the other server must know as a whole.
pub(super) fn subnets(cluster: &Cluster) -> impl Iterator<Item = Placement<'_>> {
    cluster.placements().filter(|place| place.subnet.is_some())
}

/// Addresses with this between them.
pub(super) fn joined(addresses: &[Ipv4Addr], between: &str) -> String {
    addresses.iter().map(ToString::to_string).collect::<Vec<_>>().join(between)
}

/// A card of a host, with the address and the name of the host.
pub(super) struct Reservation<'a> {
    pub(super) mac: MacAddr,
    pub(super) address: Ipv4Addr,
    pub(super) name: &'a HostName,
    /// 1 for the first card of the host.
    pub(super) card: usize,
}

pub(super) fn reservations<'a>(hosts: &[&'a Host]) -> Vec<Reservation<'a>> {
    let mut all = Vec::new();
    for host in hosts {
        let (Some(address), Some(name)) = (host.address, host.name.as_ref()) else { continue };
        all.extend(host.macs().zip(1..).map(|(mac, card)| Reservation { mac, address, name, card }));
    }
    all
}
