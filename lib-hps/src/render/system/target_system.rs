// SPDX-License-Identifier: GPL-3.0-or-later
//! A host, and the system that an installation makes of it.

use super::sources::Sources;
use crate::config::{Cluster, SiteProfile};
use crate::host::{Host, Permission};
use crate::types::{HostName, HostType, MacAddr, Method};
use std::net::Ipv4Addr;

/// A host, and the system that it gets.
#[derive(Debug, Clone, Copy)]
pub struct TargetSystem<'a> {
    /// The cluster.
    pub cluster: &'a Cluster,
    /// Its record.
    pub host: &'a Host,
    /// The card that it is installed over.
    pub interface: MacAddr,
    /// Its name.
    pub name: &'a HostName,
    /// Its address on the main network.
    pub address: Ipv4Addr,
    /// Its type, or the type it will get.
    pub permission: &'a Permission,
    /// Its site profiles, in their order.
    pub profiles: &'a [SiteProfile],
    /// What this node offers to it, after its installation has begun.
    pub sources: Option<Sources<'a>>,
    /// Whether its pool is of ZFS, when that is known.
    pub zfs: bool,
}

impl<'a> TargetSystem<'a> {
    /// `None` if the record has no address or no name yet.
    pub fn new(
        cluster: &'a Cluster,
        host: &'a Host,
        permission: &'a Permission,
        profiles: &'a [SiteProfile],
    ) -> Option<Self> {
        Some(Self {
            cluster,
            host,
            interface: host.mac(),
            name: host.name.as_ref()?,
            address: host.address?,
            permission,
            profiles,
            sources: None,
            zfs: false,
        })
    }

    /// Its type.
    pub fn host_type(&self) -> HostType {
        self.permission.host_type
    }

    /// How its system is installed, and so its family.
    pub fn family(&self) -> Method {
        self.permission.distro.method()
    }
}
