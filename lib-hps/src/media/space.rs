// SPDX-License-Identifier: GPL-3.0-or-later
//! Space on disks, and sizes in words.
//!
//! Data from outside leaves [`RESERVE`] free. This is checked before each block that is written: records, logs and
//! locks of this node are on the same disk, and other programs fill it meanwhile.

use crate::files::{IoError, free_space};
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

/// The free space that incoming data must leave on a disk.
pub const RESERVE: u64 = 64 << 20;

/// Whether `bytes` more can be written to the file system of a folder, without using the reserve.
///
/// # Errors
/// When the folder does not exist.
pub fn has_room(folder: &Path, bytes: u64) -> Result<bool, IoError> {
    Ok(free_space(folder)? >= bytes.saturating_add(RESERVE))
}

/// Runs work that writes below a folder by other programs, until it reaches the reserve or `stop` is set. Returns its
/// result, and whether it reached the reserve. The work checks the flag that it gets: `stop` belongs to the caller, and
/// means that the caller was stopped.
pub fn guarded<T>(folder: &Path, stop: &AtomicBool, work: impl FnOnce(&AtomicBool) -> T) -> (T, bool) {
    const CHECK_INTERVAL: Duration = Duration::from_millis(20);
    let (done, full) = (AtomicBool::new(false), AtomicBool::new(false));
    let either = AtomicBool::new(stop.load(Ordering::Relaxed));
    let result = std::thread::scope(|scope| {
        scope.spawn(|| {
            while !done.load(Ordering::Relaxed) {
                // The work itself finds out that a folder is gone.
                full.store(has_room(folder, 0).is_ok_and(|room| !room), Ordering::Relaxed);
                if full.load(Ordering::Relaxed) || stop.load(Ordering::Relaxed) {
                    return either.store(true, Ordering::Relaxed);
                }
                std::thread::sleep(CHECK_INTERVAL);
            }
        });
        let result = work(&either);
        done.store(true, Ordering::Relaxed);
        result
    });
    (result, full.load(Ordering::Relaxed))
}

/// `1.5 GiB`.
pub fn format_size(bytes: u64) -> String {
    let units = [("GiB", 1u64 << 30), ("MiB", 1 << 20), ("KiB", 1 << 10)];
    match units.into_iter().find(|(_, unit)| bytes >= *unit) {
        // Tenths, without floating point.
        Some((name, unit)) => format!("{}.{} {name}", bytes / unit, bytes % unit * 10 / unit),
        None => format!("{bytes} bytes"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_in_words() {
        let words = [0, 1023, 1024, 1_600_000_000, 12 << 30].map(format_size);
        assert_eq!(words, ["0 bytes", "1023 bytes", "1.0 KiB", "1.4 GiB", "12.0 GiB"]);
        assert!(has_room(Path::new("/proc"), 0).is_ok_and(|room| !room), "a file system without space has no room");
    }

    #[test]
    fn work_is_stopped_before_it_takes_the_reserve() {
        let wait = |stop: &AtomicBool| {
            let began = std::time::Instant::now();
            while !stop.load(Ordering::Relaxed) && began.elapsed() < Duration::from_secs(10) {
                std::thread::sleep(Duration::from_millis(5));
            }
            stop.load(Ordering::Relaxed)
        };
        let stop = AtomicBool::new(false);
        assert_eq!(guarded(Path::new("/proc"), &stop, wait), (true, true));
        assert!(!stop.load(Ordering::Relaxed), "nobody stopped the caller");
        assert_eq!(guarded(Path::new("/gone"), &stop, |_| 7), (7, false));
        let stopped = |own: &AtomicBool| {
            stop.store(true, Ordering::Relaxed);
            wait(own)
        };
        assert_eq!(guarded(Path::new("/gone"), &stop, stopped), (true, false));
    }
}
