// SPDX-License-Identifier: GPL-3.0-or-later
//! `[types.TYPE]` with its network and its disks.

use super::lines::Lines;
use crate::config::{DiskSettings, HostNetwork, PoolUse, TypeDefinition, TypeSettings};

pub(super) fn host_type(out: &mut Lines, definition: &TypeDefinition, settings: &TypeSettings) {
    out.table(&format!("types.{}", definition.host_type));
    if let Some(from) = settings.from {
        out.text("from", from, "the type of HPS that it is made from");
    }
    if let Some(title) = &settings.title {
        out.text("title", title, "in menus");
    }
    if let Some(prefix) = &settings.prefix {
        out.text("prefix", prefix, "how the names of its hosts begin");
    }
    out.text("distro", &settings.distro, &definition.title);
    if !definition.profiles.is_empty() {
        out.option(
            "profile",
            settings.profile.as_ref(),
            "STORAGESINGLE, the default: pool on the system's disk; STORAGERAID: on the others",
        );
    }
    out.list("packages", &settings.packages, "more packages, such as htop");
    out.list("services", &settings.services, "more units that start with the host, such as nginx.service");
    out.list("ports", &settings.ports, "more open ports, such as 80/tcp");
    network(out, definition, &settings.network);
    disks(out, definition, &settings.disks);
}

fn network(out: &mut Lines, definition: &TypeDefinition, network: &HostNetwork) {
    out.table(&format!("types.{}.network", definition.host_type));
    out.bare(
        "nics",
        &network.nics,
        "cards of the main network, by the place of the MAC in the record; several: a bond",
    );
    out.text("bond", network.bond, "how several share the work");
    let by_itself = if network.bridge_of(definition).is_some() { "without it br0" } else { "without it none" };
    out.option("bridge", network.bridge.as_ref(), &format!("over them, for guests; {by_itself}"));
    out.text("addressing", network.addressing.as_str(), "of the installed system: static, or dhcp");
}

fn disks(out: &mut Lines, definition: &TypeDefinition, disks: &DiskSettings) {
    out.table(&format!("types.{}.disks", definition.host_type));
    out.text("system", &disks.system, "which disk its system goes on, of those that are large enough");
    out.bare("mirror", disks.mirror, "the system on two disks that fit, as RAID 1");
    out.number(
        "root_gib",
        disks.root_gib,
        "root file system; without it 30 on large disks with a pool, otherwise the rest",
    );
    out.number("swap_gib", disks.swap_gib, "swap space; without it 20 on large disks with a pool, otherwise less");
    let (pool, volumes) = match definition.pool {
        PoolUse::Always => (
            "those of the pool of STORAGERAID, such as min=100G; without it all others",
            "of the pool: lvm, zfs, or auto: zfs if the site has its packages",
        ),
        PoolUse::WithZfs => (
            "those of its pool of ZFS, such as min=100G; without it the rest of the system's disk",
            "zfs: it has a pool, which receives data of storage hosts",
        ),
        PoolUse::Never => return,
    };
    out.option("pool", disks.pool.as_ref(), pool);
    out.text("level", disks.level, "RAID over them; auto: by their number");
    out.text("volumes", disks.volumes.as_str(), volumes);
}
