// SPDX-License-Identifier: GPL-3.0-or-later
//! The manifest of a published build of the node environment and its images.
//!
//! Version 2 also lists the package lists; in version 1, from older programs, they have no digest.
//! `distros/<distro>/<build>/` is immutable. `distros/<distro>/current.toml` is a copy of the newest build's manifest.
//! It is replaced atomically, so that a reader sees one whole build, old or new.

use crate::types::{Distro, HostType, Line, Sha256Digest};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

/// Why a text is not a manifest that this program reads.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ManifestError {
    /// It is not TOML, or has other keys.
    #[error("{0}")]
    Toml(String),
    /// Another version of this program wrote it.
    #[error("version is {0}: this program reads versions {oldest} to {newest}", oldest = Manifest::OLDEST_VERSION, newest = Manifest::VERSION)]
    Version(u32),
    /// It lists package lists, although its version has none.
    #[error("packages: version 1 has none")]
    Packages,
    /// A name in it could lead elsewhere.
    #[error("{0:?} is not a plain file name")]
    Name(String),
}

/// One file of a build.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct File {
    /// Its name in the folder of the build.
    pub file: String,
    /// Its digest.
    pub sha256: Sha256Digest,
    /// Its size in bytes.
    pub size: u64,
    /// Size of its files after unpacking, in bytes; only for images.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unpacked: Option<u64>,
}

/// The node environment.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NodeFiles {
    /// The kernel.
    pub kernel: File,
    /// The initrd.
    pub initrd: File,
}

/// A whole build.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Manifest {
    /// 2, or 1.
    pub version: u32,
    /// Its system.
    pub distro: Distro,
    /// Its name, `20261122T110203Z`.
    pub build: Line,
    /// The version of the kernel's package.
    pub kernel: Line,
    /// The recipe: a digest over packages, scripts and options. The same recipe need not be built again.
    pub recipe: Sha256Digest,
    /// The node environment.
    pub node: NodeFiles,
    /// The image of each host type.
    #[serde(default)]
    pub images: BTreeMap<HostType, File>,
    /// The lists of packages, and of the other contents of each image; older builds lack the latter. Version 1 has
    /// those of packages without digests.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub packages: Vec<File>,
}

impl Manifest {
    /// The version of the format that is written.
    pub const VERSION: u32 = 2;
    /// The oldest that is read.
    const OLDEST_VERSION: u32 = 1;

    /// Reads a manifest.
    ///
    /// # Errors
    /// See [`ManifestError`].
    pub fn parse(text: &str) -> Result<Self, ManifestError> {
        let manifest: Self =
            toml::from_str(text).map_err(|error| ManifestError::Toml(error.message().replace('\n', " ")))?;
        if !(Self::OLDEST_VERSION..=Self::VERSION).contains(&manifest.version) {
            return Err(ManifestError::Version(manifest.version));
        }
        if !manifest.lists_packages() && !manifest.packages.is_empty() {
            return Err(ManifestError::Packages);
        }
        for name in manifest.files().map(|f| f.file.as_str()).chain([manifest.build.as_str()]) {
            if !is_plain_name(name) {
                return Err(ManifestError::Name(name.to_owned()));
            }
        }
        Ok(manifest)
    }

    /// Every file with a digest.
    pub fn files(&self) -> impl Iterator<Item = &File> {
        // Types with the same packages have one image.
        let mut names = BTreeSet::new();
        let images = self.images.values().filter(move |image| names.insert(&image.file));
        [&self.node.kernel, &self.node.initrd].into_iter().chain(images).chain(&self.packages)
    }

    /// Whether it has the digests of the package lists.
    pub fn lists_packages(&self) -> bool {
        self.version > 1
    }

    /// The file's text.
    pub fn to_text(&self) -> String {
        toml::to_string(self).unwrap_or_default()
    }
}

/// A name that is one component of a path, and harmless in a URL.
pub(super) fn is_plain_name(name: &str) -> bool {
    !name.is_empty()
        && !name.starts_with('.')
        && name.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'_' | b'-'))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What the programs wrote before package lists had digests, and what nodes still have.
    const VERSION_1: &str = include_str!("../../../tests/fixtures/build-v1.toml");

    #[test]
    fn an_old_manifest_is_read_for_ever() {
        let manifest = Manifest::parse(VERSION_1).unwrap();
        assert_eq!((manifest.version, manifest.build.as_str()), (1, "20261122T110203Z"));
        assert!(manifest.files().count() == 3 && !manifest.lists_packages());
        assert_eq!(manifest.images.get(&HostType::SCH).and_then(|image| image.unpacked), Some(561_715_200));
        assert_eq!(manifest.to_text(), VERSION_1, "and written as it was");
    }

    #[test]
    fn a_new_manifest_lists_the_lists_and_what_comes_later_is_refused() {
        let mut manifest = Manifest::parse(VERSION_1).unwrap();
        manifest.version = Manifest::VERSION;
        let list = File { file: "packages.txt".to_owned(), unpacked: None, ..manifest.node.kernel.clone() };
        manifest.packages.push(list);
        let text = manifest.to_text();
        assert_eq!(Manifest::parse(&text), Ok(manifest));
        let wrong = |from: &str, to: &str| Manifest::parse(&text.replace(from, to)).unwrap_err().to_string();
        assert_eq!(wrong("version = 2", "version = 1"), "packages: version 1 has none");
        assert_eq!(wrong("version = 2", "version = 3"), "version is 3: this program reads versions 1 to 2");
        assert!(wrong("version = 2", "version = 0").starts_with("version is 0"));
        assert!(wrong("packages.txt", "../packages.txt").contains("not a plain file name"));
    }
}
