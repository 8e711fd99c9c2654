// SPDX-License-Identifier: GPL-3.0-or-later
//! Small readers that bound what comes, each in one way: its bytes ([`Limit`]), its slowness ([`Stall`]), its whole time
//! ([`Deadline`]), and by our own choice its rate ([`Rate`]). They are put around one another, and every body goes through them.

use super::error::Fault;
use super::meter::Meter;
use std::io::{Read, Result};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

/// Tells the meter of what is read, and ends when it is told to.
pub(super) struct Watched<'a, R> {
    pub(super) inner: R,
    pub(super) meter: &'a Meter,
    pub(super) stop: &'a AtomicBool,
}

impl<R: Read> Read for Watched<'_, R> {
    fn read(&mut self, buffer: &mut [u8]) -> Result<usize> {
        if self.stop.load(Ordering::Relaxed) {
            return Err(Fault::Stopped.into());
        }
        self.meter.reads();
        let count = self.inner.read(buffer)?;
        self.meter.brought(count as u64);
        Ok(count)
    }
}

/// No more than so many bytes.
pub(super) struct Limit<R> {
    inner: R,
    most: u64,
    left: u64,
}

impl<R: Read> Limit<R> {
    pub(super) fn new(inner: R, most: u64) -> Self {
        Self { inner, most, left: most }
    }
}

impl<R: Read> Read for Limit<R> {
    fn read(&mut self, buffer: &mut [u8]) -> Result<usize> {
        let count = self.inner.read(buffer)?;
        match self.left.checked_sub(count as u64) {
            Some(left) => self.left = left,
            None => {
                let problem = format!("it sends more than the {} bytes that it may have", self.most);
                return Err(Fault::Content(problem).into());
            }
        }
        Ok(count)
    }
}

/// Not too slow: a server that sends one byte now and then keeps every time-out of a read, and no promise. What counts is the
/// time that is spent waiting, not that of a disk that is slow or of a [`Rate`].
pub(super) struct Stall<R> {
    inner: R,
    silence: Duration,
    /// Bytes and waiting since the last look.
    span: (u64, Duration),
    whole: (u64, Duration),
}

/// Slower than this, over one span of patience, counts as silent: bytes in a second.
const SLOWEST: u64 = 1024;
/// Slower than this over all, once that can be told: half of the least `--limit`.
const SLOWEST_OVER_ALL: u64 = 8 << 10;
/// When it can be told.
const WHILE: Duration = Duration::from_secs(600);

impl<R: Read> Stall<R> {
    pub(super) fn new(inner: R, silence: Duration) -> Self {
        Self { inner, silence, span: (0, Duration::ZERO), whole: (0, Duration::ZERO) }
    }

    fn look(&mut self) -> std::result::Result<(), Fault> {
        let too_slow = |(bytes, waited): (u64, Duration), slowest: u64| {
            (bytes < slowest.saturating_mul(waited.as_secs().max(1)))
                .then(|| Fault::Line(format!("it sent {bytes} bytes in {} s", waited.as_secs())))
        };
        if self.whole.1 > WHILE
            && let Some(fault) = too_slow(self.whole, SLOWEST_OVER_ALL)
        {
            return Err(fault);
        }
        if self.span.1 > self.silence {
            if let Some(fault) = too_slow(self.span, SLOWEST) {
                return Err(fault);
            }
            self.span = (0, Duration::ZERO);
        }
        Ok(())
    }
}

impl<R: Read> Read for Stall<R> {
    fn read(&mut self, buffer: &mut [u8]) -> Result<usize> {
        let began = Instant::now();
        let count = self.inner.read(buffer)?;
        let waited = began.elapsed();
        for (bytes, time) in [&mut self.span, &mut self.whole] {
            *bytes = bytes.saturating_add(count as u64);
            *time = time.saturating_add(waited);
        }
        if count > 0 {
            self.look()?;
        }
        Ok(count)
    }
}

/// All of it in this time.
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

/// No faster than so many bytes in a second.
pub(super) struct Rate<'a, R> {
    inner: R,
    most: u64,
    began: Instant,
    got: u64,
    stop: &'a AtomicBool,
}

impl<'a, R: Read> Rate<'a, R> {
    pub(super) fn new(inner: R, most: u64, stop: &'a AtomicBool) -> Self {
        Self { inner, most: most.max(1), began: Instant::now(), got: 0, stop }
    }
}

impl<R: Read> Read for Rate<'_, R> {
    fn read(&mut self, buffer: &mut [u8]) -> Result<usize> {
        // Small steps, so that the rate is even.
        let step = usize::try_from(self.most / 8).unwrap_or(1 << 20).clamp(4096, 1 << 20).min(buffer.len());
        let count = self.inner.read(buffer.get_mut(..step).unwrap_or_default())?;
        self.got = self.got.saturating_add(count as u64);
        let until = self.began + Duration::from_millis(self.got.saturating_mul(1000) / self.most);
        while !self.stop.load(Ordering::Relaxed) && Instant::now() < until {
            std::thread::sleep(until.saturating_duration_since(Instant::now()).min(Duration::from_millis(50)));
        }
        Ok(count)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Sends `count` bytes at a time, each time after a pause.
    struct Slow(usize, Duration);

    impl Read for Slow {
        fn read(&mut self, _: &mut [u8]) -> Result<usize> {
            std::thread::sleep(self.1);
            Ok(self.0)
        }
    }

    fn error(mut reader: impl Read) -> String {
        let mut buffer = [0; 4096];
        loop {
            match reader.read(&mut buffer) {
                Ok(count) => assert!(count > 0),
                Err(error) => return error.to_string(),
            }
        }
    }

    #[test]
    fn each_bounds_in_its_own_way() {
        let fast = || Slow(4096, Duration::ZERO);
        assert_eq!(error(Limit::new(fast(), 10_000)), "it sends more than the 10000 bytes that it may have");
        let mut exactly = Limit::new(&[1; 10_000][..], 10_000);
        assert_eq!(std::io::copy(&mut exactly, &mut std::io::sink()).unwrap(), 10_000);
        let drip = Slow(1, Duration::from_millis(20));
        assert!(error(Stall::new(drip, Duration::from_millis(100))).contains("bytes in 0 s"));
        let trickle = Slow(1, Duration::from_millis(20));
        assert_eq!(error(Deadline::new(trickle, Duration::from_millis(100))), "it sends too slowly");
        let stop = AtomicBool::new(false);
        let began = Instant::now();
        let mut rated = Rate::new(&[1; 30_000][..], 100_000, &stop);
        assert_eq!(std::io::copy(&mut rated, &mut std::io::sink()).unwrap(), 30_000);
        assert!(began.elapsed() > Duration::from_millis(280), "{:?}", began.elapsed());
    }

    #[test]
    fn over_all_it_must_be_faster_than_in_one_span() {
        let mut stall = Stall::new(std::io::empty(), Duration::from_secs(30));
        (stall.span, stall.whole) = ((100_000, Duration::from_secs(31)), (3_000_000, Duration::from_secs(601)));
        assert_eq!(stall.look().unwrap_err().to_string(), "it sent 3000000 bytes in 601 s");
        (stall.span, stall.whole) = ((100_000, Duration::from_secs(31)), (6_000_000, Duration::from_secs(601)));
        stall.look().unwrap();
        assert_eq!(stall.span.0, 0);
    }
}
