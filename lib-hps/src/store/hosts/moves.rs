// SPDX-License-Identifier: GPL-3.0-or-later
//! What follows when a record says that its host moved to another state: the notification, the mark of a storage host, the history.

use super::Hosts;
use crate::config::TypeFeature;
use crate::host::{HistoryLine, Host, HostState, Values, Who};
use crate::store::StoreError;
use crate::store::journal::Journal;
use crate::store::notifications::Notifications;
use crate::store::records::Key;
use crate::types::{Line, Timestamp};

/// How the history of a record begins.
pub(super) const FIRST_SEEN: &str = "first seen";

impl<'a> Hosts<'a> {
    fn journal(self) -> Journal<'a> {
        Journal::new(self.parts)
    }

    fn notifications(self) -> Notifications<'a> {
        Notifications::new(self.parts)
    }

    /// Makes everything that follows, after the record is written.
    pub(super) fn follow_move(
        self,
        host: &Host,
        before: &Host,
        what: Line,
        note: Option<Line>,
        who: &Who,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        self.notifications().leave(host, before.state(), note.as_ref(), host.updated);
        let line = HistoryLine::new(now, who.clone(), what, before.state(), host.state(), note);
        let line = line.with_values(Some(&Values::from_host(before)), Values::from_host(host));
        self.follow_notification(host, &line)
    }

    fn follow_notification(self, host: &Host, line: &HistoryLine) -> Result<(), StoreError> {
        let (mac, to) = (host.mac(), host.state());
        if to == HostState::Installed
            && host.host_type.is_some_and(|t| self.parts.cluster.type_has(t, TypeFeature::Storage))
        {
            let text = format!("{mac}\n");
            let _was_there = self.parts.records.create_if_absent(&Key::first_storage_host(), text.as_bytes())?;
        }
        self.journal().append(mac, line)
    }

    /// Makes what follows from a record where the history does not show its state: the process that wrote the record died before
    /// that. The line of history is the last of it. A notification that waits is not left again. None is left where the whole
    /// history is lost, since then nothing proves that the move is a new one.
    ///
    /// # Errors
    /// When the history cannot be read or written.
    pub fn finish_move(
        self,
        host: &Host,
        what: Line,
        note: Option<Line>,
        who: &Who,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let Some(from) = self.unfinished_move(host)? else { return Ok(()) };
        if !self.journal().history(host.mac())?.is_empty() && !self.notifications().has(host)? {
            self.notifications().leave(host, from, note.as_ref(), host.updated);
        }
        // The values stay unsaid: those of an edit by hand are found by comparing.
        self.follow_notification(host, &HistoryLine::new(now, who.clone(), what, from, host.state(), note))
    }

    /// The state from which a host came to the one of its record, where its history does not show that it came there: the process
    /// that wrote the record died before it wrote the history, and perhaps before it left the notification.
    ///
    /// # Errors
    /// When the history cannot be read.
    pub fn unfinished_move(self, host: &Host) -> Result<Option<HostState>, StoreError> {
        let history = self.journal().history(host.mac())?;
        // Lines without a move repeat what the record said when they were written, so they prove nothing.
        let last_move = history.iter().rev().find(|line| line.from != line.to);
        let shown = match (last_move, history.first()) {
            (Some(line), _) => line.to,
            // The lines before were moved aside, twice.
            (None, Some(first)) if first.what.as_str() != FIRST_SEEN => {
                history.last().map_or(host.state(), |line| line.to)
            }
            (None, _) => HostState::Unconfigured,
        };
        Ok((shown != host.state()).then_some(shown))
    }
}
