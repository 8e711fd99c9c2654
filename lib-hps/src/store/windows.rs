// SPDX-License-Identifier: GPL-3.0-or-later
//! Windows of time in which machines may be installed that nobody named. Their folder is one that only root writes.

use super::atomic;
use super::{Store, StoreError};
use crate::host::{PermissionId, Window};

impl Store {
    /// All windows, open or not, the newest last. A file that is not taken is an error: what it says is not known.
    ///
    /// # Errors
    /// When the folder or a file cannot be read or taken. A missing folder holds no window.
    pub fn windows(&self) -> Result<Vec<Window>, StoreError> {
        let folder = self.paths.windows_dir();
        let mut windows = Vec::new();
        for name in self.documents().list_where_there(&folder)? {
            let Some(id) = name.strip_suffix(".toml").and_then(|id| id.parse::<PermissionId>().ok()) else { continue };
            let key = self.paths.window(&id);
            let Some(document) = self.documents().get(&key)? else { continue };
            windows.push(Window::parse(&document.text).map_err(|e| StoreError::content(key.path(), e))?);
        }
        windows.sort_by_key(|w| w.opened);
        Ok(windows)
    }

    /// Opens a window.
    ///
    /// # Errors
    /// When its file cannot be written: when the caller is not root.
    pub fn open_window(&self, window: &Window) -> Result<(), StoreError> {
        let key = self.paths.window(&window.id);
        atomic::write_atomic(key.path(), window.to_text().as_bytes(), key.access)
    }

    /// Closes a window for good.
    ///
    /// # Errors
    /// When its file cannot be removed.
    pub fn close_window(&self, id: &PermissionId) -> Result<(), StoreError> {
        atomic::remove(self.paths.window(id).path())
    }
}
