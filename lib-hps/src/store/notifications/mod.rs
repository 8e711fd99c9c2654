// SPDX-License-Identifier: GPL-3.0-or-later
//! Notifications: the site's command is to learn that a host is INSTALLED or FAILED.
//!
//! A request only leaves a file here. `host-state notify` calls the command, outside of any request, and removes the file when the
//! command was successful. So each notification reaches the command at least once, even after a crash, and never after its file is
//! gone. In files the queue is in `notices/`.

mod notification;
mod queue;

pub use notification::Notification;
pub use queue::{NotificationQueue, QueuedNotification};

use super::journal::Journal;
use super::parts::Parts;
use super::{StoreError, documents};
use crate::files::{self, create_atomic};
use crate::host::{Host, HostState};
use crate::types::{Line, Timestamp};

/// More than this many do not wait: a command that was never right must not fill the disk.
const MAX_WAITING: usize = 1000;
/// More than there can be in one second.
const MAX_NUMBER: u32 = 900_000;

/// The notifications of a cluster.
#[derive(Debug, Clone, Copy)]
pub struct Notifications<'a> {
    parts: Parts<'a>,
}

impl<'a> Notifications<'a> {
    pub(super) fn new(parts: Parts<'a>) -> Self {
        Self { parts }
    }

    /// Leaves a notification where a host moved to a state that the site wants to know of. The record is written before this, so a
    /// failure is written to the logs and stops nothing.
    pub(super) fn leave(self, host: &Host, from: HostState, note: Option<&Line>, now: Timestamp) {
        let state = host.state();
        let wanted = matches!(state, HostState::Installed | HostState::Failed) && state != from;
        if !wanted || self.parts.cluster.install.notify.is_none() {
            return;
        }
        let reason = if state == HostState::Failed { host.reason.as_ref().or(note) } else { note };
        let problem = match self.add(host, from, reason, now) {
            Ok(0) => return,
            Ok(dropped) => format!(
                "{dropped} notifications were dropped, because more than {MAX_WAITING} wait; is host-state notify running?"
            ),
            Err(error) => format!("no notification could be left for the site's command: {error}"),
        };
        let name = host.name.as_ref().map(|n| n.as_str());
        // If the log cannot be written either, there is no other place for it.
        let _not_logged = Journal::new(self.parts).log(host.mac(), name, &Line::lossy(&problem), now);
    }

    /// Whether a notification waits that the host came into the state it is in.
    pub(super) fn has(self, host: &Host) -> Result<bool, StoreError> {
        let paths = self.parts.paths;
        let (second, mac) = (format!("{}-", host.updated.compact()), format!("-{}.toml", host.mac()));
        let names = documents::list(&paths.notices_dir())?;
        let waiting = names.iter().filter(|name| name.starts_with(&second) && name.ends_with(&mac));
        for name in waiting {
            let notification =
                documents::get(&paths.notification(name))?.map(|document| Notification::parse(&document.text));
            if matches!(notification, Some(Ok(notification)) if notification.state == host.state()) {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// Adds a notification that the host came into the state it is in. Returns how many old ones it removed for that.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn add(self, host: &Host, from: HostState, reason: Option<&Line>, now: Timestamp) -> Result<usize, StoreError> {
        let paths = self.parts.paths;
        let notification = Notification {
            host: Line::lossy(&host.label()),
            mac: host.mac(),
            state: host.state(),
            from,
            reason: reason.cloned().unwrap_or_else(|| Line::lossy("")),
            time: now,
            cluster: self.parts.cluster.name.clone(),
            failures: 0,
            not_before: None,
        };
        let text = notification.to_text();
        let mut names = documents::list(&paths.notices_dir())?;
        // Their order is that of time; within one second, that of their making.
        let second = format!("{}-", now.compact());
        let number = |name: &String| name.strip_prefix(&second)?.split('-').next()?.parse::<u32>().ok();
        // A name that no program of ours gave does not count.
        let last = names.iter().filter_map(number).filter(|number| *number < MAX_NUMBER).max();
        for number in last.map_or(0, |last| last.saturating_add(1))..u32::MAX {
            let name = format!("{second}{number:06}-{}.toml", notification.mac);
            let file = paths.notification(&name);
            if create_atomic(file.path(), text.as_bytes(), file.access())? {
                names.push(name);
                break;
            }
        }
        let mut dropped = 0;
        for name in names.iter().take(names.len().saturating_sub(MAX_WAITING)) {
            let path = paths.notification(name);
            // A folder among them is no notification, and stops no other.
            if path.path().symlink_metadata().is_ok_and(|m| !m.is_dir()) {
                files::remove(path.path())?;
                dropped += 1;
            }
        }
        Ok(dropped)
    }

    /// The queue, which one process has at a time.
    ///
    /// # Errors
    /// [`StoreError::Held`], or when the lock cannot be taken.
    pub fn lock_queue(self) -> Result<NotificationQueue, StoreError> {
        NotificationQueue::lock(self.parts.paths)
    }
}

#[cfg(test)]
mod tests;
