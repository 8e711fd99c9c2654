// SPDX-License-Identifier: GPL-3.0-or-later
//! `[types.TYPE.disks]`: which disks hosts of a type are installed on.

use super::type_definition::{PoolUse, TypeDefinition};
use crate::types::{DiskRule, Method, Profile, text_enum};
use serde::Deserialize;

/// Which disks, and what is made of them.
#[derive(Debug, Clone, PartialEq, Eq, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct DiskSettings {
    /// The system's disk. It must also fit `install.disk_min_gib`.
    pub system: DiskRule,
    /// Whether the system is on two disks, as RAID 1.
    pub mirror: bool,
    /// The disks of a pool that has its own; without it all except the system's.
    pub pool: Option<DiskRule>,
    /// The array over them.
    pub level: PoolLevel,
    /// The volume manager of the pool.
    pub volumes: VolumeManager,
    /// Size of the root file system in GiB, on every disk; without it 30 on large ones and the rest of small ones.
    pub root_gib: Option<u32>,
    /// Size of the swap space in GiB, on every disk; without it 20 on large ones and less on small ones.
    pub swap_gib: Option<u32>,
}

/// What a site profile overrides.
#[derive(Debug, Clone, PartialEq, Eq, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct DiskChanges {
    system: Option<DiskRule>,
    mirror: Option<bool>,
    pool: Option<DiskRule>,
    level: Option<PoolLevel>,
    volumes: Option<VolumeManager>,
    root_gib: Option<u32>,
    swap_gib: Option<u32>,
}

impl DiskChanges {
    /// The volume manager of the pool, if the profile sets it.
    pub(super) fn volumes(&self) -> Option<VolumeManager> {
        self.volumes
    }

    /// Changes the settings.
    pub fn apply(&self, settings: &mut DiskSettings) {
        if let Some(system) = &self.system {
            settings.system.clone_from(system);
        }
        settings.mirror = self.mirror.unwrap_or(settings.mirror);
        settings.level = self.level.unwrap_or(settings.level);
        settings.volumes = self.volumes.unwrap_or(settings.volumes);
        settings.pool = self.pool.clone().or(settings.pool.take());
        settings.root_gib = self.root_gib.or(settings.root_gib);
        settings.swap_gib = self.swap_gib.or(settings.swap_gib);
    }
}

text_enum! {
    /// The RAID level of a pool on disks of its own.
    #[derive(Default)]
    PoolLevel, "RAID level",

    /// By their number: raid1 for two, raid5 for three, raid6 for more.
    #[default]
    Auto = "auto",
    /// Each disk has all of it.
    Raid1 = "raid1",
    /// Any one disk may fail.
    Raid5 = "raid5",
    /// Any two.
    Raid6 = "raid6",
    /// One of each pair.
    Raid10 = "raid10",
}

text_enum! {
    /// The volume manager of a pool.
    #[derive(Default)]
    VolumeManager, "volume manager",

    /// ZFS if its packages are among the local packages of the site; otherwise, and for images, LVM.
    #[default]
    Auto = "auto",
    /// LVM, over an md array if the pool has disks of its own.
    Lvm = "lvm",
    /// ZFS.
    Zfs = "zfs",
}

text_enum! {
    /// Where the storage pool of a host is, as the node calls it.
    PoolPlace, "place of a pool",

    /// It has none.
    None = "none",
    /// After the system, on its disk.
    Same = "same",
    /// On the other disks.
    Rest = "rest",
}

impl PoolPlace {
    /// The place of the pool for a type with this use of one, and a variant. A disaster recovery host has a pool if it
    /// should be ZFS, which receives data of storage hosts. The pool is on disks of its own if a rule names them.
    pub fn for_host(pool: PoolUse, profile: Option<Profile>, disks: &DiskSettings) -> Self {
        match (pool, profile) {
            (PoolUse::Always, Some(Profile::StorageRaid)) => Self::Rest,
            (PoolUse::Always, _) => Self::Same,
            (PoolUse::WithZfs, _) if disks.volumes == VolumeManager::Zfs && disks.pool.is_some() => Self::Rest,
            (PoolUse::WithZfs, _) if disks.volumes == VolumeManager::Zfs => Self::Same,
            _ => Self::None,
        }
    }
}

impl DiskSettings {
    /// The text for a person who asks which disks these are, on a host whose pool is at this place. `least_gib` is the
    /// smallest system disk.
    pub fn describe(&self, place: PoolPlace, least_gib: u32, method: Method) -> String {
        let rule = &self.system;
        let system = if self.mirror {
            format!("the system on two disks by the rule \"{rule}\", each of at least {least_gib} GiB, as RAID 1")
        } else {
            format!("the system on one disk by the rule \"{rule}\", of at least {least_gib} GiB")
        };
        let volumes = match (self.volumes, method) {
            (VolumeManager::Zfs, _) => "ZFS",
            (VolumeManager::Auto, Method::Kickstart) => "ZFS if the local packages have it, otherwise LVM",
            (VolumeManager::Lvm, _) | (VolumeManager::Auto, Method::Image) => "LVM",
        };
        // The same limit as in scripts/node/steps/sizes.sh.
        let large = if self.root_gib.is_some() { "" } else { ", if that has 150 GB or more" };
        let fit = self.pool.as_ref().map_or_else(String::new, |rule| format!(" by the rule \"{rule}\""));
        match place {
            PoolPlace::None => format!("{system}; no pool"),
            PoolPlace::Same => format!("{system}; the pool behind it{large}: {volumes}"),
            PoolPlace::Rest => {
                format!("{system}; the pool on all others of at least 1 GiB{fit}, level {}: {volumes}", self.level)
            }
        }
    }

    /// The first of its rules with a word that has no meaning: the key, and a sentence.
    pub(super) fn meaningless(&self) -> Option<(&'static str, String)> {
        self.rules().find_map(|(key, rule)| Some((key, format!("is \"{rule}\": {}", rule.means_nothing()?))))
    }

    fn rules(&self) -> impl Iterator<Item = (&'static str, &DiskRule)> {
        std::iter::once(("system", &self.system)).chain(self.pool.iter().map(|rule| ("pool", rule)))
    }

    /// Contradictions in it, and settings that hosts of a type cannot have.
    pub(super) fn contradictions(&self, definition: &TypeDefinition, disk_min_gib: u32) -> Vec<DiskContradiction> {
        let mut found = Vec::new();
        let mut add = |key, compared_with, problem| found.push(DiskContradiction { key, compared_with, problem });
        for (key, rule) in self.rules() {
            if let Some(why) = rule.contradicts_itself() {
                add(key, &[], format!("is \"{rule}\": {why}, so no disk fits"));
            }
        }
        let rule = &self.system;
        let sizes = self.root_gib.unwrap_or(0).saturating_add(self.swap_gib.unwrap_or(0));
        match rule.at_most() {
            Some(most) if most < disk_min_gib => add(
                "system",
                &[],
                format!("is \"{rule}\": {most} GiB is below install.disk_min_gib, {disk_min_gib}, so no disk fits"),
            ),
            Some(most) if most < sizes => add(
                "system",
                &["root_gib", "swap_gib"],
                format!("is \"{rule}\": {most} GiB is below root_gib and swap_gib, {sizes}, so no disk fits"),
            ),
            _ => {}
        }
        for (key, least, size) in [("root_gib", 4, self.root_gib), ("swap_gib", 1, self.swap_gib)] {
            if let Some(size) = size.filter(|size| !(least..=1_000_000).contains(size)) {
                add(key, &[], format!("is {size}: expected {least} to 1000000"));
            }
        }
        if let Some(rule) = self.pool.as_ref().filter(|rule| rule.orders()) {
            add(
                "pool",
                &[],
                format!("is \"{rule}\": smallest and largest choose one disk, but a pool uses all that fit"),
            );
        }
        if self.volumes == VolumeManager::Zfs {
            match definition.pool {
                PoolUse::Never => {
                    add("volumes", &[], format!("is \"zfs\", but a {} has no pool", definition.host_type));
                }
                // Without it root would have 30 GiB of a large disk.
                PoolUse::WithZfs if self.root_gib.is_none() => add(
                    "volumes",
                    &["root_gib"],
                    "is \"zfs\", but root_gib is missing: set the size of root, which stores copies of the provisioning node"
                        .to_owned(),
                ),
                PoolUse::WithZfs | PoolUse::Always => {}
            }
        }
        found
    }
}

/// Something in `[types.TYPE.disks]` that is not possible.
pub(super) struct DiskContradiction {
    /// The key that the message is about.
    pub(super) key: &'static str,
    /// The keys that it was compared with.
    pub(super) compared_with: &'static [&'static str],
    /// A sentence without the key.
    pub(super) problem: String,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn in_words_for_each_place_of_a_pool() {
        let said = |text: &str, place, method| toml::from_str::<DiskSettings>(text).unwrap().describe(place, 8, method);
        let one = "the system on one disk by the rule \"smallest\", of at least 8 GiB";
        for (text, place, method, expected) in [
            ("", PoolPlace::None, Method::Image, format!("{one}; no pool")),
            ("", PoolPlace::Same, Method::Image, format!("{one}; the pool behind it, if that has 150 GB or more: LVM")),
            ("root_gib = 9\nvolumes = \"zfs\"", PoolPlace::Same, Method::Image, format!("{one}; the pool behind it: ZFS")),
            (
                "",
                PoolPlace::Rest,
                Method::Kickstart,
                format!("{one}; the pool on all others of at least 1 GiB, level auto: ZFS if the local packages have it, otherwise LVM"),
            ),
            (
                "mirror = true\nsystem = \"serial=S*\"\npool = \"min=100G\"\nlevel = \"raid6\"\nvolumes = \"lvm\"",
                PoolPlace::Rest,
                Method::Kickstart,
                "the system on two disks by the rule \"serial=S*\", each of at least 8 GiB, as RAID 1; the pool on all others of at least 1 GiB by the rule \"min=100G\", level raid6: LVM".to_owned(),
            ),
        ] {
            assert_eq!(said(text, place, method), expected);
        }
    }
}
