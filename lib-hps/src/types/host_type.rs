// SPDX-License-Identifier: GPL-3.0-or-later
//! The name of a host type, and the variants that a type may have. What a type of this name has is in its definition
//! ([`crate::config::TypeDefinition`]): those of HPS are compiled in, those of the site are in the cluster file.

use super::{Invalid, serde_as_text, text_enum};
use std::cmp::Ordering;
use std::fmt;
use std::str::FromStr;

/// The most letters of a name. It begins the names of hosts, so it is short.
const MAX_NAME: usize = 8;

/// The name of a host type: a capital letter, then at most seven capital letters and digits.
///
/// The types of HPS come first in the order of [`Self::BUILT_IN`], then those of the site by name.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct HostType([u8; MAX_NAME]);

impl HostType {
    /// Storage cluster host.
    pub const SCH: Self = Self(*b"SCH\0\0\0\0\0");
    /// Thin compute host.
    pub const TCH: Self = Self(*b"TCH\0\0\0\0\0");
    /// Container cluster host.
    pub const CCH: Self = Self(*b"CCH\0\0\0\0\0");
    /// Disaster recovery host.
    pub const DRH: Self = Self(*b"DRH\0\0\0\0\0");
    /// A host with its system alone.
    pub const PLAIN: Self = Self(*b"PLAIN\0\0\0");

    /// The types that HPS has, in the order in which they are shown.
    pub const BUILT_IN: [Self; 5] = [Self::SCH, Self::TCH, Self::CCH, Self::DRH, Self::PLAIN];

    /// Whether HPS has it; the others are in the cluster file.
    pub fn is_built_in(self) -> bool {
        Self::BUILT_IN.contains(&self)
    }

    /// The type of HPS with this name.
    ///
    /// # Errors
    /// The names that are expected.
    pub fn of_hps(text: &str) -> Result<Self, Invalid> {
        let names = Self::BUILT_IN.each_ref().map(Self::as_str);
        let known = Self::BUILT_IN.into_iter().find(|host_type| host_type.as_str() == text);
        known.ok_or_else(|| Invalid::none_of("host type", text, &names))
    }

    /// The name in files and on the wire.
    pub fn as_str(&self) -> &str {
        // Each byte was checked to be a letter or a digit.
        str::from_utf8(&self.0).unwrap_or_default().trim_end_matches('\0')
    }

    fn rank(self) -> usize {
        Self::BUILT_IN.iter().position(|of_hps| *of_hps == self).unwrap_or(Self::BUILT_IN.len())
    }
}

impl FromStr for HostType {
    type Err = Invalid;

    fn from_str(text: &str) -> Result<Self, Invalid> {
        const RULE: &str = "expected 1 to 8 of A-Z and 0-9, and a letter first";
        let invalid = || Invalid::new("host type", text, RULE);
        let begins = text.starts_with(|first: char| first.is_ascii_uppercase());
        if !begins || !text.bytes().all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit()) {
            return Err(invalid());
        }
        let mut name = [0; MAX_NAME];
        name.get_mut(..text.len()).ok_or_else(invalid)?.copy_from_slice(text.as_bytes());
        Ok(Self(name))
    }
}

impl Ord for HostType {
    fn cmp(&self, other: &Self) -> Ordering {
        self.rank().cmp(&other.rank()).then_with(|| self.0.cmp(&other.0))
    }
}

impl PartialOrd for HostType {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl fmt::Display for HostType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl fmt::Debug for HostType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

serde_as_text!(HostType);

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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_spelling_and_one_order() {
        for good in ["SCH", "PLAIN", "W", "WEB", "K8S", "ABCDEFGH"] {
            assert_eq!(good.parse::<HostType>().unwrap().to_string(), good);
        }
        for bad in ["", "web", "Web", "8K", "ABCDEFGHI", "A-B", "A_B", "A B", "Ä", "WEB\n", "WEB\0", "../A"] {
            assert!(bad.parse::<HostType>().is_err(), "{bad:?}");
        }
        let mut types: Vec<HostType> =
            ["ZOO", "A", "AB", "PLAIN", "DRH", "TCH", "SCH", "CCH"].map(|name| name.parse().unwrap()).to_vec();
        types.sort();
        assert_eq!(format!("{types:?}"), "[SCH, TCH, CCH, DRH, PLAIN, A, AB, ZOO]");
        assert_eq!(format!("{:<5}|", HostType::SCH), "SCH  |");
    }
}
