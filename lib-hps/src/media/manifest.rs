// SPDX-License-Identifier: GPL-3.0-or-later
//! The manifest of a published build of the node environment and its images.
//!
//! `distros/<distro>/<build>/` is immutable; `distros/<distro>/current.toml` is a copy of the newest build's manifest,
//! replaced atomically, so that a reader sees one whole build, old or new.

use crate::types::{Distro, HostType, Line, Sha256Digest};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

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
    /// Size of its files once unpacked, in bytes; of images only.
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
    /// 1.
    pub version: u32,
    /// What it is a build of.
    pub distro: Distro,
    /// Its name, `20261122T110203Z`.
    pub build: Line,
    /// The version of the kernel's package.
    pub kernel: Line,
    /// What the recipe was: a digest over packages, scripts and options. The same recipe need not be built again.
    pub recipe: Sha256Digest,
    /// The node environment.
    pub node: NodeFiles,
    /// The image of each host type.
    #[serde(default)]
    pub images: BTreeMap<HostType, File>,
}

impl Manifest {
    /// The version of the format.
    pub const VERSION: u32 = 1;

    /// Reads a manifest.
    ///
    /// # Errors
    /// One line that says what is wrong.
    pub fn parse(text: &str) -> Result<Self, String> {
        let manifest: Self = toml::from_str(text).map_err(|e| e.message().replace('\n', " "))?;
        if manifest.version != Self::VERSION {
            return Err(format!("version is {}: this program reads version {}", manifest.version, Self::VERSION));
        }
        let files = [&manifest.node.kernel, &manifest.node.initrd].into_iter().chain(manifest.images.values());
        for name in files.map(|f| f.file.as_str()).chain([manifest.build.as_str()]) {
            if !is_plain_name(name) {
                return Err(format!("{name:?} is not a plain file name"));
            }
        }
        Ok(manifest)
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
