// SPDX-License-Identifier: GPL-3.0-or-later
//! A reader that ends when the program should stop (Ctrl-C).

use std::io::{Error, Read, Result};
use std::sync::atomic::{AtomicBool, Ordering};

/// The error of such a reader. [`std::io::ErrorKind::Interrupted`] would be tried again.
#[derive(Debug, thiserror::Error)]
#[error("stopped")]
pub(super) struct Interrupted;

/// Reads until `stop` is set.
pub(super) struct Interruptible<'a, R> {
    inner: R,
    stop: &'a AtomicBool,
}

impl<'a, R: Read> Interruptible<'a, R> {
    pub(super) fn new(inner: R, stop: &'a AtomicBool) -> Self {
        Self { inner, stop }
    }
}

impl<R: Read> Read for Interruptible<'_, R> {
    fn read(&mut self, buffer: &mut [u8]) -> Result<usize> {
        if self.stop.load(Ordering::Relaxed) {
            return Err(Error::other(Interrupted));
        }
        self.inner.read(buffer)
    }
}

/// Whether a read ended for this reason.
pub(super) fn was_interrupted(error: &Error) -> bool {
    error.get_ref().is_some_and(|inner| inner.is::<Interrupted>())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_ends_when_it_is_told_to() {
        let stop = AtomicBool::new(false);
        let mut reader = Interruptible::new(std::io::repeat(1), &stop);
        assert_eq!(reader.read(&mut [0; 8]).unwrap(), 8);
        stop.store(true, Ordering::Relaxed);
        let error = std::io::copy(&mut reader, &mut std::io::sink()).unwrap_err();
        assert!(was_interrupted(&error) && error.to_string() == "stopped");
        assert!(!was_interrupted(&Error::other("stopped")));
    }
}
