// SPDX-License-Identifier: GPL-3.0-or-later
//! The marks that permissions and windows ended, by id. Decision 81 says why they are apart from what they end.

use super::StoreError;
use super::records::{Key, Kind, Records};
use crate::host::PermissionId;

/// The marks.
#[derive(Debug, Clone, Copy)]
pub(super) struct EndedMarks<'a>(&'a dyn Records);

impl<'a> EndedMarks<'a> {
    pub(super) fn of(records: &'a dyn Records) -> Self {
        Self(records)
    }

    /// Why it ended; none where it has no mark.
    pub(super) fn why(self, id: &PermissionId) -> Result<Option<String>, StoreError> {
        let mark = match self.0.text(&Key::ended_mark(id))? {
            Some(mark) => Some(mark),
            None => {
                self.require_place()?;
                self.0.text(&Key::old_ended_mark(id))?
            }
        };
        Ok(mark.map(|mark| mark.text.trim().to_owned()))
    }

    /// Marks it for good. Doing it again changes nothing. A boot manager of an older version, which runs until `reload` has replaced it,
    /// reads the old place alone. So where that is, the mark is made in both.
    pub(super) fn make(self, id: &PermissionId, text: &str) -> Result<(), StoreError> {
        self.require_place()?;
        let _stays = self.0.create_if_absent(&Key::ended_mark(id), text.as_bytes())?;
        if self.0.place_exists(Kind::OldEndedMark)? {
            let _stays = self.0.create_if_absent(&Key::old_ended_mark(id), text.as_bytes())?;
        }
        Ok(())
    }

    /// That their place is there: without it nobody knows what has ended.
    pub(super) fn require_place(self) -> Result<(), StoreError> {
        let is_there = self.0.place_exists(Kind::EndedMark)?;
        if is_there { Ok(()) } else { Err(StoreError::NoMarks { path: self.0.locate_place(Kind::EndedMark) }) }
    }
}
