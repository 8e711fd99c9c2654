// SPDX-License-Identifier: GPL-3.0-or-later
//! Windows of time in which machines may be installed that nobody named. Their folder is one that only root writes. A window that was
//! closed leaves a mark, as a permission does that ended: a copy of its file that is put back opens nothing.

use super::records::{Key, Kind};
use super::{Store, StoreError};
use crate::host::{PermissionId, Window};

impl Store {
    /// All windows that nobody closed, open or not, the newest last. A file that is not taken is an error: what it says is not known.
    ///
    /// # Errors
    /// When the folder, a file or a mark cannot be read or taken. A missing folder holds no window.
    pub fn windows(&self) -> Result<Vec<Window>, StoreError> {
        Ok(self.window_files()?.into_iter().filter(|(_, closed)| closed.is_none()).map(|(window, _)| window).collect())
    }

    /// Windows that were closed and whose files are there nevertheless, as after a copy was put back, each with how it was closed.
    ///
    /// # Errors
    /// As [`Store::windows`].
    pub fn closed_windows(&self) -> Result<Vec<(Window, String)>, StoreError> {
        Ok(self.window_files()?.into_iter().filter_map(|(window, closed)| Some((window, closed?))).collect())
    }

    /// Each with how it was closed, where it was.
    pub(super) fn window_files(&self) -> Result<Vec<(Window, Option<String>)>, StoreError> {
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
            let closed = self.spent_why(&id)?;
            windows.push((window, closed));
        }
        windows.sort_by_key(|(window, _)| window.opened);
        Ok(windows)
    }

    /// Opens a window.
    ///
    /// # Errors
    /// When its file cannot be written: when the caller is not root.
    pub fn open_window(&self, window: &Window) -> Result<(), StoreError> {
        self.records.put(&Key::window(&window.id), window.to_text().as_bytes())
    }

    /// Closes a window for good. The mark comes first: from then on the window permits nothing, whatever becomes of its file.
    ///
    /// # Errors
    /// When the mark cannot be written, or the file cannot be removed.
    pub fn close_window(&self, id: &PermissionId, why: &str) -> Result<(), StoreError> {
        self.mark_id(id, why)?;
        self.records.remove(&Key::window(id))
    }
}
