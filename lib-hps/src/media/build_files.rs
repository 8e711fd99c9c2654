// SPDX-License-Identifier: GPL-3.0-or-later
//! The names on disk in the folder of one system: `distros/<distro>/`.
//!
//! Nodes have these files from earlier versions, so the names do not change.

/// The manifest of a build, in the folder of the build.
pub(super) const MANIFEST: &str = "manifest.toml";
/// A copy of the newest build's manifest.
pub(super) const CURRENT: &str = "current.toml";
/// Becomes [`CURRENT`] when its build is in place.
pub(super) const NEXT: &str = ".build-current.toml";
/// The beginning of the name of a folder that is not a build yet, or no longer one.
pub(super) const HIDDEN: &str = ".build-";
/// A run that builds or removes locks it.
pub(super) const LOCK: &str = ".lock";
