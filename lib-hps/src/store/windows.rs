// SPDX-License-Identifier: GPL-3.0-or-later
//! Windows of time in which machines that fit may be installed. Only root writes their place. A window that was closed leaves a mark, as
//! an ended permission does: a copy of its file that is put back opens nothing.

use super::StoreError;
use super::ended_marks::EndedMarks;
use super::records::{Key, Kind, Records};
use crate::host::{PermissionId, Window};

/// The windows of a cluster.
#[derive(Debug, Clone, Copy)]
pub struct Windows<'a> {
    records: &'a dyn Records,
}

impl<'a> Windows<'a> {
    pub(super) fn new(records: &'a dyn Records) -> Self {
        Self { records }
    }

    /// Those that were not closed, also old ones, the newest last. A file that cannot be accepted is an error: HPS does not know what
    /// it says.
    ///
    /// # Errors
    /// When the folder, a file or a mark cannot be read or accepted. A missing folder holds no window.
    pub fn not_closed(self) -> Result<Vec<Window>, StoreError> {
        Ok(self.all()?.into_iter().filter(|(_, closed)| closed.is_none()).map(|(window, _)| window).collect())
    }

    /// Those that were closed and whose files are there nevertheless, as after a copy was put back, each with how it was closed.
    ///
    /// # Errors
    /// As [`Windows::not_closed`].
    pub fn closed(self) -> Result<Vec<(Window, String)>, StoreError> {
        Ok(self.all()?.into_iter().filter_map(|(window, closed)| Some((window, closed?))).collect())
    }

    /// Each with how it was closed, where it was.
    pub(super) fn all(self) -> Result<Vec<(Window, Option<String>)>, StoreError> {
        let mut windows = Vec::new();
        for key in self.records.list(Kind::Window)? {
            let Ok(id) = key.name().parse::<PermissionId>() else { continue };
            let Some(document) = self.records.text(&key)? else { continue };
            let path = self.records.locate(&key);
            let window = Window::parse(&document.text).map_err(|e| StoreError::content(&path, e))?;
            if window.id != id {
                let why = format!("id is {}: expected {id}, as the file is called", window.id);
                return Err(StoreError::content(&path, why));
            }
            let closed = self.marks().why(&id)?;
            windows.push((window, closed));
        }
        windows.sort_by_key(|(window, _)| window.opened);
        Ok(windows)
    }

    /// Opens a window.
    ///
    /// # Errors
    /// When its file cannot be written: when the caller is not root.
    pub fn open(self, window: &Window) -> Result<(), StoreError> {
        self.records.put(&Key::window(&window.id), window.to_text().as_bytes())
    }

    /// Closes a window for good. The mark comes first: from then on the window permits nothing, even if its file stays.
    ///
    /// # Errors
    /// When the mark cannot be written, or the file cannot be removed.
    pub fn close(self, id: &PermissionId, why: &str) -> Result<(), StoreError> {
        self.marks().mark_id(id, why)?;
        self.records.remove(&Key::window(id))
    }

    fn marks(self) -> EndedMarks<'a> {
        EndedMarks::new(self.records)
    }
}

#[cfg(test)]
mod tests {
    use super::super::records::MemoryRecords;
    use super::*;
    use crate::config::Rule;
    use crate::types::{Line, Timestamp};

    #[test]
    fn a_window_that_was_closed_opens_nothing_even_when_it_is_put_back() {
        let records = MemoryRecords::default();
        let windows = Windows::new(&records);
        let at = Timestamp::from_unix;
        let rule: Rule = toml::from_str("name = \"w\"\ntype = \"SCH\"\n").unwrap();
        let [one, two] = [1, 2].map(|n| {
            let id = PermissionId::from_random([n; 16]);
            Window::new(id, rule.clone(), Line::lossy("root"), at(i64::from(n)), at(900))
        });
        windows.open(&two).unwrap();
        windows.open(&one).unwrap();
        assert_eq!(windows.not_closed().unwrap(), [one.clone(), two.clone()], "in the order of their time");
        windows.close(&one.id, "closed by anna").unwrap();
        windows.open(&one).unwrap();
        assert_eq!(windows.not_closed().unwrap(), [two]);
        assert_eq!(windows.closed().unwrap(), [(one, "closed by anna".to_owned())]);
        records.lose(Kind::EndedMark);
        assert!(matches!(windows.not_closed(), Err(StoreError::NoMarks { .. })), "nobody knows what is closed");
    }
}
