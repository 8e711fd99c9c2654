// SPDX-License-Identifier: GPL-3.0-or-later
//! Notifications: what the site's command is to be told, that a host is INSTALLED or FAILED.
//!
//! A request only leaves a file here; `host-state notify` calls the command, outside of any request, and removes the file when the
//! command was successful. So a notification is told at least once, whatever dies when, and never after its file is gone.

use super::documents;
use super::{Paths, Store, StoreError};
use crate::files::{self, Lock, LockError, LockKind, create_atomic, write_atomic};
use crate::host::{Host, HostState};
use crate::types::{ClusterName, Line, MacAddr, Timestamp};
use serde::{Deserialize, Serialize};

/// More than this many do not wait: a command that was never right must not fill the disk.
const MOST: usize = 1000;
/// More than there can be in one second.
const LARGEST_NUMBER: u32 = 900_000;
/// After how many seconds a notification is tried again; after the last one it is given up.
const PAUSES: [u64; 5] = [5, 30, 120, 600, 1800];

/// That a host came into a state.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Notification {
    /// Its name, or its MAC where it has none.
    pub host: Line,
    /// Its MAC.
    pub mac: MacAddr,
    /// The state it came into.
    pub state: HostState,
    /// The state it came from.
    pub from: HostState,
    /// Why, where anybody said so.
    pub reason: Line,
    /// When.
    pub time: Timestamp,
    /// Its cluster.
    pub cluster: ClusterName,
    /// How often the command failed on it.
    #[serde(default)]
    pub failures: u32,
    /// Before this it is not tried again.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub not_before: Option<Timestamp>,
}

impl Notification {
    /// Whether it may be tried now. A clock that went back does not make it wait longer than any pause is.
    pub fn is_due(&self, now: Timestamp) -> bool {
        let longest = PAUSES.into_iter().max().unwrap_or_default();
        self.not_before.is_none_or(|at| at <= now || at.since(now) > longest)
    }
}

impl Store {
    /// Leaves a notification where a host moved to a state that the site wants to know of. The record is written by now, so what
    /// goes wrong here is said in the logs and stops nothing.
    pub(super) fn notice_move(&self, host: &Host, from: HostState, note: Option<&Line>, now: Timestamp) {
        let state = host.state();
        let wanted = matches!(state, HostState::Installed | HostState::Failed) && state != from;
        if !wanted || self.cluster.install.notify.is_none() {
            return;
        }
        let reason = if state == HostState::Failed { host.reason.as_ref().or(note) } else { note };
        let trouble = match self.notification(host, from, reason, now) {
            Ok(0) => return,
            Ok(dropped) => {
                format!("{dropped} notifications were dropped, since over {MOST} wait; is host-state notify running?")
            }
            Err(error) => format!("no notification could be left for the site's command: {error}"),
        };
        let name = host.name.as_ref().map(|n| n.as_str());
        // Where the logs take nothing either, nobody can be told.
        let _nowhere_to_say_it = self.log_host(host.mac(), name, &Line::lossy(&trouble), now);
    }

    /// Whether a notification waits that the host came into the state it is in.
    pub(super) fn has_notice(&self, host: &Host) -> Result<bool, StoreError> {
        let (second, mac) = (format!("{}-", host.updated.compact()), format!("-{}.toml", host.mac()));
        let names = documents::list(&self.paths.notices_dir())?;
        let waiting = names.iter().filter(|name| name.starts_with(&second) && name.ends_with(&mac));
        for name in waiting {
            let notification =
                documents::get(&self.paths.notification(name))?.map(|document| Notification::parse(&document.text));
            if matches!(notification, Some(Ok(notification)) if notification.state == host.state()) {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// Leaves a notification that the host came into the state it is in. Returns how many old ones had to go for it.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn notification(
        &self,
        host: &Host,
        from: HostState,
        reason: Option<&Line>,
        now: Timestamp,
    ) -> Result<usize, StoreError> {
        let notification = Notification {
            host: Line::lossy(&host.label()),
            mac: host.mac(),
            state: host.state(),
            from,
            reason: reason.cloned().unwrap_or_else(|| Line::lossy("")),
            time: now,
            cluster: self.cluster.name.clone(),
            failures: 0,
            not_before: None,
        };
        let text = notification.to_text();
        let mut names = documents::list(&self.paths.notices_dir())?;
        // Their order is that of time; within one second, that of their making.
        let second = format!("{}-", now.compact());
        let number = |name: &String| name.strip_prefix(&second)?.split('-').next()?.parse::<u32>().ok();
        // A name that no program of ours gave has no say.
        let last = names.iter().filter_map(number).filter(|number| *number < LARGEST_NUMBER).max();
        for number in last.map_or(0, |last| last.saturating_add(1))..u32::MAX {
            let name = format!("{second}{number:06}-{}.toml", notification.mac);
            let file = self.paths.notification(&name);
            if create_atomic(file.path(), text.as_bytes(), file.access())? {
                names.push(name);
                break;
            }
        }
        let mut dropped = 0;
        for name in names.iter().take(names.len().saturating_sub(MOST)) {
            let path = self.paths.notification(name);
            // What is no file in their place is not theirs to remove, and stops no other.
            if path.path().symlink_metadata().is_ok_and(|m| !m.is_dir()) {
                files::remove(path.path())?;
                dropped += 1;
            }
        }
        Ok(dropped)
    }

    /// The right to tell the notifications, which one process has at a time.
    ///
    /// # Errors
    /// [`StoreError::Held`], or when the lock cannot be taken.
    pub fn take_notifications(&self) -> Result<Notifications, StoreError> {
        let path = self.paths.notices_dir().join(".notify.lock");
        let lock = Lock::try_take(&path, LockKind::Shared).map_err(|error| match error {
            LockError::Busy { owner, .. } => {
                let who = owner.unwrap_or_else(|| "another process".to_owned());
                StoreError::Held { what: "host-state notify", who }
            }
            other => other.into(),
        })?;
        Ok(Notifications { paths: self.paths.clone(), lock })
    }
}

/// The waiting notifications, while nobody else tells them.
#[derive(Debug)]
pub struct Notifications {
    paths: Paths,
    #[expect(dead_code, reason = "dropping it is what unlocks")]
    lock: Lock,
}

/// A notification that waits, or a file in its place that is none.
#[derive(Debug)]
pub struct Waiting {
    /// The name of its file.
    pub name: String,
    /// What is to be told.
    pub notification: Result<Notification, StoreError>,
}

impl Notifications {
    /// Those that wait, oldest first.
    ///
    /// # Errors
    /// When their folder cannot be read.
    pub fn waiting(&self) -> Result<Vec<Waiting>, StoreError> {
        let mut waiting = Vec::new();
        for name in documents::list(&self.paths.notices_dir())? {
            let key = self.paths.notification(&name);
            let notification = match documents::get(&key) {
                Ok(Some(document)) => {
                    Notification::parse(&document.text).map_err(|why| StoreError::content(key.path(), why.to_string()))
                }
                // It was dropped meanwhile.
                Ok(None) => continue,
                Err(error) => Err(error),
            };
            waiting.push(Waiting { name, notification });
        }
        Ok(waiting)
    }

    /// It was told, or is given up.
    ///
    /// # Errors
    /// When it cannot be removed.
    pub fn remove(&self, name: &str) -> Result<(), StoreError> {
        Ok(files::remove(self.paths.notification(name).path())?)
    }

    /// The command failed on it. Returns when it is tried again; `None` where it was given up and removed.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn failed(
        &self,
        name: &str,
        notification: &Notification,
        now: Timestamp,
    ) -> Result<Option<Timestamp>, StoreError> {
        let pause = usize::try_from(notification.failures).ok().and_then(|index| PAUSES.get(index));
        let Some(pause) = pause else { return self.remove(name).map(|()| None) };
        let again = Timestamp::from_unix(i64::try_from(now.as_unix().saturating_add(*pause)).unwrap_or(i64::MAX));
        let notification = Notification {
            failures: notification.failures.saturating_add(1),
            not_before: Some(again),
            ..notification.clone()
        };
        let key = self.paths.notification(name);
        write_atomic(key.path(), notification.to_text().as_bytes(), key.access)?;
        Ok(Some(again))
    }
}

/// A file of the queue that cannot be used.
#[derive(Debug, thiserror::Error)]
#[error("not a notification: {0}")]
struct NotANotification(String);

impl Notification {
    fn to_text(&self) -> String {
        // Texts and numbers: there is nothing in it that TOML could not hold.
        toml::to_string(self).unwrap_or_default()
    }

    fn parse(text: &str) -> Result<Self, NotANotification> {
        toml::from_str(text).map_err(|error| NotANotification(error.message().replace('\n', " ")))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::host::{Event, Who};
    use crate::store::testing::store;

    fn mac(number: u8) -> MacAddr {
        format!("5254000000{number:02x}").parse().unwrap()
    }

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_unix(1_800_000_000 + seconds)
    }

    fn site() -> (tempfile::TempDir, Store) {
        let (folder, mut store) = store("10.0.0.2-10.0.0.9");
        store.cluster.install.notify = Some("/usr/local/sbin/hps-mail".parse().unwrap());
        (folder, store)
    }

    fn set(store: &Store, number: u8, state: HostState, now: Timestamp) {
        let who = Who::operator("test", "root");
        store
            .change_host(mac(number), &who, now, |host| {
                host.apply(Event::SetByOperator(state), now).unwrap();
                host.reason = (state == HostState::Failed).then(|| Line::lossy("no disk"));
                Ok::<_, StoreError>(Some((Line::lossy("set"), None)))
            })
            .unwrap();
    }

    fn told(store: &Store) -> Vec<Notification> {
        store.take_notifications().unwrap().waiting().unwrap().into_iter().map(|w| w.notification.unwrap()).collect()
    }

    #[test]
    fn only_the_move_to_installed_or_failed_is_told_in_its_order() {
        let (_folder, store) = site();
        for (host, state) in [
            (1, HostState::Configured),
            (9, HostState::Failed),
            (1, HostState::Failed),
            (1, HostState::Failed),
            (1, HostState::Installed),
            (1, HostState::Reinstall),
            (2, HostState::Installed),
        ] {
            set(&store, host, state, at(0));
        }
        let told = told(&store);
        let seen: Vec<_> = told.iter().map(|n| (n.mac, n.from, n.state, n.reason.as_str())).collect();
        assert_eq!(
            seen,
            [
                (mac(9), HostState::Unconfigured, HostState::Failed, "no disk"),
                (mac(1), HostState::Configured, HostState::Failed, "no disk"),
                (mac(1), HostState::Failed, HostState::Installed, ""),
                (mac(2), HostState::Unconfigured, HostState::Installed, ""),
            ]
        );
    }

    #[test]
    fn without_a_command_nothing_is_left() {
        let (_folder, store) = store("10.0.0.2-10.0.0.9");
        set(&store, 1, HostState::Failed, at(0));
        assert!(told(&store).is_empty());
    }

    #[test]
    fn a_notice_that_cannot_be_left_stops_nothing_and_is_said() {
        let (_folder, store) = site();
        std::fs::remove_dir(store.paths.notices_dir()).unwrap();
        set(&store, 1, HostState::Failed, at(0));
        assert_eq!(store.host(mac(1)).unwrap().unwrap().state(), HostState::Failed);
        assert!(store.host_log(mac(1)).unwrap().contains("no notification could be left"));
    }

    #[test]
    fn a_thousand_wait_and_the_oldest_go() {
        let (_folder, store) = site();
        set(&store, 1, HostState::Failed, at(0));
        let host = store.host(mac(1)).unwrap().unwrap();
        for number in 1..1_000 {
            assert_eq!(store.notification(&host, HostState::Installing, None, at(number)).unwrap(), 0);
        }
        set(&store, 2, HostState::Installed, at(1_000));
        let told = told(&store);
        assert_eq!((told.len(), told[0].time, told[999].mac), (1_000, at(1), mac(2)));
        assert!(store.host_log(mac(2)).unwrap().contains("1 notifications were dropped"));
    }

    #[test]
    fn strange_files_among_them_stop_none() {
        let (_folder, store) = site();
        let folder = store.paths.notices_dir();
        for name in ["4294967295", "4294967294", "899999"] {
            std::fs::write(folder.join(format!("{}-{name}-x.toml", at(0).compact())), "x").unwrap();
        }
        std::fs::create_dir(folder.join("0")).unwrap();
        set(&store, 1, HostState::Failed, at(0));
        set(&store, 2, HostState::Failed, at(0));
        let waiting = store.take_notifications().unwrap().waiting().unwrap();
        assert_eq!(waiting.iter().filter(|w| w.notification.is_ok()).count(), 2);
        let host = store.host(mac(1)).unwrap().unwrap();
        for number in 1..1_000 {
            store.notification(&host, HostState::Installing, None, at(number)).unwrap();
        }
    }

    #[test]
    fn one_tells_and_the_second_is_told_who() {
        let (_folder, store) = site();
        let first = store.take_notifications().unwrap();
        let error = store.take_notifications().unwrap_err().to_string();
        let begin = format!("host-state notify runs already: process {} (", std::process::id());
        assert!(error.starts_with(&begin), "{error}");
        drop(first);
        store.take_notifications().unwrap();
    }

    #[test]
    fn a_failure_is_tried_again_five_times_with_growing_pauses() {
        let (_folder, store) = site();
        set(&store, 1, HostState::Failed, at(0));
        let notifications = store.take_notifications().unwrap();
        let mut now = at(0);
        let mut pauses = Vec::new();
        loop {
            let waiting = notifications.waiting().unwrap().pop().unwrap();
            let notification = waiting.notification.unwrap();
            assert!(notification.is_due(now));
            let Some(again) = notifications.failed(&waiting.name, &notification, now).unwrap() else { break };
            let notification = notifications.waiting().unwrap().pop().unwrap().notification.unwrap();
            assert!(!notification.is_due(now) && notification.is_due(again));
            assert!(notification.is_due(at(-9_000)), "the clock went back");
            pauses.push(again.since(now));
            now = again;
        }
        assert_eq!(pauses, PAUSES);
        assert!(notifications.waiting().unwrap().is_empty());
    }
}
