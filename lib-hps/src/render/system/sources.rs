// SPDX-License-Identifier: GPL-3.0-or-later
//! What this node offers to an installed system: a tree, local packages and the keys that sign them.

use crate::types::Distro;

/// A key that signs packages of the site.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SigningKey {
    /// The name of its file.
    pub name: String,
    /// In ASCII armor.
    pub armored: String,
}

/// What this node offers to an installed system.
#[derive(Debug, Clone, Copy)]
pub struct Sources<'a> {
    /// The tree that it was installed from, below `/distros/`; none after an installation by image.
    pub tree: Option<&'a str>,
    /// The repository of local packages, below `/packages/`.
    pub packages: Option<&'a Distro>,
    /// The keys that sign these packages, besides the distribution's own.
    pub keys: &'a [SigningKey],
}
