// SPDX-License-Identifier: GPL-3.0-or-later
//! All published media, trees and builds in one list: what each is, and whether it is unchanged.

use super::builds::{self, BuildSummary, builds};
use super::inventory;
use super::item::Item;
use super::record_error::RecordError;
use super::trees::{Standing, standing, trees};
use crate::types::Timestamp;
use std::path::Path;
use std::sync::atomic::AtomicBool;

/// What is published under a name.
#[derive(Debug)]
pub struct Published {
    /// The name.
    pub item: Item,
    /// For a build: whether installations that begin now use it.
    pub current: bool,
    /// For a build that is not current: since when.
    pub replaced: Option<Timestamp>,
    /// Its source, or why it is not known.
    pub origin: Result<Origin, RecordError>,
}

/// Its source.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
#[serde(untagged)]
pub enum Origin {
    /// An ISO of a maker.
    Iso(inventory::TreeOrigin),
    /// Packages of Debian.
    Packages(BuildSummary),
}

/// Everything that is published: trees, then builds.
///
/// # Errors
/// When a folder cannot be listed.
pub fn published(distros: &Path) -> std::io::Result<Vec<Published>> {
    let trees = trees(distros)?.into_iter().map(|tree| Published {
        item: Item::tree(tree.distro),
        current: false,
        replaced: None,
        origin: tree.origin.map(Origin::Iso),
    });
    let builds = builds(distros)?.into_iter().map(|build| Published {
        item: build.item,
        current: build.current,
        replaced: (!build.current).then_some(build.since),
        origin: build.manifest.map(|manifest| Origin::Packages(manifest.into())),
    });
    Ok(trees.chain(builds).collect())
}

/// Reads every file of it again. Returns the faults, a line each; none if all is unchanged.
///
/// # Errors
/// When its record cannot be read, or `stop` is set meanwhile.
pub fn verify(
    distros: &Path,
    item: &Item,
    stop: &AtomicBool,
    progress: &mut dyn FnMut(u64, Option<u64>),
) -> Result<Vec<String>, RecordError> {
    match item.build_name() {
        Some(_) => builds::verify(distros, item, stop, progress),
        None => match standing(distros, item.distro()) {
            Ok(Standing::Other(what)) => Ok(vec![what]),
            _ => inventory::verify(&item.place(distros), item.distro(), stop, progress),
        },
    }
}
