// SPDX-License-Identifier: GPL-3.0-or-later
//! Answer files: the instructions of an installer, byte for byte the same within one attempt.

mod host_error;
mod kickstart;
mod node;

pub use host_error::HostError;
pub use kickstart::{KickstartError, kickstart, packages};
pub use node::{END, NodeAnswerError, node};

use crate::boot::Source;
use crate::boot::token::DiskMark;
use crate::config::{Cluster, DiskSettings, PoolPlace, RoleError, SiteProfile, VolumeManager};
use crate::host::{Attempt, Host, Permission};
use crate::render::system::{SigningKey, Sources, TargetSystem};
use crate::types::{DiskCondition, DiskName, HostName, HostType, MacAddr, Method, Token};
use std::net::Ipv4Addr;

/// Everything that an answer file is made from.
#[derive(Debug, Clone, Copy)]
pub struct Answer<'a> {
    /// The cluster.
    pub cluster: &'a Cluster,
    /// The host; its record has an address, a name and a type when an attempt begins.
    pub host: &'a Host,
    /// The interface that it is installed over.
    pub interface: MacAddr,
    /// Its address.
    pub address: Ipv4Addr,
    /// Its name.
    pub name: &'a HostName,
    /// What it will become.
    pub host_type: HostType,
    /// The attempt.
    pub attempt: &'a Attempt,
    /// The permission it runs under.
    pub permission: &'a Permission,
    /// What it installs from.
    pub source: &'a Source,
    /// The token for its reports.
    pub token: &'a Token,
    /// The mark for its disks.
    pub disk_mark: DiskMark,
    /// Its site profiles, in their order.
    pub profiles: &'a [SiteProfile],
    /// The keys that sign the site's own packages.
    pub keys: &'a [SigningKey],
}

impl<'a> Answer<'a> {
    /// `None` if the record lacks what an answer needs: address, name, or an attempt.
    pub fn new(
        cluster: &'a Cluster,
        host: &'a Host,
        interface: MacAddr,
        permission: &'a Permission,
        source: &'a Source,
        token: &'a Token,
        disk_mark: DiskMark,
    ) -> Option<Self> {
        Some(Self {
            cluster,
            host,
            interface,
            address: host.address?,
            name: host.name.as_ref()?,
            host_type: permission.host_type,
            attempt: host.attempt.as_ref()?,
            permission,
            source,
            token,
            disk_mark,
            profiles: &[],
            keys: &[],
        })
    }

    /// With what the site adds.
    #[must_use]
    pub fn with(self, profiles: &'a [SiteProfile], keys: &'a [SigningKey]) -> Self {
        Self { profiles, keys, ..self }
    }

    /// The host and its future system.
    pub fn target_system(&self) -> TargetSystem<'a> {
        let Self { cluster, host, interface, name, address, permission, profiles, .. } = *self;
        let tree = match self.source {
            Source::Tree { path } => Some(path.as_str()),
            Source::Image { .. } => None,
        };
        let sources = Some(Sources { tree, packages: self.attempt.packages.as_ref(), keys: self.keys });
        let zfs = self.disks().is_ok_and(|disks| self.zfs(&disks).unwrap_or(false));
        TargetSystem { cluster, host, interface, name, address, permission, profiles, sources, zfs }
    }

    /// Where its pool is, by its rules for disks.
    pub fn pool(&self, disks: &DiskSettings) -> PoolPlace {
        PoolPlace::for_host(self.cluster.pool_use(self.host_type), self.permission.profile, disks)
    }

    /// What the disks of its pool must be, where these are disks of its own.
    pub fn pool_conditions(&self, disks: &DiskSettings) -> Vec<DiskCondition> {
        match (self.pool(disks), &disks.pool) {
            (PoolPlace::Rest, Some(rule)) => rule.conditions(),
            (PoolPlace::Rest, None) => DiskCondition::without_rule(),
            (PoolPlace::None | PoolPlace::Same, _) => Vec::new(),
        }
    }

    /// Whether its pool is of ZFS, by its rules for disks.
    ///
    /// # Errors
    /// It should be, and this attempt has no ZFS.
    pub fn zfs(&self, disks: &DiskSettings) -> Result<bool, HostError> {
        if self.pool(disks) == PoolPlace::None {
            return Ok(false);
        }
        match disks.volumes {
            VolumeManager::Lvm => Ok(false),
            // An image has this for one host, so other hosts of the type have it too without a request.
            VolumeManager::Auto => Ok(self.attempt.zfs && self.permission.distro.method() == Method::Kickstart),
            VolumeManager::Zfs if self.attempt.zfs => Ok(true),
            VolumeManager::Zfs => {
                Err(HostError::NoZfs { host_type: self.host_type, distro: self.permission.distro.clone() })
            }
        }
    }

    /// Which disks, and what is made of them.
    ///
    /// # Errors
    /// What contradicts what.
    pub fn disks(&self) -> Result<DiskSettings, RoleError> {
        self.cluster.disks(self.host_type, self.profiles)
    }

    /// The disks of its last complete installation, which the node waits for. They do not change within an attempt,
    /// because its answer must not change.
    pub fn known_disks(&self) -> &'a [DiskName] {
        &self.host.system_disks
    }

    /// Smallest system disk, in bytes.
    pub fn disk_min_bytes(&self) -> u64 {
        u64::from(self.cluster.install.disk_min_gib) << 30
    }
}

#[cfg(test)]
#[path = "tests.rs"]
mod tests;
