// SPDX-License-Identifier: GPL-3.0-or-later
//! The site key: 32 random bytes that root writes and the CGI reads.

use super::atomic::{Access, create_atomic};
use super::{Paths, StoreError};
use crate::boot::token::SiteKey;

impl Paths {
    /// Reads the site key.
    ///
    /// # Errors
    /// When it cannot be read or has not 32 bytes.
    pub fn read_site_key(&self) -> Result<SiteKey, StoreError> {
        let path = self.site_key();
        let bytes = std::fs::read(&path).map_err(StoreError::io("read", &path))?;
        let key: [u8; 32] = bytes.try_into().map_err(|_| StoreError::content(&path, "expected 32 bytes"))?;
        Ok(SiteKey::new(key))
    }

    /// Creates the site key from random bytes where there is none. An existing one is never replaced: that would retire
    /// every token of the site.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn create_site_key(&self, random: [u8; 32], group: Option<u32>) -> Result<bool, StoreError> {
        let path = self.site_key();
        let created = create_atomic(&path, &random, Access::GroupRead)?;
        if let Some(group) = group {
            std::os::unix::fs::chown(&path, None, Some(group)).map_err(StoreError::io("change the group of", &path))?;
        }
        Ok(created)
    }
}
