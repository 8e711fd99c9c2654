// SPDX-License-Identifier: GPL-3.0-or-later
//! A reader that reports its progress.

use std::io::{Read, Result};

/// Reports after each read: the number of bytes so far, and their total, if it is known.
pub(super) struct Progress<R, F> {
    inner: R,
    so_far: u64,
    total: Option<u64>,
    report: F,
}

impl<R: Read, F: FnMut(u64, Option<u64>)> Progress<R, F> {
    /// `so_far` bytes were there before.
    pub(super) fn new(inner: R, so_far: u64, total: Option<u64>, report: F) -> Self {
        Self { inner, so_far, total, report }
    }
}

impl<R: Read, F: FnMut(u64, Option<u64>)> Read for Progress<R, F> {
    fn read(&mut self, buffer: &mut [u8]) -> Result<usize> {
        let count = self.inner.read(buffer)?;
        if count > 0 {
            self.so_far = self.so_far.saturating_add(count as u64);
            (self.report)(self.so_far, self.total);
        }
        Ok(count)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_counts_on_from_what_was_there() {
        let mut reports = Vec::new();
        let mut reader = Progress::new(&[1; 10][..], 5, Some(15), |so_far, total| reports.push((so_far, total)));
        let counts: Vec<usize> = (0..4).map(|_| reader.read(&mut [0; 4]).unwrap()).collect();
        assert_eq!(counts, [4, 4, 2, 0]);
        assert_eq!(reports, [(9, Some(15)), (13, Some(15)), (15, Some(15))], "nothing at the end");
    }
}
