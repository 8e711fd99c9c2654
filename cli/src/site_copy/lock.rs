// SPDX-License-Identifier: GPL-3.0-or-later
//! One copy at a time, and no change of the settings while they are sent.

use super::progress::progress;
use super::remote::stopped;
use crate::layout;
use crate::program::{Ended, Exit};
use hps::config::{Dir, HpsConf};
use hps::files::{Lock, LockError, LockKind};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

/// How long to wait for `reload` or `cluster-configure`.
const RELOAD_TIMEOUT: Duration = Duration::from_secs(60);
/// How often a wait checks whether the program should end.
const STOP_INTERVAL: Duration = Duration::from_millis(200);

/// The right to send a copy.
pub(super) fn lock_copies(conf: &HpsConf) -> anyhow::Result<Lock> {
    let folder = conf.dir(Dir::Run);
    layout::make_open(folder)?;
    Lock::try_take(&folder.join("site-copy.lock"), LockKind::Root).map_err(|error| match error {
        LockError::Busy { owner, .. } => {
            let owner = owner.unwrap_or_else(|| "another process".to_owned());
            Ended::error(Exit::Busy, format!("another site-copy is running: {owner}"))
        }
        other => other.into(),
    })
}

/// The lock of `reload` and `cluster-configure`.
pub(super) fn lock_reload(conf: &HpsConf, stop: &AtomicBool) -> anyhow::Result<Lock> {
    let path = conf.dir(Dir::Run).join("reload.lock");
    let begun = Instant::now();
    let mut is_reported = false;
    loop {
        let owner = match Lock::wait(&path, LockKind::Root, STOP_INTERVAL) {
            Ok(lock) => return Ok(lock),
            Err(LockError::Busy { owner, .. }) => owner.unwrap_or_else(|| "another program".to_owned()),
            Err(error) => return Err(error.into()),
        };
        if stop.load(Ordering::Relaxed) {
            return Err(stopped());
        }
        if begun.elapsed() >= RELOAD_TIMEOUT {
            let message = format!(
                "a reload or cluster-configure has been running for more than a minute ({owner}); try again when it has ended"
            );
            return Err(Ended::error(Exit::Busy, message));
        }
        if !std::mem::replace(&mut is_reported, true) {
            progress(format_args!("waiting for {owner}"));
        }
    }
}
