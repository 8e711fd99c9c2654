// SPDX-License-Identifier: GPL-3.0-or-later
//! How a record is changed.

use super::Hosts;
use crate::host::{Host, Who};
use crate::store::StoreError;
use crate::store::installed_marks::InstalledMarks;
use crate::store::records::Key;
use crate::types::{Line, MacAddr, Timestamp};

/// How often a change is tried again when another process was faster.
const MAX_TRIES: u32 = 50;

impl Hosts<'_> {
    /// Changes a record, found by any of its MACs, and appends the change to its history. A record that is missing is created first.
    ///
    /// `change` sees the newest record and may be called several times. It returns what happened in a word or two,
    /// with a note, or `None` where nothing is to be written.
    ///
    /// # Errors
    /// Those of `change`, and those of reading and writing.
    pub fn change<E: From<StoreError>>(
        self,
        mac: MacAddr,
        who: &Who,
        now: Timestamp,
        mut change: impl FnMut(&mut Host) -> Result<Option<(Line, Option<Line>)>, E>,
    ) -> Result<Host, E> {
        for _ in 0..MAX_TRIES {
            let Some((mut host, document)) = self.found(mac)? else {
                self.create(mac, who, now)?;
                continue;
            };
            let from = host.state();
            let before = host.clone();
            let Some((what, note)) = change(&mut host)? else { return Ok(host) };
            if host.state() != from {
                // What did not follow from the state before would never be found again.
                self.finish_move(&before, Line::lossy("completed"), None, who, now)?;
            }
            host.updated = now;
            // The machine has a system. If a change removes that from its record, also one by hand, HPS must not forget it.
            if from.has_system() && !host.state().has_system() {
                InstalledMarks::new(self.parts).mark_host(&host, now)?;
            }
            let (key, text) = (Key::host(host.mac()), host.to_text());
            if self.parts.records.put_if_unchanged(&key, text.as_bytes(), &document.version)?.is_done() {
                self.follow_move(&host, &before, what, note, who, now)?;
                return Ok(host);
            }
        }
        Err(StoreError::Busy { path: self.parts.paths.host(mac).path().to_path_buf(), holder: None }.into())
    }
}
