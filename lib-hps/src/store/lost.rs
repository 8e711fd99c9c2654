// SPDX-License-Identifier: GPL-3.0-or-later
//! The folder of marks that permissions ended, where it is missing: behind an upgrade, or because somebody lost it.

use super::documents;
use super::removal::remove_whatever;
use super::shared::SHARED;
use super::{Store, StoreError};
use crate::files::is_there;
use crate::files::{IoError, make_dir};
use crate::types::MacAddr;
use std::collections::BTreeSet;
use std::os::unix::fs::MetadataExt as _;

/// Below a cluster's folder, what permits an installation.
const PERMITS: [&str; 3] = ["permissions", "permissions/windows", "menu-permissions"];

impl Store {
    /// Makes the folder of marks where an older version has its own in the cluster, and `reload` has not run yet: a permission must be
    /// ended then too. Only root can.
    ///
    /// # Errors
    /// When a folder cannot be looked at or made.
    pub fn make_marks_of_upgrade(&self) -> Result<(), StoreError> {
        let (new, old) = (self.paths.spent_dir(), self.paths.old_spent_dir());
        if is_there(&new)? || !is_there(&old)? {
            return Ok(());
        }
        let group = old.symlink_metadata().map_err(IoError::during("look at", &old))?.gid();
        Ok(make_dir(&new, SHARED, Some(group))?)
    }

    /// Whether the marks are gone and nothing has them: this node was in use, and no older version left marks in a cluster.
    ///
    /// # Errors
    /// When a folder cannot be looked at.
    pub fn has_lost_marks(&self) -> Result<bool, StoreError> {
        Ok(!is_there(&self.paths.spent_dir())?
            && is_there(&self.paths.ever_installed_dir())?
            && self.paths.old_spent_dirs()?.is_empty())
    }

    /// Removes the permissions and windows of all clusters, and returns how many: without the marks nobody knows which of them had
    /// ended. A folder of marks that is made behind this revives none of them.
    ///
    /// # Errors
    /// When a folder cannot be read, or a file not be removed.
    pub fn remove_all_permissions(&self) -> Result<usize, StoreError> {
        let mut removed = 0;
        for cluster in self.paths.cluster_dirs()? {
            for folder in PERMITS.map(|name| cluster.join(name)) {
                for name in documents::list_where_there(&folder)? {
                    if name.ends_with(".toml") {
                        remove_whatever(&folder.join(name))?;
                        removed += 1;
                    }
                }
            }
        }
        Ok(removed)
    }

    /// The MACs of records and of histories: all machines that anything was ever noted of.
    ///
    /// # Errors
    /// When a folder cannot be read.
    pub fn known_macs(&self) -> Result<BTreeSet<MacAddr>, StoreError> {
        let mut names = documents::list_where_there(&self.paths.hosts_dir())?;
        names.extend(documents::list_where_there(&self.paths.history_dir())?);
        let stem = |name: &String| name.split('.').next().and_then(|stem| stem.parse().ok());
        Ok(names.iter().filter_map(stem).collect())
    }
}
