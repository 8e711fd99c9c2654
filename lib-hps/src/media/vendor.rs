// SPDX-License-Identifier: GPL-3.0-or-later
//! The makers of installation media: the paths of their files on a mirror, their names, and the keys that sign them.

use super::release::{Release, number};
use crate::types::{Distro, Invalid, text_enum};
use std::str::FromStr;

text_enum! {
    /// A maker whose ISOs are published here, by its word in the distro string.
    Vendor, "operating system",

    /// Rocky Linux.
    Rocky = "rockylinux",
    /// AlmaLinux.
    Alma = "almalinux",
}

text_enum! {
    /// Which ISO of a release.
    Variant, "variant",

    /// The base system.
    Minimal = "minimal",
    /// Everything.
    Dvd = "dvd",
    /// Only the installer; it is not a tree to install from.
    Boot = "boot",
}

/// The wanted release.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Wanted {
    /// The newest of all lines whose key is known.
    Latest,
    /// The newest of a line.
    Line(u32),
    /// This one.
    Exactly(Release),
}

/// A release key of a maker.
#[derive(Debug, Clone, Copy)]
pub struct ReleaseKey {
    /// Of its primary key: 40 upper-case hex digits.
    pub fingerprint: &'static str,
    /// The key, in ASCII armor.
    pub armored: &'static str,
}

impl Vendor {
    /// The address of its own mirror.
    pub fn mirror(self) -> &'static str {
        match self {
            Self::Rocky => "https://download.rockylinux.org/pub/rocky",
            Self::Alma => "https://repo.almalinux.org/almalinux",
        }
    }

    /// The folder of ISOs below a mirror's root, without slashes around it.
    pub fn iso_folder(self, release: Release, cpu: &str) -> String {
        format!("{release}/isos/{cpu}")
    }

    /// The name of an ISO.
    pub fn iso_name(self, release: Release, cpu: &str, variant: Variant) -> String {
        let (prefix, dvd) = match self {
            Self::Rocky => ("Rocky", "dvd1"),
            Self::Alma => ("AlmaLinux", "dvd"),
        };
        let variant = if variant == Variant::Dvd { dvd } else { variant.as_str() };
        format!("{prefix}-{release}-{cpu}-{variant}.iso")
    }

    /// The facts of an ISO, from its name.
    pub fn parse_iso_name(name: &str) -> Option<(Self, Release, String, Variant)> {
        let (prefix, rest) = name.strip_suffix(".iso")?.split_once('-')?;
        let mut parts = rest.splitn(3, '-');
        let (release, cpu, variant) = (parts.next()?.parse().ok()?, parts.next()?.to_owned(), parts.next()?);
        let vendor = match prefix {
            "Rocky" => Self::Rocky,
            "AlmaLinux" => Self::Alma,
            _ => return None,
        };
        let variant = Variant::ALL
            .into_iter()
            .find(|v| vendor.iso_name(release, &cpu, *v).ends_with(&format!("-{variant}.iso")))?;
        (vendor.iso_name(release, &cpu, variant) == name).then_some((vendor, release, cpu, variant))
    }

    /// The key that signs a line. It is compiled in, and never fetched.
    pub fn key(self, major: u32) -> Option<ReleaseKey> {
        let key = |fingerprint, armored| Some(ReleaseKey { fingerprint, armored });
        match (self, major) {
            (Self::Rocky, 10) => {
                key("FC226859C0860BF0DDB95B085B106C736FEDFC85", include_str!("../../keys/RPM-GPG-KEY-Rocky-10"))
            }
            (Self::Rocky, 9) => {
                key("21CB256AE16FC54C6E652949702D426D350D275D", include_str!("../../keys/RPM-GPG-KEY-Rocky-9"))
            }
            (Self::Alma, 10) => {
                key("EE6DB7B98F5BF5EDD9DA0DE5DEE5C11CC2A1E572", include_str!("../../keys/RPM-GPG-KEY-AlmaLinux-10"))
            }
            (Self::Alma, 9) => {
                key("BF18AC2876178908D6E71267D36CB86CB86B3716", include_str!("../../keys/RPM-GPG-KEY-AlmaLinux-9"))
            }
            _ => None,
        }
    }

    /// The distro string of a release.
    ///
    /// # Errors
    /// When the processor is unknown.
    pub fn distro(self, release: Release, cpu: &str) -> Result<Distro, Invalid> {
        format!("{cpu}-linux-{}-{release}", self.as_str()).parse()
    }
}

impl Wanted {
    /// The newest wanted release of `offered`.
    pub fn newest(self, vendor: Vendor, offered: &[Release]) -> Option<Release> {
        let fits = |release: &&Release| match self {
            Self::Latest => vendor.key(release.major).is_some(),
            Self::Line(major) => release.major == major,
            Self::Exactly(exactly) => **release == exactly,
        };
        offered.iter().filter(fits).max().copied()
    }
}

/// The accepted release keys.
#[derive(Debug, Clone, Copy, Default)]
pub struct Keys {
    /// Replaces all others.
    test: Option<ReleaseKey>,
}

/// Names a file with the key that tests sign with; there is no such variable where the feature `test-keys` is off.
#[cfg(feature = "test-keys")]
pub const TEST_KEY_VARIABLE: Option<&str> = Some("HPS_TEST_KEY");
/// Names a file with the key that tests sign with; there is no such variable where the feature `test-keys` is off.
#[cfg(not(feature = "test-keys"))]
pub const TEST_KEY_VARIABLE: Option<&str> = None;

impl Keys {
    /// Those that are compiled in.
    pub fn pinned() -> Self {
        Self::default()
    }

    /// One key for everything, for tests: without the feature `test-keys` it has no effect.
    pub fn for_tests(fingerprint: String, armored: String) -> Self {
        let key = ReleaseKey { fingerprint: fingerprint.leak(), armored: armored.leak() };
        Self { test: TEST_KEY_VARIABLE.map(|_| key) }
    }

    /// The key of a line.
    pub fn for_release(self, vendor: Vendor, major: u32) -> Option<ReleaseKey> {
        self.test.or_else(|| vendor.key(major))
    }
}

impl FromStr for Wanted {
    type Err = Invalid;

    fn from_str(text: &str) -> Result<Self, Invalid> {
        if text == "latest" {
            return Ok(Self::Latest);
        }
        if let Some(major) = number(text) {
            return Ok(Self::Line(major));
        }
        text.parse()
            .map(Self::Exactly)
            .map_err(|_: Invalid| Invalid::new("release", text, "expected a line (10), a release (10.1) or latest"))
    }
}

#[cfg(test)]
#[path = "vendor_tests.rs"]
mod tests;
