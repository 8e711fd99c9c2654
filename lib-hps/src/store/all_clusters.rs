// SPDX-License-Identifier: GPL-3.0-or-later
//! The folders of all clusters of this site, active or not.

use super::paths::OLD_SPENT;
use super::{Paths, StoreError};
use crate::config::Dir;
use crate::files::{IoError, is_there};
use std::path::PathBuf;

impl Paths {
    /// Where older versions kept the marks of ended permissions, for each cluster that has such a folder.
    pub(super) fn old_spent_dirs(&self) -> Result<Vec<PathBuf>, StoreError> {
        let mut found = Vec::new();
        for folder in self.cluster_dirs()?.into_iter().map(|cluster| cluster.join(OLD_SPENT)) {
            if is_there(&folder)? {
                found.push(folder);
            }
        }
        Ok(found)
    }

    /// The folders of all clusters, by their names.
    pub(super) fn cluster_dirs(&self) -> Result<Vec<PathBuf>, StoreError> {
        let clusters = self.conf().dir(Dir::Clusters);
        let mut found = Vec::new();
        for entry in std::fs::read_dir(clusters).map_err(IoError::during("read", clusters))? {
            let entry = entry.map_err(IoError::during("read", clusters))?;
            // A link is no cluster's folder: `active` is one, to a file.
            let kind = entry.file_type().map_err(IoError::during("look at", &entry.path()))?;
            if kind.is_dir() {
                found.push(entry.path());
            }
        }
        found.sort();
        Ok(found)
    }
}
