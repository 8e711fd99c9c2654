// SPDX-License-Identifier: GPL-3.0-or-later
//! Who has a console. A BMC accepts one session, so one process at a time opens it. A person who types goes first: while the
//! lock of persons is held, the recorder closes its session, and the program of the person records.
//!
//! The kernel ends a lock with its process, so a killed program keeps no console busy.

use crate::program::{Ended, Exit};
use hps::files::{Access, Lock, LockError, LockKind, make_dir, read_input, write_atomic};
use hps::store::Store;
use hps::types::{MacAddr, printable_line};
use std::path::PathBuf;
use std::time::Duration;

/// The recorder looks at the lock of persons for a moment.
const LOOK: Duration = Duration::from_secs(1);
/// No name of a person and a program is longer.
const MAX_NAME_BYTES: u64 = 1000;
/// How long the recorder may need until its session is closed.
const YIELD: Duration = Duration::from_secs(20);

/// Held by the program of the person who types.
#[derive(Debug)]
pub(crate) struct PersonLock(#[expect(dead_code, reason = "its end unlocks")] Lock);

/// Held by the process that has the session of the BMC.
#[derive(Debug)]
pub(crate) struct RecorderLock(#[expect(dead_code, reason = "its end unlocks")] Lock);

fn place(store: &Store, mac: MacAddr, what: &str) -> anyhow::Result<PathBuf> {
    let folder = store.paths.console_locks_dir();
    make_dir(&folder, 0o700, None)?;
    Ok(folder.join(format!("{mac}.{what}")))
}

impl PersonLock {
    /// # Errors
    /// [`Exit::Busy`] with the person who has it.
    pub(crate) fn take(store: &Store, mac: MacAddr, label: &str, who: &str) -> anyhow::Result<Self> {
        let path = place(store, mac, "person")?;
        // Not in the file of the lock: the recorder opens that one too.
        let name = path.with_extension("name");
        match Lock::wait(&path, LockKind::Root, LOOK) {
            Ok(lock) => {
                // It is only for the message of the next one.
                let _best_effort = write_atomic(&name, who.as_bytes(), Access::Owner);
                Ok(Self(lock))
            }
            Err(LockError::Busy { owner, .. }) => {
                let other = read_input(&name, MAX_NAME_BYTES).unwrap_or_default();
                let other = String::from_utf8_lossy(&other).into_owned();
                let other = if other.is_empty() { "another person".to_owned() } else { printable_line(&other) };
                let process = owner.map(|owner| format!(" ({owner})")).unwrap_or_default();
                let line = format!(
                    "{other} types at the console of {label}{process}; to look on: host-state console {label} --follow"
                );
                Err(Ended::error(Exit::Busy, line))
            }
            Err(error) => Err(error.into()),
        }
    }
}

/// Whether a person types at it.
pub(crate) fn person_has_it(store: &Store, mac: MacAddr) -> anyhow::Result<bool> {
    match Lock::try_take(&place(store, mac, "person")?, LockKind::Root) {
        Ok(_) => Ok(false),
        Err(LockError::Busy { .. }) => Ok(true),
        Err(error) => Err(error.into()),
    }
}

impl RecorderLock {
    /// For the recorder: `None` if another process has it.
    pub(crate) fn try_take(store: &Store, mac: MacAddr) -> anyhow::Result<Option<Self>> {
        match Lock::try_take(&place(store, mac, "session")?, LockKind::Root) {
            Ok(lock) => Ok(Some(Self(lock))),
            Err(LockError::Busy { .. }) => Ok(None),
            Err(error) => Err(error.into()),
        }
    }

    /// For a person, who holds the lock of persons: waits until the recorder has closed its session.
    ///
    /// # Errors
    /// [`Exit::Busy`] if it does not.
    pub(crate) fn wait(store: &Store, mac: MacAddr, label: &str) -> anyhow::Result<Self> {
        match Lock::wait(&place(store, mac, "session")?, LockKind::Root, YIELD) {
            Ok(lock) => Ok(Self(lock)),
            Err(LockError::Busy { owner, .. }) => {
                let owner = owner.unwrap_or_else(|| "another process".to_owned());
                let line = format!("{owner} does not close the console of {label}; end it, or try again");
                Err(Ended::error(Exit::Busy, line))
            }
            Err(error) => Err(error.into()),
        }
    }
}
