// SPDX-License-Identifier: GPL-3.0-or-later
//! How long a host and its BMC may take, and what ends the wait.

use super::PowerError;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

/// How often a state is read while a change is awaited.
const PAUSE: Duration = Duration::from_secs(1);

/// How long things may take.
#[derive(Debug, Clone)]
pub struct Limits {
    /// One answer of a BMC.
    pub answer: Duration,
    /// A change: until the host is on or off, and until a task ends.
    pub change: Duration,
    /// The shutdown of an operating system, before the host is switched off at once.
    pub shutdown: Duration,
    /// Set if the program should end.
    pub stop: Arc<AtomicBool>,
}

impl Limits {
    /// Usual ones.
    pub fn new(stop: Arc<AtomicBool>) -> Self {
        Self {
            answer: Duration::from_secs(20),
            change: Duration::from_secs(60),
            shutdown: Duration::from_secs(120),
            stop,
        }
    }

    /// Refuses to go on if the program should end.
    pub(super) fn check(&self) -> Result<(), PowerError> {
        if self.stop.load(Ordering::Relaxed) { Err(PowerError::Stopped) } else { Ok(()) }
    }

    /// Waits, unless the program should end.
    pub(super) fn pause(&self, time: Duration) -> Result<(), PowerError> {
        let until = Instant::now() + time;
        loop {
            self.check()?;
            let left = until.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return Ok(());
            }
            std::thread::sleep(left.min(Duration::from_millis(50)));
        }
    }

    /// Asks again and again until there is an answer, at most so long; then `None`.
    pub(super) fn until<T>(
        &self,
        time: Duration,
        mut ask: impl FnMut() -> Result<Option<T>, PowerError>,
    ) -> Result<Option<T>, PowerError> {
        let end = Instant::now() + time;
        loop {
            self.check()?;
            if let Some(answer) = ask()? {
                return Ok(Some(answer));
            }
            if Instant::now() >= end {
                return Ok(None);
            }
            self.pause(PAUSE.min(end.saturating_duration_since(Instant::now())))?;
        }
    }
}
