// SPDX-License-Identifier: GPL-3.0-or-later
//! A reader with a chosen maximum rate (`--limit`).

use std::io::{Read, Result};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

/// No faster than so many bytes in a second.
pub(super) struct RateLimit<'a, R> {
    inner: R,
    bytes_per_second: u64,
    began: Instant,
    so_far: u64,
    stop: &'a AtomicBool,
}

impl<'a, R: Read> RateLimit<'a, R> {
    pub(super) fn new(inner: R, bytes_per_second: u64, stop: &'a AtomicBool) -> Self {
        Self { inner, bytes_per_second: bytes_per_second.max(1), began: Instant::now(), so_far: 0, stop }
    }
}

impl<R: Read> Read for RateLimit<'_, R> {
    fn read(&mut self, buffer: &mut [u8]) -> Result<usize> {
        // Small steps, so that the rate is even.
        let step = usize::try_from(self.bytes_per_second / 8).unwrap_or(1 << 20).clamp(4096, 1 << 20);
        let step = step.min(buffer.len());
        let count = self.inner.read(buffer.get_mut(..step).unwrap_or_default())?;
        self.so_far = self.so_far.saturating_add(count as u64);
        let until = self.began + Duration::from_millis(self.so_far.saturating_mul(1000) / self.bytes_per_second);
        while !self.stop.load(Ordering::Relaxed) && Instant::now() < until {
            std::thread::sleep(until.saturating_duration_since(Instant::now()).min(Duration::from_millis(50)));
        }
        Ok(count)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_no_faster_and_a_stop_ends_the_wait() {
        let (began, stop) = (Instant::now(), AtomicBool::new(false));
        let mut rated = RateLimit::new(&[1; 30_000][..], 100_000, &stop);
        assert_eq!(std::io::copy(&mut rated, &mut std::io::sink()).unwrap(), 30_000);
        assert!(began.elapsed() > Duration::from_millis(280), "{:?}", began.elapsed());
        let (began, stop) = (Instant::now(), AtomicBool::new(true));
        let mut rated = RateLimit::new(&[1; 30_000][..], 100, &stop);
        assert_eq!(std::io::copy(&mut rated, &mut std::io::sink()).unwrap(), 30_000);
        assert!(began.elapsed() < Duration::from_secs(10), "{:?}", began.elapsed());
    }
}
