// SPDX-License-Identifier: GPL-3.0-or-later
//! A reader that reports to the meter what arrived of the file.

use super::meter::Meter;
use std::io::{Read, Result};

/// Reports to the meter when a read begins, and how many bytes of the file it returned.
pub(super) struct Counted<'a, R> {
    inner: R,
    meter: &'a Meter,
}

impl<'a, R: Read> Counted<'a, R> {
    pub(super) fn new(inner: R, meter: &'a Meter) -> Self {
        Self { inner, meter }
    }
}

impl<R: Read> Read for Counted<'_, R> {
    fn read(&mut self, buffer: &mut [u8]) -> Result<usize> {
        self.meter.reads();
        let count = self.inner.read(buffer)?;
        self.meter.brought(count as u64);
        Ok(count)
    }
}
