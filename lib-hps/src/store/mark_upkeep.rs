// SPDX-License-Identifier: GPL-3.0-or-later
//! What `reload` does with the marks that permissions ended: it copies those of older versions, removes those that expired, and
//! notices when their folder is lost.

use super::ended_marks::console_until;
use super::parts::Parts;
use super::record_file::RecordFile;
use super::records::{Key, Kind, Records};
use super::shared::SHARED;
use super::{Paths, StoreError, documents};
use crate::files::{self, Access, IoError, is_there, make_dir};
use crate::host::PermissionId;
use crate::types::{Line, Timestamp};
use std::os::unix::fs::MetadataExt as _;

/// A clock that was set back by less brings no choice at a console back to life.
const KEPT_SECONDS: u64 = 7 * 86_400;

/// The upkeep of the marks that permissions and windows ended.
#[derive(Debug, Clone, Copy)]
pub struct MarkUpkeep<'a> {
    records: &'a dyn Records,
    paths: &'a Paths,
}

impl<'a> MarkUpkeep<'a> {
    pub(super) fn new(parts: Parts<'a>) -> Self {
        Self { records: parts.records, paths: parts.paths }
    }

    /// Copies the marks that an older version made, of each cluster, to where they outlive a copy of `clusters/`. The old ones stay,
    /// for a version that reads no others. One that cannot be read ends its permission too.
    ///
    /// # Errors
    /// When a folder cannot be read, or a mark cannot be written.
    pub fn copy_old(self) -> Result<(), StoreError> {
        for (id, old) in self.old_marks()? {
            let new = Key::ended_mark(&id);
            if self.records.get(&new)?.is_none() {
                let text = match documents::get(&old) {
                    Ok(Some(mark)) => mark.text,
                    Ok(None) => continue,
                    Err(error) => format!("{}\n", Line::lossy(&format!("its old mark cannot be read: {error}"))),
                };
                let _stays = self.records.create_if_absent(&new, text.as_bytes())?;
            }
        }
        Ok(())
    }

    /// The marks of older versions, of all clusters.
    fn old_marks(self) -> Result<Vec<(PermissionId, RecordFile)>, StoreError> {
        let mut found = Vec::new();
        for folder in self.paths.old_spent_dirs()? {
            let names = documents::list_where_there(&folder)?;
            let key = |id: &PermissionId| RecordFile { path: folder.join(id.as_str()), access: Access::Group };
            found.extend(
                names.iter().filter_map(|name| name.parse().ok()).map(|id: PermissionId| (id.clone(), key(&id))),
            );
        }
        Ok(found)
    }

    /// Removes the marks of choices at a console that ended [`KEPT_SECONDS`] ago: their time alone keeps them from counting.
    /// Returns how many.
    ///
    /// # Errors
    /// When a folder cannot be read, or a mark cannot be removed.
    pub fn clear_expired(self, now: Timestamp) -> Result<usize, StoreError> {
        let is_over = |mark: &str| console_until(mark).is_some_and(|until| now.since(until) > KEPT_SECONDS);
        let mut cleared = 0;
        for (_, file) in self.old_marks()? {
            // One that cannot be read stays.
            let Ok(Some(mark)) = documents::get(&file) else { continue };
            if is_over(&mark.text) {
                files::remove(file.path())?;
                cleared += 1;
            }
        }
        for key in self.records.list(Kind::EndedMark)? {
            if key.name().parse::<PermissionId>().is_err() {
                continue;
            }
            let Ok(Some(mark)) = self.records.text(&key) else { continue };
            if is_over(&mark.text) {
                self.records.remove(&key)?;
                cleared += 1;
            }
        }
        Ok(cleared)
    }

    /// Makes the folder of marks where an older version has its own in the cluster, and `reload` has not run yet: a permission must
    /// be ended then too. Only root can.
    ///
    /// # Errors
    /// When a folder cannot be looked at or made.
    pub fn make_place_after_upgrade(self) -> Result<(), StoreError> {
        let (new, old) = (self.paths.spent_dir(), self.paths.old_spent_dir());
        if is_there(&new)? || !is_there(&old)? {
            return Ok(());
        }
        let group = old.symlink_metadata().map_err(IoError::during("look at", &old))?.gid();
        Ok(make_dir(&new, SHARED, Some(group))?)
    }

    /// Whether the marks are lost: this node was in use, its folder of marks is not there, and no older version left marks in a
    /// cluster.
    ///
    /// # Errors
    /// When a folder cannot be looked at.
    pub fn are_lost(self) -> Result<bool, StoreError> {
        Ok(!is_there(&self.paths.spent_dir())?
            && is_there(&self.paths.ever_installed_dir())?
            && self.paths.old_spent_dirs()?.is_empty())
    }
}

#[cfg(test)]
#[path = "mark_upkeep_tests.rs"]
mod tests;
