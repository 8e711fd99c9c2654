// SPDX-License-Identifier: GPL-3.0-or-later
//! What is on disk, compared with what `reload` would write: for `self-test`, which changes nothing.

use super::plan::Plan;
use super::{repair, served_loaders, start_check};
use crate::program::Site;
use hps::exec::services;
use hps::render::dnsmasq::BootLoader;
use hps::store::Store;
use hps::types::Sha256Digest;
use std::path::PathBuf;

/// A file that `reload` writes.
#[derive(Debug)]
pub(crate) struct WrittenFile {
    pub(crate) path: PathBuf,
    /// Whether there is a file.
    pub(crate) is_there: bool,
    /// Whether it has another content than `reload` would write.
    pub(crate) differs: bool,
    /// The digest of what `reload` would write.
    pub(crate) digest: Sha256Digest,
}

/// The boot loaders, as they should be.
#[derive(Debug)]
pub(crate) struct LoaderFiles {
    /// Their files, and those of the loaders of local disks.
    pub(crate) files: Vec<WrittenFile>,
    /// What dnsmasq offers.
    pub(crate) served: Vec<BootLoader>,
    /// Why one of them stays as it is, a line each.
    pub(crate) warnings: Vec<String>,
}

/// All files of the services and of hosts, except the boot loaders.
///
/// # Errors
/// When it cannot be rendered, or a file cannot be read.
pub(crate) fn written_files(site: &Site, store: &Store) -> anyhow::Result<Vec<WrittenFile>> {
    let manager = services::detect(&site.conf);
    let plan = Plan::make(site, store, manager.as_deref())?;
    Ok(plan.changes().map(written).collect())
}

/// The boot loaders.
///
/// # Errors
/// When one cannot be read.
pub(crate) fn loader_files(site: &Site, store: &Store) -> anyhow::Result<LoaderFiles> {
    let (mut changes, mut warnings) = (Vec::new(), Vec::new());
    let served = served_loaders::plan(&site.conf, store, &mut changes, &mut warnings)?;
    Ok(LoaderFiles { files: changes.iter().map(written).collect(), served, warnings })
}

fn written(change: &crate::change::Change) -> WrittenFile {
    WrittenFile {
        path: change.path().to_path_buf(),
        is_there: change.was_there(),
        differs: change.is_needed(),
        digest: Sha256Digest::hash(change.after()),
    }
}

/// The owners and modes that `reload` would correct, or that a person must: a line each.
pub(crate) fn wrong_rights(site: &Site) -> Vec<String> {
    let repairs = repair::preview_repairs(site);
    repairs.repaired.into_iter().map(|line| format!("{line}; reload sets it")).chain(repairs.problems).collect()
}

/// Whether the cluster's address is on its interface.
///
/// # Errors
/// One line that says what to do.
pub(crate) fn check_address(store: &Store) -> anyhow::Result<()> {
    start_check::check_address(store)
}
