// SPDX-License-Identifier: GPL-3.0-or-later
//! What a host with a ZFS pool has besides its packages.

use super::placed_file::{MADE, PlacedFile};
use super::target_system::TargetSystem;
use crate::config::{TypeDefinition, TypeFeature};
use crate::types::Method;

/// The package that a kickstart names; it requires the module, from any builder.
pub const PACKAGE: &str = "zfs";

/// Units that import the pools at boot, if Debian's packages do not enable them.
pub(super) fn services(family: Method) -> &'static [&'static str] {
    match family {
        Method::Image => &[],
        Method::Kickstart => &[
            "zfs-import-cache.service",
            "zfs-import.target",
            "zfs-volume-wait.service",
            "zfs-volumes.target",
            "zfs.target",
        ],
    }
}

pub(super) fn files(definition: &TypeDefinition, host: &TargetSystem<'_>) -> Vec<PlacedFile> {
    let mut files = vec![PlacedFile::new("etc/modules-load.d/hps-zfs.conf", format!("{MADE}zfs\n"))];
    if definition.has(TypeFeature::Exports) {
        // Otherwise the unit that exports volumes would start before they exist, and forget them.
        let target = match host.family() {
            Method::Image => "rtslib-fb-targetctl",
            Method::Kickstart => "target",
        };
        let path = format!("etc/systemd/system/{target}.service.d/hps-zfs.conf");
        files
            .push(PlacedFile::new(path, format!("{MADE}[Unit]\nWants=zfs-volumes.target\nAfter=zfs-volumes.target\n")));
    }
    files
}
