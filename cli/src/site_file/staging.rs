// SPDX-License-Identifier: GPL-3.0-or-later
//! Media that were unpacked and are not published yet: hidden folders beside their places. They are removed when this is dropped, and
//! `reload` removes what a killed process leaves.

use super::collect::dir_of;
use crate::program::{Ended, Exit, Site};
use anyhow::Context as _;
use hps::config::Dir;
use hps::files::{self, IoError, make_dir};
use hps::media::{RecordError, published, verify_again};
use hps::site_archive::{Folder, Manifest, MemberName, Part};
use hps::types::{Distro, Sha256Digest};
use std::collections::{BTreeMap, BTreeSet};
use std::fs::{self, File, OpenOptions};
use std::os::unix::fs::{OpenOptionsExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};
use std::sync::atomic::AtomicBool;
use tempfile::TempDir;

/// `reload` removes folders with this beginning after a day.
const PREFIX: &str = ".tree-";
/// What stays free on the disk.
const RESERVE: u64 = 1 << 30;

/// What is published by one rename: a tree, all builds of a distribution, or a part of a repository.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Unit {
    folder: &'static str,
    path: String,
}

impl Unit {
    fn new(name: &MemberName) -> Option<(Self, Folder)> {
        let (folder, path) = name.place().filter(|_| name.part() == Part::Medium)?;
        let parts = if folder == Folder::Packages { 2 } else { 1 };
        let path: Vec<&str> = path.split('/').take(parts).collect();
        Some((Self { folder: folder.as_str(), path: path.join("/") }, folder))
    }
}

/// The media of an archive, beside those of this node.
pub(crate) struct Staging {
    folders: BTreeMap<&'static str, TempDir>,
    tops: BTreeMap<&'static str, PathBuf>,
    /// Published when the import is complete.
    wanted: BTreeSet<Unit>,
    /// As in the archive.
    pub(crate) same: Vec<String>,
    /// Other than in the archive: they stay.
    pub(crate) other: Vec<String>,
}

impl Staging {
    /// No media.
    pub(crate) fn nothing() -> Self {
        Self {
            folders: BTreeMap::new(),
            tops: BTreeMap::new(),
            wanted: BTreeSet::new(),
            same: Vec::new(),
            other: Vec::new(),
        }
    }

    /// Compares the media of an archive with those of this node.
    ///
    /// # Errors
    /// When those of this node cannot be read.
    pub(crate) fn plan(site: &Site, manifest: &Manifest) -> anyhow::Result<Self> {
        let tops = [Folder::Distros, Folder::Packages]
            .map(|folder| (folder.as_str(), site.conf.dir(dir_of(folder)).to_path_buf()));
        let mut staging = Self { tops: tops.into(), ..Self::nothing() };
        let mut units: BTreeMap<Unit, bool> = BTreeMap::new();
        for file in &manifest.files {
            let Some((unit, folder)) = Unit::new(&file.name) else { continue };
            let place = site.conf.dir(dir_of(folder)).join(&unit.path);
            if place.symlink_metadata().is_err() {
                staging.wanted.insert(unit);
                continue;
            }
            let is_same = units.entry(unit).or_insert(true);
            if *is_same {
                let path = super::collect::place(site, &file.name);
                *is_same = is_file(site, &path, file.size, file.sha256)?;
            }
        }
        for (unit, is_same) in units {
            let name = format!("{}/{}", unit.folder, unit.path);
            if is_same { staging.same.push(name) } else { staging.other.push(name) }
        }
        Ok(staging)
    }

    /// What would be published.
    pub(crate) fn new_names(&self) -> Vec<String> {
        self.wanted.iter().map(|unit| format!("{}/{}", unit.folder, unit.path)).collect()
    }

    /// Makes the hidden folders, if the disk has room.
    ///
    /// # Errors
    /// When it has not.
    pub(crate) fn begin(&mut self, manifest: &Manifest) -> anyhow::Result<()> {
        for (folder, top) in &self.tops {
            let is_wanted = |name: &MemberName| {
                Unit::new(name).is_some_and(|(unit, _)| unit.folder == *folder && self.wanted.contains(&unit))
            };
            let bytes = manifest.bytes_of(|file| is_wanted(&file.name));
            if bytes == 0 && !self.wanted.iter().any(|unit| unit.folder == *folder) {
                continue;
            }
            make_dir(top, 0o755, None)?;
            let free = files::free_space(top)?;
            if free < bytes.saturating_add(RESERVE) {
                let line = format!(
                    "{}: {} are needed and {} should stay free, but {} are free; nothing was changed",
                    top.display(),
                    indicatif::BinaryBytes(bytes),
                    indicatif::BinaryBytes(RESERVE),
                    indicatif::BinaryBytes(free)
                );
                return Err(Ended::error(Exit::Failed, line));
            }
            let mode = fs::Permissions::from_mode(0o700);
            let made = tempfile::Builder::new().prefix(PREFIX).permissions(mode).tempdir_in(top);
            let made = made.map_err(IoError::during("create a folder in", top))?;
            self.folders.insert(folder, made);
        }
        Ok(())
    }

    /// The file of a medium that is wanted; `None` for one that is here.
    pub(super) fn create(&self, name: &MemberName) -> std::io::Result<Option<File>> {
        let Some((unit, _)) = Unit::new(name).filter(|(unit, _)| self.wanted.contains(unit)) else { return Ok(None) };
        let (Some(top), Some((_, path))) = (self.folders.get(unit.folder), name.place()) else { return Ok(None) };
        let path = top.path().join(path);
        if let Some(above) = path.parent() {
            fs::DirBuilder::new().recursive(true).create(above)?;
        }
        let mode = name.access().mode();
        let file = OpenOptions::new().write(true).create_new(true).mode(mode).open(&path)?;
        file.set_permissions(fs::Permissions::from_mode(mode))?;
        Ok(Some(file))
    }

    /// Compares the unpacked trees and builds with their own inventories and manifests.
    ///
    /// # Errors
    /// A line for each fault; nothing is published then.
    pub(crate) fn verify(&self, stop: &AtomicBool) -> anyhow::Result<()> {
        let Some(distros) = self.folders.get(Folder::Distros.as_str()) else { return Ok(()) };
        let mut faults = Vec::new();
        for medium in published(distros.path()).context("the unpacked media")? {
            match verify_again(distros.path(), &medium.item, stop, &mut |_, _| {}) {
                Ok(wrong) => faults.extend(wrong.into_iter().map(|wrong| format!("{}: {wrong}", medium.item))),
                // The digests of the archive hold for it all the same.
                Err(RecordError::NoInventory) => {}
                Err(error) => faults.push(format!("{}: {}", medium.item, hps::types::one_line(&error))),
            }
        }
        Ended::errors(Exit::Refused, faults).map_or(Ok(()), Err)
    }

    /// Publishes everything, a rename for each.
    ///
    /// # Errors
    /// When one cannot be renamed. The same import continues.
    pub(crate) fn publish(&self) -> anyhow::Result<Vec<String>> {
        let mut published = Vec::new();
        for unit in &self.wanted {
            let (Some(hidden), Some(top)) = (self.folders.get(unit.folder), self.tops.get(unit.folder)) else {
                continue;
            };
            let (from, to) = (hidden.path().join(&unit.path), top.join(&unit.path));
            open_folders(&from)?;
            if let Some(above) = to.parent() {
                make_dir(above, 0o755, None)?;
            }
            fs::rename(&from, &to).map_err(IoError::during("publish", &to))?;
            files::sync_folder(&to)?;
            published.push(format!("{}/{}", unit.folder, unit.path));
        }
        Ok(published)
    }

    /// The hidden folders, for a process that ends by a signal.
    pub(crate) fn hidden(&self) -> Vec<PathBuf> {
        self.folders.values().map(|folder| folder.path().to_path_buf()).collect()
    }
}

/// With a strict umask the web server could not enter a folder.
fn open_folders(folder: &Path) -> anyhow::Result<()> {
    if folder.is_dir() {
        fs::set_permissions(folder, fs::Permissions::from_mode(0o755)).map_err(IoError::during("open", folder))?;
        for entry in fs::read_dir(folder).map_err(IoError::during("list", folder))? {
            let entry = entry.map_err(IoError::during("list", folder))?;
            if entry.file_type().map_err(IoError::during("read", folder))?.is_dir() {
                open_folders(&entry.path())?;
            }
        }
    }
    Ok(())
}

/// Whether a file of this node has these bytes.
fn is_file(site: &Site, path: &Path, size: u64, digest: Sha256Digest) -> anyhow::Result<bool> {
    match path.symlink_metadata() {
        Ok(metadata) if metadata.is_file() && metadata.len() == size => {}
        _ => return Ok(false),
    }
    let (found, _) = Sha256Digest::hash_reader(super::collect::open(site, path)?)
        .with_context(|| format!("{}: cannot read", path.display()))?;
    Ok(found == digest)
}

/// Whether something of this distribution is published here.
pub(crate) fn is_published(site: &Site, distro: &Distro) -> anyhow::Result<bool> {
    let distros = site.conf.dir(Dir::Distros);
    let newest = hps::media::trees::newest(distros, distro).with_context(|| distros.display().to_string())?;
    Ok(newest.is_some() || distros.join(distro.as_str()).join("current.toml").is_file())
}
