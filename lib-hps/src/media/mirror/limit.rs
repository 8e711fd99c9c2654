// SPDX-License-Identifier: GPL-3.0-or-later
//! A reader that refuses a body above its size limit.

use super::error::Fault;
use std::io::{Read, Result};

/// The limit in bytes.
pub(super) struct Limit<R> {
    inner: R,
    max_bytes: u64,
    left: u64,
}

impl<R: Read> Limit<R> {
    pub(super) fn new(inner: R, max_bytes: u64) -> Self {
        Self { inner, max_bytes, left: max_bytes }
    }
}

impl<R: Read> Read for Limit<R> {
    fn read(&mut self, buffer: &mut [u8]) -> Result<usize> {
        let count = self.inner.read(buffer)?;
        match self.left.checked_sub(count as u64) {
            Some(left) => self.left = left,
            None => {
                let problem = format!("it sends more than the permitted {} bytes", self.max_bytes);
                return Err(Fault::Content(problem).into());
            }
        }
        Ok(count)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_byte_too_many_is_refused() {
        let read = |bytes: &[u8]| std::io::copy(&mut Limit::new(bytes, 10_000), &mut std::io::sink());
        assert_eq!(read(&[1; 10_000]).unwrap(), 10_000);
        let error = read(&[1; 10_001]).unwrap_err().to_string();
        assert_eq!(error, "it sends more than the permitted 10000 bytes");
    }
}
