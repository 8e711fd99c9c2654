// SPDX-License-Identifier: GPL-3.0-or-later
//! Marks that a permission or a window ended: `state/spent/ID`, one line that says why. The boot manager may add to them.
//!
//! What a permission said lies in `clusters/`, which an administrator may put back from a copy, and what ended it must not be in the
//! same copy: else a permission that `disarm` or a failed installation ended would count again. So everything that ends one leaves its mark
//! here, before anything else is written or removed. Older versions kept the marks in `clusters/NAME/spent`; those count too, and `reload`
//! brings them over.

use super::documents;
use super::ended_marks::EndedMarks;
use super::paths::RecordFile;
use super::records::{Key, Kind};
use super::{Store, StoreError};
use crate::files::{self, Access};
use crate::host::{PermissionId, PermissionRef};
use crate::types::{Line, Timestamp};

/// What stands before the time in the mark of a choice at a console.
const UNTIL: &str = "chosen at the console until ";
/// A clock that was set back by less brings no such choice back to life.
const KEPT_SECONDS: u64 = 7 * 86_400;
impl Store {
    /// Whether a permission or a window has the mark that it ended. Whether a permission may still permit anything,
    /// [`Store::is_ended`] says.
    ///
    /// # Errors
    /// When the mark cannot be looked for; the caller then takes it as ended.
    pub fn is_spent(&self, id: &PermissionId) -> Result<bool, StoreError> {
        Ok(self.spent_why(id)?.is_some())
    }

    /// Why it ended; none where it has no mark.
    ///
    /// # Errors
    /// When the mark cannot be looked for.
    pub fn spent_why(&self, id: &PermissionId) -> Result<Option<String>, StoreError> {
        EndedMarks::of(&*self.records).why(id)
    }

    /// Marks a permission as used up, for good. Doing it again changes nothing.
    ///
    /// It needs more than an id: the mark of a choice at a console says until
    /// when it is needed, because the network can cause any number of these marks. Marks of operators' permissions stay, since
    /// copies of their files may come back, and a clock may go back. Marks of rules and windows stay, since their ids come again.
    ///
    /// # Errors
    /// When the mark cannot be written.
    pub fn mark_used(&self, permission: impl Into<PermissionRef>, why: &str) -> Result<(), StoreError> {
        let permission = permission.into();
        let until = permission.console_until().map_or_else(String::new, |at| format!("{UNTIL}{at}\n"));
        EndedMarks::of(&*self.records).make(permission.id(), &format!("{}\n{until}", Line::lossy(why)))
    }

    /// The same for what is known by its id alone, a window or what a rule gave: its mark stays.
    pub(super) fn mark_id(&self, id: &PermissionId, why: &str) -> Result<(), StoreError> {
        EndedMarks::of(&*self.records).make(id, &format!("{}\n", Line::lossy(why)))
    }

    /// Whether the folder of marks is there. What ends or gives a permission asks it before it does anything.
    ///
    /// # Errors
    /// When it is not, with what to do, or it cannot be looked at.
    pub fn require_spent_dir(&self) -> Result<(), StoreError> {
        EndedMarks::of(&*self.records).require_place()
    }

    /// Copies the marks that an older version made, of each cluster, to where they outlive a copy of `clusters/`. The old ones stay,
    /// for a version that reads no others. One that cannot be read ends its permission too.
    ///
    /// # Errors
    /// When a folder cannot be read, or a mark not be written.
    pub fn bring_marks(&self) -> Result<(), StoreError> {
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
    fn old_marks(&self) -> Result<Vec<(PermissionId, RecordFile)>, StoreError> {
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
    pub fn clear_spent(&self, now: Timestamp) -> Result<usize, StoreError> {
        let is_over = |text: &str| {
            let until = text.lines().nth(1).and_then(|line| line.strip_prefix(UNTIL)?.parse::<Timestamp>().ok());
            until.is_some_and(|until| now.since(until) > KEPT_SECONDS)
        };
        let mut cleared = 0;
        let old = self.old_marks()?.into_iter().map(|(_, file)| file);
        let new = self.records.list(Kind::EndedMark)?;
        let new = new.iter().filter(|key| key.name().parse::<PermissionId>().is_ok()).map(|key| self.paths.record(key));
        for key in old.chain(new) {
            // One that cannot be read stays.
            let Ok(Some(mark)) = documents::get(&key) else { continue };
            if is_over(&mark.text) {
                files::remove(key.path())?;
                cleared += 1;
            }
        }
        Ok(cleared)
    }
}

#[cfg(test)]
#[path = "spent_tests.rs"]
mod tests;
