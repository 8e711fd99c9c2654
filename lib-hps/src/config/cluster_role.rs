// SPDX-License-Identifier: GPL-3.0-or-later
//! What a cluster makes of a host: its system, its disks, its links and its address.

use super::cluster::Cluster;
use super::disks::{DiskSettings, VolumeManager};
use super::links::{Link, links};
use super::setting_error::{SettingError, SettingErrors};
use super::site_profile::SiteProfile;
use super::type_check::UnknownType;
use super::type_definition::TypeDefinition;
use crate::types::{ClusterName, Distro, HostName, HostType, Line, Loader, MacAddr, Method, Profile, SHIM_OF_DEBIAN};
use std::net::Ipv4Addr;

/// Why a host cannot get its type.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RoleError {
    /// The cluster does not install the type.
    #[error("cluster {cluster} installs no {host_type}: its file has no [types.{host_type}]")]
    NoType {
        /// The cluster.
        cluster: ClusterName,
        /// The type.
        host_type: HostType,
    },
    /// Neither HPS nor the cluster has the type.
    #[error("cluster {cluster}: {unknown}")]
    Unknown {
        /// The cluster.
        cluster: ClusterName,
        /// The type.
        unknown: UnknownType,
    },
    /// The type has no such variant.
    #[error("{host_type} has no profile {profile}")]
    NoProfile {
        /// The type.
        host_type: HostType,
        /// The variant.
        profile: Profile,
    },
    /// This version does not install the system.
    #[error(
        "{0} cannot be installed by this version, which installs Rocky Linux and AlmaLinux from 9 and Debian 12 and 13, on x86_64 and aarch64"
    )]
    Unsupported(Distro),
    /// The record has fewer cards than the cluster file expects.
    #[error(
        "a {host_type} of cluster {cluster} has {needed} network cards, but the record of {host} has {macs}: name them all, in the order of nics in the cluster file: host-state set {host} macs=MAC,MAC,..."
    )]
    Cards {
        /// The cluster.
        cluster: ClusterName,
        /// The type.
        host_type: HostType,
        /// How many cards there must be.
        needed: usize,
        /// Name or MAC.
        host: String,
        /// How many MACs the record has.
        macs: usize,
    },
    /// A setting of the cluster contradicts another one or has no meaning.
    #[error("{}", .0.problem())]
    Setting(SettingError),
    /// A setting of a site profile contradicts one of the cluster or has no meaning.
    #[error("{profile}: disks.{key} {problem}")]
    Profile {
        /// The site profile.
        profile: String,
        /// The key in its `[disks]`.
        key: &'static str,
        /// What is wrong.
        problem: String,
    },
}

impl Cluster {
    /// Whether some machine boots through GRUB.
    pub fn may_start_grub(&self) -> bool {
        self.boot.loader == Loader::Grub
            || self.boot_loaders.iter().any(|choice| choice.file.as_str() == SHIM_OF_DEBIAN)
    }

    /// Whether UEFI firmware of this machine is to start GRUB: by the first `[[boot_loader]]` that fits it, otherwise by
    /// `boot.loader`.
    pub fn starts_grub(&self, macs: &[MacAddr], name: Option<&HostName>, product: Option<&Line>) -> bool {
        let choice = self.boot_loaders.iter().find(|choice| choice.fits(macs, name, product));
        choice.map_or(self.boot.loader == Loader::Grub, |choice| choice.file.as_str() == SHIM_OF_DEBIAN)
    }

    /// The links of hosts of a type, the main one first. Networks for storage are those of the main network, so a host
    /// of a subnet has none: its address decides.
    ///
    /// # Errors
    /// What contradicts what, or that the cluster does not install the type. A cluster that was read has no other
    /// errors.
    pub fn links(&self, host_type: HostType, address: Option<Ipv4Addr>) -> Result<Vec<Link<'_>>, RoleError> {
        let settings = self.types.get(&host_type).ok_or_else(|| self.installs_no(host_type))?;
        let definition = TypeDefinition::with_settings(host_type, settings);
        let mut errors = SettingErrors::default();
        let is_in_subnet = address.is_some_and(|address| self.subnet_at(address).is_some());
        let storage = self.storage_networks.iter().enumerate().filter(|_| !is_in_subnet);
        let links = links(&definition, &settings.network, self.network.mtu, storage, &mut errors);
        errors.into_vec().into_iter().next().map_or(Ok(links), |error| Err(RoleError::Setting(error)))
    }

    /// Whether the record of a host has all cards that hosts of this type need.
    ///
    /// # Errors
    /// Which is missing, and what to do.
    pub fn has_cards(
        &self,
        host_type: HostType,
        address: Option<Ipv4Addr>,
        host: &str,
        macs: usize,
    ) -> Result<(), RoleError> {
        let links = self.links(host_type, address)?;
        let needed = links.iter().flat_map(|link| link.nics).max().map_or(1, |nic| usize::from(nic.get()));
        if needed <= macs {
            return Ok(());
        }
        Err(RoleError::Cards { cluster: self.name.clone(), host_type, needed, host: host.to_owned(), macs })
    }

    /// The disks for a host of this type with these profiles.
    ///
    /// # Errors
    /// What contradicts what.
    pub fn disks(&self, host_type: HostType, profiles: &[SiteProfile]) -> Result<DiskSettings, RoleError> {
        let settings = self.types.get(&host_type).ok_or_else(|| self.installs_no(host_type))?;
        let definition = TypeDefinition::with_settings(host_type, settings);
        let mut disks = settings.disks.clone();
        if let Some(first) = self.meaningless().into_iter().find(|(of, _)| *of == host_type) {
            return Err(RoleError::Setting(first.1));
        }
        for profile in profiles {
            profile.disks.apply(&mut disks);
            let wrong = disks.contradictions(&definition, self.install.disk_min_gib).into_iter().next();
            if let Some((key, problem)) = wrong.map(|wrong| (wrong.key, wrong.problem)).or_else(|| disks.meaningless())
            {
                return Err(RoleError::Profile { profile: profile.describe(), key, problem });
            }
        }
        Ok(disks)
    }

    /// Whether this type, or a site profile of its hosts, asks for a ZFS pool, so that images need ZFS.
    pub fn wants_zfs(&self, host_type: HostType, profiles: &[SiteProfile]) -> bool {
        let of_type = self.types.get(&host_type).map(|settings| settings.disks.volumes);
        let of_profiles = profiles.iter().filter(|p| p.types.contains(&host_type)).filter_map(|p| p.disks.volumes());
        of_type.into_iter().chain(of_profiles).any(|volumes| volumes == VolumeManager::Zfs)
    }

    /// The variant and the operating system of a host of this type. Without a profile it is the type's default.
    ///
    /// # Errors
    /// Why this cluster does not install that.
    pub fn role(&self, host_type: HostType, profile: Option<Profile>) -> Result<(Option<Profile>, &Distro), RoleError> {
        let Some(settings) = self.types.get(&host_type) else {
            return Err(self.installs_no(host_type));
        };
        let profiles = TypeDefinition::with_settings(host_type, settings).profiles;
        let profile = profile.or(settings.profile).or_else(|| profiles.first().copied());
        if let Some(profile) = profile.filter(|p| !profiles.contains(p)) {
            return Err(RoleError::NoProfile { host_type, profile });
        }
        Ok((profile, &settings.distro))
    }

    /// What a type is, as [`Self::definition`].
    ///
    /// # Errors
    /// [`RoleError::Unknown`].
    pub fn known_definition(&self, host_type: HostType) -> Result<TypeDefinition, RoleError> {
        self.definition(host_type).ok_or_else(|| self.installs_no(host_type))
    }

    fn installs_no(&self, host_type: HostType) -> RoleError {
        let cluster = self.name.clone();
        match self.check_type(host_type) {
            Ok(()) => RoleError::NoType { cluster, host_type },
            Err(unknown) => RoleError::Unknown { cluster, unknown },
        }
    }
}

/// Whether this version installs an operating system.
///
/// # Errors
/// [`RoleError::Unsupported`].
pub fn supported(distro: &Distro) -> Result<(), RoleError> {
    let known = match distro.method() {
        Method::Kickstart => distro.major() >= 9,
        Method::Image => distro.codename().is_some(),
    };
    if known {
        return Ok(());
    }
    Err(RoleError::Unsupported(distro.clone()))
}
