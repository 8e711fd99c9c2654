// SPDX-License-Identifier: GPL-3.0-or-later
//! Something to install from, by its name: a tree, `x86_64-linux-rockylinux-10.2`, or a build of the node environment
//! and its images, `x86_64-linux-debian-12/20261122T110203Z`. The name is the path below the folder of published media.

use super::manifest::is_plain_name;
use crate::types::{Distro, Invalid, Line, Method, serde_as_text};
use std::fmt;
use std::path::{Path, PathBuf};
use std::str::FromStr;

/// A tree or a build.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Item {
    distro: Distro,
    build: Option<Line>,
}

impl Item {
    /// A tree.
    pub fn tree(distro: Distro) -> Self {
        Self { distro, build: None }
    }

    /// A build, if that can be its name.
    pub fn build(distro: &Distro, build: &str) -> Option<Self> {
        let named = distro.method() == Method::Image && is_plain_name(build);
        named.then(|| build.parse().ok()).flatten().map(|build| Self { distro: distro.clone(), build: Some(build) })
    }

    /// Its system.
    pub fn distro(&self) -> &Distro {
        &self.distro
    }

    /// Which build it is; none for a tree.
    pub fn build_name(&self) -> Option<&Line> {
        self.build.as_ref()
    }

    /// Its folder.
    pub fn place(&self, distros: &Path) -> PathBuf {
        let place = distros.join(self.distro.as_str());
        self.build.as_ref().map_or_else(|| place.clone(), |build| place.join(build.as_str()))
    }
}

impl FromStr for Item {
    type Err = Invalid;

    fn from_str(text: &str) -> Result<Self, Invalid> {
        let invalid = || Invalid::new("name", text, "expected a name from --list");
        match text.split_once('/') {
            None => Ok(Self::tree(text.parse()?)),
            Some((distro, build)) => Self::build(&distro.parse()?, build).ok_or_else(invalid),
        }
    }
}

impl fmt::Display for Item {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.build {
            Some(build) => write!(f, "{}/{build}", self.distro),
            None => self.distro.fmt(f),
        }
    }
}

serde_as_text!(Item);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_paths_and_lead_nowhere_else() {
        for name in ["x86_64-linux-rockylinux-10.2", "x86_64-linux-debian-12/20261122T110203Z"] {
            let item: Item = name.parse().unwrap();
            assert_eq!(item.to_string(), name);
            assert_eq!(item.place(Path::new("/d")), Path::new("/d").join(name));
        }
        for bad in [
            "",
            "..",
            "20261122T110203Z",
            "x86_64-linux-debian-12/",
            "x86_64-linux-debian-12/..",
            "x86_64-linux-debian-12/.build-x",
            "x86_64-linux-debian-12/a/b",
            "x86_64-linux-rockylinux-10.2/a",
        ] {
            assert!(bad.parse::<Item>().is_err(), "{bad}");
        }
    }
}
