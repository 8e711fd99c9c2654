// SPDX-License-Identifier: GPL-3.0-or-later
//! What the lines of each program say, in the order in which they say it.

use crate::config::Cluster;
use crate::host::Host;
use crate::render::dnsmasq::BootLoader;
use crate::types::{HostName, MacAddr, Transport};
use std::net::Ipv4Addr;

/// What a client is offered to boot.
pub(super) struct BootFile<'a> {
    pub(super) architecture: u16,
    /// Whether it is fetched by HTTP: then `file` is a URL, and the answer must repeat the vendor class.
    pub(super) is_http: bool,
    loader: &'a str,
}

impl BootFile<'_> {
    /// The name or the URL.
    pub(super) fn text(&self, cluster: &Cluster) -> String {
        match self.is_http {
            true => format!("{}/boot/{}", cluster.base_url(), self.loader),
            false => self.loader.to_owned(),
        }
    }
}

pub(super) fn boot_files(loaders: &[BootLoader]) -> impl Iterator<Item = BootFile<'_>> {
    loaders.iter().flat_map(|loader| {
        loader.architectures.iter().map(|architecture| BootFile {
            architecture: architecture.number(),
            is_http: architecture.transport() == Transport::Http,
            loader: &loader.file,
        })
    })
}

/// What iPXE boots.
pub(super) fn second_stage(cluster: &Cluster) -> String {
    format!("{}?cmd=init", cluster.boot_manager_url())
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
