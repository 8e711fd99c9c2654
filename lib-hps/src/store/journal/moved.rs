// SPDX-License-Identifier: GPL-3.0-or-later
//! History and logs of a host whose record gets the name of another card.

use super::Journal;
use crate::files::{self, Folder, IoError};
use crate::store::{StoreError, documents};
use crate::types::MacAddr;

impl Journal<'_> {
    /// Adds each line of one history to another that does not have it.
    ///
    /// # Errors
    /// When one of them cannot be read or written.
    pub(in crate::store) fn copy_history(self, from: MacAddr, to: MacAddr) -> Result<(), StoreError> {
        let known = self.history(to)?;
        let new = self.history(from)?.into_iter().filter(|line| !known.contains(line));
        new.into_iter().try_for_each(|line| self.append_only(to, &line))
    }

    /// The logs of a host under the name of another card. What the card has in its own log stays in front.
    ///
    /// # Errors
    /// When one of them cannot be read or moved.
    pub(in crate::store) fn move_logs(self, from: MacAddr, to: MacAddr) -> Result<(), StoreError> {
        let text = self.read_log(from)?;
        if !text.is_empty() {
            self.log_file(to).append(&text)?;
        }
        let path = self.paths.host_log_dir();
        let folder = Folder::open(&path).map_err(IoError::instead("list", &path))?;
        let names = documents::list(&path)?;
        let begin = format!("{from}.");
        for name in &names {
            let Some(rest) = name.strip_prefix(&begin) else { continue };
            let new = format!("{to}.{rest}");
            if rest.starts_with("install-") && !names.contains(&new) {
                // One that is there is of an attempt of that card.
                folder.rename(name, &new)?;
            } else if !rest.starts_with("install-") {
                files::remove(&path.join(name))?;
            }
        }
        Ok(())
    }
}
