// SPDX-License-Identifier: GPL-3.0-or-later
//! The history of a host: a line of JSON for each change.

use super::Journal;
use crate::files::RotatingFile;
use crate::host::{AuditLine, HistoryLine, HostState, Who};
use crate::store::StoreError;
use crate::store::audit::Audit;
use crate::store::host_records::HostRecords;
use crate::store::reading::read_part;
use crate::types::{Line, MacAddr, Timestamp};

/// HPS reads no more than the end of each part of a history: another program could make the file any length.
const MAX_HISTORY_BYTES: u64 = 4 << 20;
/// How many older parts of a history are kept.
const OLDER_HISTORY_PARTS: u32 = 1;

impl Journal<'_> {
    /// The history of a host, oldest line first. A line that cannot be read is left out: one torn line hides no other.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub fn history(self, mac: MacAddr) -> Result<Vec<HistoryLine>, StoreError> {
        let parts = self.history_file(mac).parts(|part| read_part(part, MAX_HISTORY_BYTES))?;
        Ok(parts.iter().flat_map(|text| text.lines()).filter_map(|line| serde_json::from_str(line).ok()).collect())
    }

    /// Whether one of these events is in the history since then. A request that comes again and again must not make a line each time.
    ///
    /// # Errors
    /// When the history cannot be read.
    pub fn happened_within(
        self,
        mac: MacAddr,
        seconds: u64,
        what: &[&str],
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        let history = self.history(mac)?;
        let newest = history.iter().rev().take_while(|line| now.since(line.at) < seconds);
        Ok(newest.into_iter().any(|line| what.contains(&line.what.as_str())))
    }

    /// Appends what happened to a host while its record stayed as it is. A machine without a record has a history too.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn note(self, mac: MacAddr, who: &Who, now: Timestamp, what: &str, note: &str) -> Result<(), StoreError> {
        let state = match HostRecords::new(self.records).find(mac) {
            Ok(found) => found.as_ref().map_or(HostState::Unconfigured, |(host, _)| host.state()),
            // Its record cannot be read: the state is the one that was noted last.
            Err(_) => self.history(mac)?.pop().map_or(HostState::Unconfigured, |line| line.to),
        };
        let note = (!note.is_empty()).then(|| Line::lossy(note));
        self.append(mac, &HistoryLine::new(now, who.clone(), Line::lossy(what), state, state, note))
    }

    /// Appends a line to the history, and to the audit of the site. The history is what counts: where the audit cannot be written, the
    /// change is done, and the boot of a machine goes on.
    pub(in crate::store) fn append(self, mac: MacAddr, line: &HistoryLine) -> Result<(), StoreError> {
        self.append_only(mac, line)?;
        let _full_disk = self.audit().append(&AuditLine::from_history(self.paths.cluster(), mac, line));
        Ok(())
    }

    fn audit(&self) -> Audit<'_> {
        Audit::new(self.paths.conf())
    }

    pub(super) fn append_only(self, mac: MacAddr, line: &HistoryLine) -> Result<(), StoreError> {
        let mut text = serde_json::to_string(line).unwrap_or_default();
        text.push('\n');
        Ok(self.history_file(mac).append(&text)?)
    }

    fn history_file(self, mac: MacAddr) -> RotatingFile {
        RotatingFile::durable(self.paths.history(mac), OLDER_HISTORY_PARTS)
    }
}
