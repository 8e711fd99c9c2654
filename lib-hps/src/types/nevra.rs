// SPDX-License-Identifier: GPL-3.0-or-later
//! Name, epoch, version, release and architecture of an RPM package.
//!
//! The values come from the package, and so from a stranger's file. Each is checked against the characters that rpm's
//! own tools accept, before a file or a line of a list gets its name.

use super::{Invalid, all_bytes};
use serde::{Deserialize, Serialize};
use std::fmt;

/// The name of a package.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "Fields")]
pub struct Nevra {
    name: String,
    epoch: u32,
    version: String,
    release: String,
    arch: String,
}

/// As in a file, not checked yet.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Fields {
    name: String,
    epoch: u32,
    version: String,
    release: String,
    arch: String,
}

impl TryFrom<Fields> for Nevra {
    type Error = Invalid;

    fn try_from(fields: Fields) -> Result<Self, Invalid> {
        Self::new(&fields.name, fields.epoch, &fields.version, &fields.release, &fields.arch)
    }
}

/// Longer than any package's name, and three of them still make a file name.
const MAX_PART_BYTES: usize = 80;

impl Nevra {
    /// From its parts.
    ///
    /// # Errors
    /// Which part is malformed.
    pub fn new(name: &str, epoch: u32, version: &str, release: &str, arch: &str) -> Result<Self, Invalid> {
        let begins = |text: &str| text.bytes().next().is_some_and(|b| b.is_ascii_alphanumeric() || b == b'_');
        let named = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'_' | b'+' | b'-');
        // A dash would give two packages the same file name.
        let numbered = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'_' | b'+' | b'~' | b'^');
        if !begins(name) || !all_bytes(name, MAX_PART_BYTES, named) {
            return Err(Invalid::new("package name", name, "expected 1 to 80 of a-z, A-Z, 0-9, '.', '_', '+' and '-'"));
        }
        for (what, text) in [("package version", version), ("package release", release)] {
            if !begins(text) || !all_bytes(text, MAX_PART_BYTES, numbered) {
                let rule = "expected 1 to 80 of a-z, A-Z, 0-9, '.', '_', '+', '~' and '^'";
                return Err(Invalid::new(what, text, rule));
            }
        }
        if !all_bytes(arch, 16, |b| b.is_ascii_alphanumeric() || b == b'_') {
            return Err(Invalid::new("architecture", arch, "expected one such as x86_64 or noarch"));
        }
        let own = str::to_owned;
        Ok(Self { name: own(name), epoch, version: own(version), release: own(release), arch: own(arch) })
    }

    /// The name alone.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The architecture.
    pub fn arch(&self) -> &str {
        &self.arch
    }

    /// `1:2.3-4`; an epoch of 0 is left out.
    pub fn evr(&self) -> String {
        let epoch = if self.epoch == 0 { String::new() } else { format!("{}:", self.epoch) };
        format!("{epoch}{}-{}", self.version, self.release)
    }

    /// Its file name in every repository: `name-version-release.arch.rpm`.
    pub fn file_name(&self) -> String {
        format!("{self}.rpm")
    }

    /// Whether `text`, as a person types it, means this package: by its name, with or without version, release and
    /// architecture.
    pub fn is_meant_by(&self, text: &str) -> bool {
        let with_epoch = format!("{}-{}.{}", self.name, self.evr(), self.arch);
        text == self.name || text == with_epoch || text.strip_suffix(".rpm").unwrap_or(text) == self.to_string()
    }
}

impl fmt::Display for Nevra {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}-{}-{}.{}", self.name, self.version, self.release, self.arch)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_and_names() {
        let nevra = Nevra::new("gcc-c++", 1, "14.2~rc1", "3.el10_1", "x86_64").unwrap();
        assert_eq!(nevra.file_name(), "gcc-c++-14.2~rc1-3.el10_1.x86_64.rpm");
        assert_eq!(nevra.evr(), "1:14.2~rc1-3.el10_1");
        for meant in ["gcc-c++", "gcc-c++-14.2~rc1-3.el10_1.x86_64", "gcc-c++-14.2~rc1-3.el10_1.x86_64.rpm"] {
            assert!(nevra.is_meant_by(meant), "{meant}");
        }
        assert!(nevra.is_meant_by("gcc-c++-1:14.2~rc1-3.el10_1.x86_64"));
        assert!(!nevra.is_meant_by("gcc") && !nevra.is_meant_by(""));
        assert_eq!(toml::from_str::<Nevra>(&toml::to_string(&nevra).unwrap()).unwrap(), nevra);
    }

    #[test]
    fn what_could_become_another_path_is_none() {
        let long = "x".repeat(81);
        for bad in ["", "..", "../x", "a/b", ".a", "-a", "a b", "a\nb", "a|b", "a\0", "ä", "a*", "a%2f", &long] {
            assert!(Nevra::new(bad, 0, "1", "1", "noarch").is_err(), "name {bad:?}");
            assert!(Nevra::new("a", 0, bad, "1", "noarch").is_err(), "version {bad:?}");
            assert!(Nevra::new("a", 0, "1", bad, "noarch").is_err(), "release {bad:?}");
            assert!(Nevra::new("a", 0, "1", "1", bad).is_err(), "arch {bad:?}");
        }
        // a-1-2-3.noarch must be one package only.
        assert!(Nevra::new("a", 0, "1-2", "3", "noarch").is_err());
        assert!(Nevra::new("a-1", 0, "2", "3", "noarch").is_ok());
    }
}
