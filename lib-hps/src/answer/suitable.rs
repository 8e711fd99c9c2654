// SPDX-License-Identifier: GPL-3.0-or-later
//! Checks of everything that could make an answer file fail. They run before an installer starts.

use crate::boot::Source;
use crate::config::{Cluster, InstallSettings, RoleError, SiteProfile, SiteProfileFitError};
use crate::host::{Host, Permission};
use crate::media::{self, Units, Unsuited, Wanted, builds};
use crate::render::system::{SystemError, TargetSystem, system};
use crate::types::{Distro, HostType, Line};
use std::path::{Path, PathBuf};

/// The values of a cluster file that must match the system of a host.
pub fn wanted(install: &InstallSettings) -> Wanted<'_> {
    Wanted {
        admin_user: install.admin_user.as_str(),
        timezone: install.timezone.as_str(),
        keyboard: install.keyboard.as_str(),
    }
}

/// Why a host cannot become what a permission names.
#[derive(Debug, thiserror::Error)]
pub enum Unsuitable {
    /// A site profile does not suit this type or this operating system.
    #[error(transparent)]
    Profile(#[from] SiteProfileFitError),
    /// The rules for disks contradict each other.
    #[error(transparent)]
    Disks(#[from] RoleError),
    /// The files of the new system cannot be rendered.
    #[error(transparent)]
    System(#[from] SystemError),
    /// A value of the cluster file does not suit the published system.
    #[error("{}: {problem}", cluster_file.display())]
    ClusterValue {
        /// The cluster file.
        cluster_file: PathBuf,
        /// The value, and what to do.
        problem: Unsuited,
    },
    /// The contents of the published system could not be read.
    #[error(transparent)]
    Unread(Unsuited),
    /// The list of the packages of an image could not be read.
    #[error("{}: cannot be read ({error}); make another build: build-image --distro {distro} --force", path.display())]
    PackageList {
        /// The list.
        path: PathBuf,
        /// Whose image it is.
        distro: Distro,
        /// The system's reason.
        error: std::io::Error,
    },
    /// An image lacks a unit that a site profile enables.
    #[error(
        "the image {host_type} of {distro}, build {build}, lacks the unit {unit} of {profile}; add its package to packages there, or the unit as a [[file]] of a site profile, then make a new build: build-image --distro {distro}"
    )]
    Unit {
        /// The type.
        host_type: HostType,
        /// The operating system.
        distro: Distro,
        /// The build.
        build: Line,
        /// The unit.
        unit: String,
        /// The site profile.
        profile: String,
    },
    /// An image lacks a package that a site profile or the section of the type names.
    #[error(
        "the image {host_type} of {distro}, build {build}, lacks the package {package}; make a new build: build-image --distro {distro}"
    )]
    Package {
        /// The type.
        host_type: HostType,
        /// The operating system.
        distro: Distro,
        /// The build.
        build: Line,
        /// The package, and what names it.
        package: String,
    },
}

/// Whether a host can have these site profiles with what a permission installs. It renders the files of the new system,
/// if the record has an address and a name.
///
/// # Errors
/// The first profile or file that cannot be used.
pub fn check_profiles(
    cluster: &Cluster,
    permission: &Permission,
    host: Option<&Host>,
    profiles: &[SiteProfile],
) -> Result<(), Unsuitable> {
    for profile in profiles {
        profile.fits(permission.host_type, &permission.distro)?;
    }
    cluster.disks(permission.host_type, profiles)?;
    if let Some(target) = host.and_then(|host| TargetSystem::new(cluster, host, permission, profiles)) {
        system(&target)?;
    }
    Ok(())
}

/// What is installed on a host, and where it is published.
#[derive(Debug, Clone, Copy)]
pub struct PublishedSystem<'a> {
    /// The folder of trees and images.
    pub distros: &'a Path,
    /// The operating system.
    pub distro: &'a Distro,
    /// The type that the host becomes.
    pub host_type: HostType,
    /// The tree or the build.
    pub source: &'a Source,
}

impl PublishedSystem<'_> {
    /// Whether the system accepts the values of the cluster file, and has the units and packages of these site
    /// profiles.
    ///
    /// # Errors
    /// The first value that it does not accept, or the first unit or package that it lacks.
    pub fn check(&self, cluster: &Cluster, cluster_file: &Path, profiles: &[SiteProfile]) -> Result<(), Unsuitable> {
        self.check_values(cluster, cluster_file)?;
        self.check_units(profiles)?;
        self.check_packages(profiles)
    }

    fn check_values(&self, cluster: &Cluster, cluster_file: &Path) -> Result<(), Unsuitable> {
        let Self { distros, distro, host_type, source } = *self;
        match media::suits(distros, distro, host_type, source, wanted(&cluster.install)) {
            Ok(_) => Ok(()),
            Err(problem) if problem.key.is_some() => {
                Err(Unsuitable::ClusterValue { cluster_file: cluster_file.to_path_buf(), problem })
            }
            Err(problem) => Err(Unsuitable::Unread(problem)),
        }
    }

    fn check_units(&self, profiles: &[SiteProfile]) -> Result<(), Unsuitable> {
        let Self { distros, distro, host_type, source } = *self;
        let of_host: Vec<&SiteProfile> = profiles.iter().collect();
        for profile in profiles {
            let units = profile.units_of_system(&of_host);
            // An older build has no list of its units: then the installation continues.
            if let Units::Lacks(unit) =
                media::has_units(distros, distro, host_type, source, &units).map_err(Unsuitable::Unread)?
            {
                let (distro, build) = (distro.clone(), source.build().clone());
                return Err(Unsuitable::Unit { host_type, distro, build, unit, profile: profile.describe() });
            }
        }
        Ok(())
    }

    fn check_packages(&self, profiles: &[SiteProfile]) -> Result<(), Unsuitable> {
        let Self { distros, distro, host_type, source } = *self;
        let mut named = profiles.iter().flat_map(|profile| profile.packages.iter().map(move |name| (profile, name)));
        let Source::Image { build, .. } = source else { return Ok(()) };
        if profiles.iter().all(|profile| profile.packages.is_empty()) {
            return Ok(());
        }
        let folder = distros.join(distro.as_str()).join(build.as_str());
        let installed = builds::packages_in_image(&folder, host_type).map_err(|error| {
            let path = folder.join(builds::package_list(host_type));
            Unsuitable::PackageList { path, distro: distro.clone(), error }
        })?;
        match named.find(|(_, name)| !installed.contains(name.as_str())) {
            Some((profile, name)) => {
                let (distro, build, package) =
                    (distro.clone(), build.clone(), format!("{name} of {}", profile.describe()));
                Err(Unsuitable::Package { host_type, distro, build, package })
            }
            None => Ok(()),
        }
    }
}
