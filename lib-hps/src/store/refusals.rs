// SPDX-License-Identifier: GPL-3.0-or-later
//! How many requests with a bad ticket or token a host has met since it was armed. Only hosts that may be installed are
//! counted, and only up to the limit, so that nobody can fill the disk with refusals.

use super::{Store, StoreError};
use crate::types::MacAddr;

impl Store {
    /// Counts one more, up to `most`, and returns the count.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn count_refusal(&self, mac: MacAddr, most: u32) -> Result<u32, StoreError> {
        let key = self.paths.refusals(mac);
        loop {
            let Some(document) = self.documents().get(&key)? else {
                if self.documents().create(&key, "1\n")? {
                    return Ok(1);
                }
                continue;
            };
            let count: u32 = document.text.trim().parse().unwrap_or(0);
            if count >= most {
                return Ok(count);
            }
            let next = count + 1;
            if self.documents().put(&key, &document, &format!("{next}\n"))? {
                return Ok(next);
            }
        }
    }

    /// How many were counted.
    ///
    /// # Errors
    /// When the count cannot be read.
    pub fn refusals(&self, mac: MacAddr) -> Result<u32, StoreError> {
        let document = self.documents().get(&self.paths.refusals(mac))?;
        Ok(document.and_then(|d| d.text.trim().parse().ok()).unwrap_or(0))
    }

    /// Begins to count anew: the operator has looked, and armed the host again.
    ///
    /// # Errors
    /// When the count cannot be removed.
    pub fn reset_refusals(&self, mac: MacAddr) -> Result<(), StoreError> {
        super::atomic::remove(self.paths.refusals(mac).path())
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::store;

    #[test]
    fn many_at_once_are_all_counted_and_the_count_ends() {
        let (_folder, store) = store("10.0.0.2-10.0.0.9");
        let mac = "525400000001".parse().unwrap();
        std::thread::scope(|scope| {
            for _ in 0..8 {
                scope.spawn(|| store.count_refusal(mac, 20).unwrap());
            }
        });
        assert_eq!(store.refusals(mac).unwrap(), 8);
        for _ in 0..30 {
            store.count_refusal(mac, 20).unwrap();
        }
        assert_eq!(store.refusals(mac).unwrap(), 20);
        store.reset_refusals(mac).unwrap();
        assert_eq!(store.refusals(mac).unwrap(), 0);
    }
}
