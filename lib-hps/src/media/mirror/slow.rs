// SPDX-License-Identifier: GPL-3.0-or-later
//! A body for tests that comes slowly, and without end.

use std::io::{Read, Result};
use std::time::Duration;

/// Sends so many bytes at a time, each time after this pause.
pub(super) struct Slow(pub(super) usize, pub(super) Duration);

impl Read for Slow {
    fn read(&mut self, _: &mut [u8]) -> Result<usize> {
        std::thread::sleep(self.1);
        Ok(self.0)
    }
}
