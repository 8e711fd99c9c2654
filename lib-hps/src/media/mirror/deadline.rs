// SPDX-License-Identifier: GPL-3.0-or-later
//! A reader that gives up a body that does not arrive in time.

use super::error::Fault;
use std::io::{Read, Result};
use std::time::{Duration, Instant};

/// The time for all of it.
pub(super) struct Deadline<R> {
    inner: R,
    until: Instant,
}

impl<R: Read> Deadline<R> {
    pub(super) fn new(inner: R, time: Duration) -> Self {
        Self { inner, until: Instant::now() + time }
    }
}

impl<R: Read> Read for Deadline<R> {
    fn read(&mut self, buffer: &mut [u8]) -> Result<usize> {
        let count = self.inner.read(buffer)?;
        if count > 0 && Instant::now() > self.until {
            return Err(Fault::Line("it sends too slowly".to_owned()).into());
        }
        Ok(count)
    }
}

#[cfg(test)]
mod tests {
    use super::super::slow::Slow;
    use super::*;

    #[test]
    fn a_trickle_does_not_come_in_time() {
        let mut trickle = Deadline::new(Slow(1, Duration::from_millis(20)), Duration::from_millis(100));
        let error = std::io::copy(&mut trickle, &mut std::io::sink()).unwrap_err();
        assert_eq!(error.to_string(), "it sends too slowly");
        let mut all = Deadline::new(&[1; 100][..], Duration::from_secs(60));
        assert_eq!(std::io::copy(&mut all, &mut std::io::sink()).unwrap(), 100);
    }
}
