// SPDX-License-Identifier: GPL-3.0-or-later
//! The type of a machine, and its variant.

use super::text_enum;

text_enum! {
    /// The four host types of a site.
    HostType, "host type",

    /// Storage cluster host.
    Sch = "SCH",
    /// Thin compute host.
    Tch = "TCH",
    /// Container cluster host.
    Cch = "CCH",
    /// Disaster recovery host.
    Drh = "DRH",
}

impl HostType {
    /// Its title in menus.
    pub fn title(self) -> &'static str {
        match self {
            Self::Sch => "Storage cluster host",
            Self::Tch => "Thin compute host",
            Self::Cch => "Container cluster host",
            Self::Drh => "Disaster recovery host",
        }
    }

    /// Its variants; the first is the default. Empty if there are none.
    pub fn profiles(self) -> &'static [Profile] {
        match self {
            Self::Sch => &[Profile::StorageSingle, Profile::StorageRaid],
            Self::Tch | Self::Cch | Self::Drh => &[],
        }
    }
}

text_enum! {
    /// A variant of a host type.
    Profile, "profile",

    /// A storage host with system and pool on one disk.
    StorageSingle = "STORAGESINGLE",
    /// A storage host with the system apart and the pool on several disks.
    StorageRaid = "STORAGERAID",
}

impl Profile {
    /// Its title in menus.
    pub fn title(self) -> &'static str {
        match self {
            Self::StorageSingle => "one disk",
            Self::StorageRaid => "several disks",
        }
    }
}
