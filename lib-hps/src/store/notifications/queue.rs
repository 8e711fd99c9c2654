// SPDX-License-Identifier: GPL-3.0-or-later
//! The notifications that wait, for the one process that passes them on.

use super::Notification;
use crate::files::{self, Lock, LockError, LockKind, write_atomic};
use crate::store::{Paths, StoreError, documents};
use crate::types::Timestamp;

/// The notifications that wait, while no other process passes them on.
#[derive(Debug)]
pub struct NotificationQueue {
    paths: Paths,
    #[expect(dead_code, reason = "dropping it is what unlocks")]
    lock: Lock,
}

/// A notification that waits, or a file among them that is none.
#[derive(Debug)]
pub struct QueuedNotification {
    /// The name of its file.
    pub name: String,
    /// What the command is to learn.
    pub notification: Result<Notification, StoreError>,
}

impl NotificationQueue {
    pub(super) fn lock(paths: &Paths) -> Result<Self, StoreError> {
        let path = paths.notices_dir().join(".notify.lock");
        let lock = Lock::try_take(&path, LockKind::Shared).map_err(|error| match error {
            LockError::Busy { owner, .. } => {
                let who = owner.unwrap_or_else(|| "another process".to_owned());
                StoreError::Held { what: "host-state notify", who }
            }
            other => other.into(),
        })?;
        Ok(Self { paths: paths.clone(), lock })
    }

    /// Those that wait, oldest first.
    ///
    /// # Errors
    /// When their folder cannot be read.
    pub fn waiting(&self) -> Result<Vec<QueuedNotification>, StoreError> {
        let mut waiting = Vec::new();
        for name in documents::list(&self.paths.notices_dir())? {
            let file = self.paths.notification(&name);
            let notification = match documents::get(&file) {
                Ok(Some(document)) => {
                    Notification::parse(&document.text).map_err(|why| StoreError::content(file.path(), why.to_string()))
                }
                // It was dropped meanwhile.
                Ok(None) => continue,
                Err(error) => Err(error),
            };
            waiting.push(QueuedNotification { name, notification });
        }
        Ok(waiting)
    }

    /// Removes one that the command has received, or that is given up.
    ///
    /// # Errors
    /// When it cannot be removed.
    pub fn remove(&self, name: &str) -> Result<(), StoreError> {
        Ok(files::remove(self.paths.notification(name).path())?)
    }

    /// Notes that the command failed on it. Returns when it is tried again; `None` where it was given up and removed.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn failed(
        &self,
        name: &str,
        notification: &Notification,
        now: Timestamp,
    ) -> Result<Option<Timestamp>, StoreError> {
        let Some((notification, again)) = notification.after_failure(now) else {
            return self.remove(name).map(|()| None);
        };
        let file = self.paths.notification(name);
        write_atomic(file.path(), notification.to_text().as_bytes(), file.access())?;
        Ok(Some(again))
    }
}
