// SPDX-License-Identifier: GPL-3.0-or-later
//! Marks that a permission or a window ended: `state/spent/ID`, one line that says why. The boot manager may add to them.
//!
//! A permission is a file in `clusters/`, which an administrator may put back from a copy. The mark that ended it must not be in the
//! same copy: otherwise a permission that `disarm` or a failed installation ended would count again. So everything that ends a
//! permission makes its mark here, before anything else is written or removed (decision 81). Older versions kept the marks in
//! `clusters/NAME/spent`; those count too.

use super::StoreError;
use super::records::{Key, Kind, Records};
use crate::host::{PermissionId, PermissionRef};
use crate::types::{Line, Timestamp};

/// What is before the time in the mark of a choice at a console.
const CONSOLE_UNTIL: &str = "chosen at the console until ";

/// The marks that permissions and windows ended.
#[derive(Debug, Clone, Copy)]
pub struct EndedMarks<'a> {
    records: &'a dyn Records,
}

impl<'a> EndedMarks<'a> {
    pub(super) fn new(records: &'a dyn Records) -> Self {
        Self { records }
    }

    /// Whether a permission or a window has the mark that it ended. [`Permissions::is_ended`](super::Permissions::is_ended) says
    /// whether a permission may still permit anything.
    ///
    /// # Errors
    /// When the mark cannot be looked for; the caller then treats the permission as ended.
    pub fn exists(self, id: &PermissionId) -> Result<bool, StoreError> {
        Ok(self.why(id)?.is_some())
    }

    /// Why it ended; `None` where it has no mark.
    ///
    /// # Errors
    /// When the mark cannot be looked for.
    pub fn why(self, id: &PermissionId) -> Result<Option<String>, StoreError> {
        let mark = match self.records.text(&Key::ended_mark(id))? {
            Some(mark) => Some(mark),
            None => {
                self.require_place()?;
                self.records.text(&Key::old_ended_mark(id))?
            }
        };
        Ok(mark.map(|mark| mark.text.trim().to_owned()))
    }

    /// Checks that the place of the marks is there: without it HPS does not know what has ended. What ends or gives a permission
    /// checks this before it does anything.
    ///
    /// # Errors
    /// When it is not there, with what to do, or it cannot be looked at.
    pub fn require_place(self) -> Result<(), StoreError> {
        let is_there = self.records.place_exists(Kind::EndedMark)?;
        if is_there { Ok(()) } else { Err(StoreError::NoMarks { path: self.records.locate_place(Kind::EndedMark) }) }
    }

    /// Marks a permission as used up, for good. Doing it again changes nothing.
    ///
    /// It needs more than an id: the mark of a choice at a console says until when it is needed, because the network can cause any
    /// number of these marks. Marks of operators' permissions stay, since copies of their files may come back, and a clock may go
    /// back. Marks of rules and windows stay, since their ids come again.
    pub(super) fn mark_used(self, permission: &PermissionRef, why: &str) -> Result<(), StoreError> {
        let until = permission.console_until().map_or_else(String::new, |at| format!("{CONSOLE_UNTIL}{at}\n"));
        self.make(permission.id(), &format!("{}\n{until}", Line::lossy(why)))
    }

    /// The same for a window, and for what a rule gave: only the id is known, and the mark stays.
    pub(super) fn mark_id(self, id: &PermissionId, why: &str) -> Result<(), StoreError> {
        self.make(id, &format!("{}\n", Line::lossy(why)))
    }

    /// A boot manager of an older version runs until `reload` has replaced it, and reads the old place alone. So where that place
    /// is, the mark is made in both.
    fn make(self, id: &PermissionId, text: &str) -> Result<(), StoreError> {
        self.require_place()?;
        let _stays = self.records.create_if_absent(&Key::ended_mark(id), text.as_bytes())?;
        if self.records.place_exists(Kind::OldEndedMark)? {
            let _stays = self.records.create_if_absent(&Key::old_ended_mark(id), text.as_bytes())?;
        }
        Ok(())
    }
}

/// Until when the permission of a mark lasted, where it was chosen at a console.
pub(super) fn console_until(mark: &str) -> Option<Timestamp> {
    mark.lines().nth(1)?.strip_prefix(CONSOLE_UNTIL)?.parse().ok()
}
