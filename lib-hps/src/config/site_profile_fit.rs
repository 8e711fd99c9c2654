// SPDX-License-Identifier: GPL-3.0-or-later
//! Whether a host can have a site profile, by the installer of its system.

use super::disks::VolumeManager;
use super::site_profile::SiteProfile;
use crate::types::{Distro, HostType, Method, PackageName};

/// Why a host cannot have a profile.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SiteProfileFitError {
    /// Debian has no groups of packages.
    #[error("{profile}: {group} is a group, but Debian has no groups: name its packages")]
    Group {
        /// The profile.
        profile: String,
        /// The group.
        group: PackageName,
    },
    /// The image of the type comes without ZFS.
    #[error(
        "{profile}: disks.volumes is \"zfs\" for single hosts, but Debian's ZFS comes with the image of a type: name {host_type} in its types, then run: build-image --distro {distro}"
    )]
    Zfs {
        /// The profile.
        profile: String,
        /// The type.
        host_type: HostType,
        /// The system.
        distro: Distro,
    },
    /// The image of the type comes without the packages.
    #[error(
        "{profile}: its packages are for single hosts, but those of Debian come with the image of a type: name {host_type} in its types, then run: build-image --distro {distro}"
    )]
    Packages {
        /// The profile.
        profile: String,
        /// The type.
        host_type: HostType,
        /// The system.
        distro: Distro,
    },
}

impl SiteProfile {
    /// Whether a host of this type can have it, with the installer of this system.
    ///
    /// # Errors
    /// What it cannot have, and what to do.
    pub fn fits(&self, host_type: HostType, distro: &Distro) -> Result<(), SiteProfileFitError> {
        if distro.method() == Method::Kickstart {
            return Ok(());
        }
        let profile = self.describe();
        if let Some(group) = self.packages.iter().find(|package| package.is_group()) {
            return Err(SiteProfileFitError::Group { profile, group: group.clone() });
        }
        if self.disks.volumes() == Some(VolumeManager::Zfs) && !self.types.contains(&host_type) {
            return Err(SiteProfileFitError::Zfs { profile, host_type, distro: distro.clone() });
        }
        if !self.packages.is_empty() && !self.types.contains(&host_type) {
            return Err(SiteProfileFitError::Packages { profile, host_type, distro: distro.clone() });
        }
        Ok(())
    }
}
