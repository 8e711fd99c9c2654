// SPDX-License-Identifier: GPL-3.0-or-later
//! Whether bytes come fast enough: a server that sends one now and then keeps every time-out of a read, and no promise.

use std::time::{Duration, Instant};

/// Slower than this, over one span of patience, counts as silent: bytes in a second.
const SLOWEST: u64 = 1024;

/// How much came in the span that runs.
#[derive(Debug)]
pub(super) struct Pace {
    silence: Duration,
    began: Instant,
    bytes: u64,
}

impl Pace {
    pub(super) fn new(silence: Duration) -> Self {
        Self { silence, began: Instant::now(), bytes: 0 }
    }

    /// So many bytes came.
    ///
    /// # Errors
    /// One line: that these are too few.
    pub(super) fn came(&mut self, bytes: u64) -> Result<(), String> {
        self.bytes = self.bytes.saturating_add(bytes);
        if self.began.elapsed() <= self.silence {
            return Ok(());
        }
        if self.bytes < SLOWEST.saturating_mul(self.silence.as_secs().max(1)) {
            return Err(format!("it sent {} bytes in {} s", self.bytes, self.began.elapsed().as_secs()));
        }
        (self.began, self.bytes) = (Instant::now(), 0);
        Ok(())
    }
}
