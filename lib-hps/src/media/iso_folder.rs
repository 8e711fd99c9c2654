// SPDX-License-Identifier: GPL-3.0-or-later
//! The folder of ISOs: hidden, read by root alone, on the file system of the trees.

use super::iso::VerifiedIso;
use super::release::Release;
use super::settled;
use super::tree_store_error::TreeStoreError;
use super::trees::newest_release;
use super::vendor::Vendor;
use crate::files::{Base, IoError};
use std::os::unix::fs::DirBuilderExt as _;
use std::path::{Path, PathBuf};

const NAME: &str = ".iso";

/// Where ISOs are put while they come. [`super::tree_store::TreeStore::isos`] makes it, under its lock.
#[derive(Debug)]
pub struct IsoFolder<'a> {
    path: PathBuf,
    distros: &'a Path,
}

impl<'a> IsoFolder<'a> {
    /// Opens it in the folder of trees; it is made where it is missing.
    pub(super) fn open(distros: &'a Path, base: &Base) -> Result<Self, TreeStoreError> {
        let path = distros.join(NAME);
        std::fs::DirBuilder::new()
            .recursive(true)
            .mode(0o700)
            .create(&path)
            .map_err(IoError::during("create", &path))?;
        settled::only_root_publishes_in(&path, base)?;
        Ok(Self { path, distros })
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Finishes with the ISO of a published tree: gives it its name if it should be kept, otherwise removes it.
    ///
    /// # Errors
    /// When it cannot be renamed or removed.
    pub fn put_away(&self, iso: VerifiedIso, keep: bool) -> Result<Option<PathBuf>, TreeStoreError> {
        let from = iso.path().to_path_buf();
        if !keep {
            std::fs::remove_file(&from).map_err(IoError::during("remove", &from))?;
            return Ok(None);
        }
        let to = self.path.join(iso.name());
        iso.file().sync_all().map_err(IoError::during("sync", &from))?;
        iso.renamed(&to).map_err(IoError::during("rename", &from))?;
        Ok(Some(to))
    }

    /// Removes partial files and verified ISOs, of this maker, for releases that are published or older than a
    /// published one: they are useless now. ISOs that were kept stay.
    ///
    /// # Errors
    /// When one cannot be removed.
    pub fn sweep(&self, vendor: Vendor) -> Result<(), TreeStoreError> {
        self.sweep_where(vendor, |release, cpu| {
            let newest = newest_release(self.distros, vendor, cpu, Some(release.major));
            Ok(newest.map_err(IoError::during("list", self.distros))?.is_some_and(|newest| newest >= release))
        })
        .map(drop)
    }

    /// The same for what is older than a future release of its line, if the disk is too small for both. Returns whether
    /// there was any.
    ///
    /// # Errors
    /// When one cannot be removed.
    pub fn make_way_for(&self, vendor: Vendor, coming: Release) -> Result<bool, TreeStoreError> {
        self.sweep_where(vendor, |release, _| Ok(release.major == coming.major && release < coming))
    }

    fn sweep_where(
        &self,
        vendor: Vendor,
        is_old: impl Fn(Release, &str) -> Result<bool, TreeStoreError>,
    ) -> Result<bool, TreeStoreError> {
        let mut any = false;
        for entry in std::fs::read_dir(&self.path).map_err(IoError::during("list", &self.path))? {
            let path = entry.map_err(IoError::during("list", &self.path))?.path();
            let name = path.file_name().unwrap_or_default().to_string_lossy();
            let stem = [".part", ".part.toml", ".proven"].into_iter().find_map(|end| name.strip_suffix(end));
            let Some((maker, release, cpu, _)) = stem.and_then(Vendor::parse_iso_name) else { continue };
            if maker == vendor && is_old(release, &cpu)? {
                std::fs::remove_file(&path).map_err(IoError::during("remove", &path))?;
                any = true;
            }
        }
        Ok(any)
    }
}
