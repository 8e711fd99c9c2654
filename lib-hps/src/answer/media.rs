// SPDX-License-Identifier: GPL-3.0-or-later
//! What this node has published for one attempt, besides the system itself.

use super::AnswerError;
use crate::boot::Source;
use crate::config::{Cluster, PoolUse};
use crate::files::IoError;
use crate::host::{Host, Permission, Refused};
use crate::media::{packages, zfs};
use crate::types::{Distro, HostType, Timestamp};
use std::path::Path;

/// Where installation media are.
#[derive(Debug, Clone, Copy)]
pub struct MediaFolders<'a> {
    /// Trees and images.
    pub distros: &'a Path,
    /// Local packages.
    pub packages: &'a Path,
}

/// Whether an attempt has local packages and ZFS. This is checked when the attempt begins, and the record keeps the
/// result: the answer file must not change within one attempt.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AttemptMedia {
    packages: Option<Distro>,
    zfs: bool,
}

impl AttemptMedia {
    /// Checks what is published now.
    ///
    /// # Errors
    /// When that cannot be read. If HPS treated it as absent, the host would get another layout than it should have.
    pub fn find(
        cluster: &Cluster,
        folders: MediaFolders<'_>,
        distro: &Distro,
        host_type: HostType,
        source: &Source,
    ) -> Result<Self, AnswerError> {
        let MediaFolders { distros, packages: local } = folders;
        let release: Option<Distro> = match source {
            Source::Tree { path } => path.as_str().parse().ok(),
            Source::Image { .. } => Some(distro.clone()),
        };
        let packages = match release {
            Some(release) => packages::used_by(local, &release)
                .map_err(IoError::during("look at", local))
                .map_err(AnswerError::LocalPackages)?,
            None => None,
        };
        let zfs = cluster.pool_use(host_type) != PoolUse::Never
            && zfs::is_there(distros, distro, host_type, source, local, packages.as_ref())
                .map_err(IoError::during("look for ZFS in", distros))
                .map_err(AnswerError::Zfs)?;
        Ok(Self { packages, zfs })
    }

    /// What a sample host gets before anything is published: no local packages, and ZFS if the cluster asks for it.
    pub fn unpublished(wants_zfs: bool) -> Self {
        Self { packages: None, zfs: wants_zfs }
    }

    /// The distribution whose local packages they are.
    pub fn packages(&self) -> Option<&Distro> {
        self.packages.as_ref()
    }

    /// Begins the next attempt in a record, with these media.
    ///
    /// # Errors
    /// When the state of the host does not allow it; the record is then unchanged.
    pub fn begin_attempt(
        self,
        host: &mut Host,
        permission: &Permission,
        source: &Source,
        now: Timestamp,
    ) -> Result<(), Refused> {
        host.begin_attempt(&permission.into(), permission.distro.clone(), Some(source.build().clone()), now)?;
        if let Some(attempt) = &mut host.attempt {
            attempt.packages = self.packages;
            attempt.zfs = self.zfs;
        }
        Ok(())
    }
}
