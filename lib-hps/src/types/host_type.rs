// SPDX-License-Identifier: GPL-3.0-or-later
//! What a machine is to become, and in which variant.

use super::{Invalid, serde_as_text};
use std::fmt;
use std::str::FromStr;

/// The four host types of a site.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum HostType {
    /// Storage cluster host.
    Sch,
    /// Thin compute host.
    Tch,
    /// Container cluster host.
    Cch,
    /// Disaster recovery host.
    Drh,
}

impl HostType {
    /// All of them, in the order in which menus show them.
    pub const ALL: [Self; 4] = [Self::Sch, Self::Tch, Self::Cch, Self::Drh];

    /// The name as it stands in files and on the wire.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Sch => "SCH",
            Self::Tch => "TCH",
            Self::Cch => "CCH",
            Self::Drh => "DRH",
        }
    }

    /// What a menu says about it.
    pub fn title(self) -> &'static str {
        match self {
            Self::Sch => "Storage cluster host",
            Self::Tch => "Thin compute host",
            Self::Cch => "Container cluster host",
            Self::Drh => "Disaster recovery host",
        }
    }

    /// The variants that exist; the first is the default. Empty where there are none.
    pub fn profiles(self) -> &'static [Profile] {
        match self {
            Self::Sch => &[Profile::StorageSingle, Profile::StorageRaid],
            Self::Tch | Self::Cch | Self::Drh => &[],
        }
    }
}

impl FromStr for HostType {
    type Err = Invalid;

    fn from_str(text: &str) -> Result<Self, Invalid> {
        Self::ALL
            .into_iter()
            .find(|t| t.as_str() == text)
            .ok_or_else(|| Invalid::new("host type", text, "expected SCH, TCH, CCH or DRH"))
    }
}

impl fmt::Display for HostType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

serde_as_text!(HostType);

/// A variant of a host type.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Profile {
    /// A storage host with system and pool on one disk.
    StorageSingle,
    /// A storage host with the system apart and the pool on several disks.
    StorageRaid,
}

impl Profile {
    /// The name as it stands in files and on the wire.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::StorageSingle => "STORAGESINGLE",
            Self::StorageRaid => "STORAGERAID",
        }
    }

    /// What a menu says about it.
    pub fn title(self) -> &'static str {
        match self {
            Self::StorageSingle => "one disk",
            Self::StorageRaid => "several disks",
        }
    }
}

impl FromStr for Profile {
    type Err = Invalid;

    fn from_str(text: &str) -> Result<Self, Invalid> {
        match text {
            "STORAGESINGLE" => Ok(Self::StorageSingle),
            "STORAGERAID" => Ok(Self::StorageRaid),
            _ => Err(Invalid::new("profile", text, "expected STORAGESINGLE or STORAGERAID")),
        }
    }
}

impl fmt::Display for Profile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

serde_as_text!(Profile);
