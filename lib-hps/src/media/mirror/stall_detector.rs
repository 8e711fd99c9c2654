// SPDX-License-Identifier: GPL-3.0-or-later
//! A reader that gives up a body that arrives too slowly.
//!
//! A server that sends a byte now and then keeps within every timeout of a read. So the bytes are counted, over a short
//! span and in total.

use super::error::Fault;
use std::io::{Read, Result};
use std::time::{Duration, Instant};

/// A slower rate in one span counts as silence.
const MIN_BYTES_PER_SECOND: u64 = 1024;
/// A slower total rate is too slow: half of the lowest `--limit`.
const MIN_BYTES_PER_SECOND_OVERALL: u64 = 8 << 10;
/// The total rate counts after this much waiting.
const OVERALL_AFTER: Duration = Duration::from_secs(600);

/// Bytes, and the time spent waiting for them. The time of a slow disk, or of a chosen rate, does not count.
#[derive(Clone, Copy)]
struct Span {
    bytes: u64,
    waited: Duration,
}

impl Span {
    const NONE: Self = Self { bytes: 0, waited: Duration::ZERO };

    fn add(&mut self, bytes: u64, waited: Duration) {
        self.bytes = self.bytes.saturating_add(bytes);
        self.waited = self.waited.saturating_add(waited);
    }

    fn check(self, min_bytes_per_second: u64) -> std::result::Result<(), Fault> {
        let seconds = self.waited.as_secs();
        if self.bytes < min_bytes_per_second.saturating_mul(seconds.max(1)) {
            return Err(Fault::Line(format!("it sent {} bytes in {seconds} s", self.bytes)));
        }
        Ok(())
    }
}

/// Not too slow.
pub(super) struct StallDetector<R> {
    inner: R,
    silence: Duration,
    /// Since the last check.
    span: Span,
    overall: Span,
}

impl<R: Read> StallDetector<R> {
    /// `silence` is how long a span is.
    pub(super) fn new(inner: R, silence: Duration) -> Self {
        Self { inner, silence, span: Span::NONE, overall: Span::NONE }
    }

    fn check(&mut self) -> std::result::Result<(), Fault> {
        if self.overall.waited > OVERALL_AFTER {
            self.overall.check(MIN_BYTES_PER_SECOND_OVERALL)?;
        }
        if self.span.waited > self.silence {
            self.span.check(MIN_BYTES_PER_SECOND)?;
            self.span = Span::NONE;
        }
        Ok(())
    }
}

impl<R: Read> Read for StallDetector<R> {
    fn read(&mut self, buffer: &mut [u8]) -> Result<usize> {
        let began = Instant::now();
        let count = self.inner.read(buffer)?;
        let waited = began.elapsed();
        self.span.add(count as u64, waited);
        self.overall.add(count as u64, waited);
        if count > 0 {
            self.check()?;
        }
        Ok(count)
    }
}

#[cfg(test)]
mod tests {
    use super::super::slow::Slow;
    use super::*;

    #[test]
    fn one_byte_now_and_then_is_a_stall() {
        let drip = Slow(1, Duration::from_millis(20));
        let mut reader = StallDetector::new(drip, Duration::from_millis(100));
        let error = std::io::copy(&mut reader, &mut std::io::sink()).unwrap_err().to_string();
        assert!(error.contains("bytes in 0 s"), "{error}");
    }

    #[test]
    fn over_all_it_must_be_faster_than_in_one_span() {
        let with = |overall: u64| {
            let mut detector = StallDetector::new(std::io::empty(), Duration::from_secs(30));
            detector.span = Span { bytes: 100_000, waited: Duration::from_secs(31) };
            detector.overall = Span { bytes: overall, waited: Duration::from_secs(601) };
            detector.check().map(|()| detector.span.bytes)
        };
        assert_eq!(with(3_000_000).unwrap_err().to_string(), "it sent 3000000 bytes in 601 s");
        assert_eq!(with(6_000_000).unwrap(), 0, "a new span begins");
    }
}
