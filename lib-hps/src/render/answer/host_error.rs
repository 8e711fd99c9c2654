// SPDX-License-Identifier: GPL-3.0-or-later
//! What the record of a host, the cluster file or its site profiles lack for an answer.

use crate::config::RoleError;
use crate::render::system::SystemError;
use crate::types::{Distro, HostType, Method};

/// Why a host has no answer file, in either way of installing.
#[derive(Debug, thiserror::Error)]
pub enum HostError {
    /// The disks of its type contradict each other.
    #[error(transparent)]
    Disks(#[from] RoleError),
    /// Its files cannot be rendered.
    #[error(transparent)]
    System(#[from] SystemError),
    /// Its pool should be of ZFS, and this attempt has no ZFS.
    #[error("the pool of {host_type} should be ZFS (disks.volumes), but {}", remedy(distro))]
    NoZfs {
        /// The type.
        host_type: HostType,
        /// The system.
        distro: Distro,
    },
}

fn remedy(distro: &Distro) -> String {
    match distro.method() {
        Method::Image => format!("its image has no ZFS; build-image --distro {distro} makes one with it"),
        Method::Kickstart => format!(
            "neither zfs nor its module is among the local packages; add them: build-repository --distro {}",
            distro.line()
        ),
    }
}
