// SPDX-License-Identifier: GPL-3.0-or-later
//! The site key: 32 random bytes that root writes and the CGI reads.

use super::{Paths, StoreError};
use crate::boot::token::SiteKey;
use crate::files::{Access, IoError, Trust, create_atomic, read_trusted, write_atomic};

const KEY_BYTES: u64 = 32;

/// The site key, in its file.
#[derive(Debug, Clone, Copy)]
pub struct SiteKeyFile<'a> {
    paths: &'a Paths,
}

impl<'a> SiteKeyFile<'a> {
    /// The file below these paths.
    pub fn new(paths: &'a Paths) -> Self {
        Self { paths }
    }

    /// Reads the site key.
    ///
    /// # Errors
    /// When it cannot be read, has not 32 bytes, or somebody else may have written it.
    pub fn read(self) -> Result<SiteKey, StoreError> {
        let path = self.paths.site_key();
        let bytes = read_trusted(&path, &super::base(self.paths.conf()), Trust::Root, KEY_BYTES + 1)?;
        let key: [u8; 32] = bytes.try_into().map_err(|_| StoreError::content(&path, "expected 32 bytes"))?;
        Ok(SiteKey::new(key))
    }

    /// Creates the site key from random bytes where there is none. An existing one stays: another one
    /// would make every token of the site invalid.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn create(self, random: [u8; 32], group: Option<u32>) -> Result<bool, StoreError> {
        let path = self.paths.site_key();
        let created = create_atomic(&path, &random, Access::GroupRead)?;
        self.give_to(group)?;
        Ok(created)
    }

    /// Replaces the site key, so that no token of before is valid: after the import of a site. The caller ends first what rules and
    /// windows permit by the new key.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn replace(self, random: [u8; 32], group: Option<u32>) -> Result<(), StoreError> {
        write_atomic(&self.paths.site_key(), &random, Access::GroupRead)?;
        self.give_to(group)
    }

    fn give_to(self, group: Option<u32>) -> Result<(), StoreError> {
        let path = self.paths.site_key();
        if let Some(group) = group {
            std::os::unix::fs::chown(&path, None, Some(group))
                .map_err(IoError::during("change the group of", &path))?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::store;
    use rustix::fs::{CWD, FileType, Mode, mknodat};
    use std::os::unix::fs::PermissionsExt as _;

    #[test]
    fn a_key_that_others_can_write_or_that_is_no_file_is_not_read() {
        let (_folder, store) = store("10.0.0.2-10.0.0.9");
        let path = store.paths.site_key();
        let problem = || store.site_key().read().unwrap_err().to_string();
        assert!(store.site_key().create([7; 32], None).unwrap());
        assert!(store.site_key().read().is_ok());
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o660)).unwrap();
        assert!(problem().contains("can write it (mode 0660)"), "{}", problem());
        std::fs::remove_file(&path).unwrap();
        mknodat(CWD, &path, FileType::Fifo, Mode::from_raw_mode(0o600), 0).unwrap();
        assert!(problem().contains("this is a FIFO"), "{}", problem());
        std::fs::remove_file(&path).unwrap();
        std::fs::File::create(&path).unwrap().set_len(1 << 40).unwrap();
        assert!(problem().contains("more than 33 bytes"), "{}", problem());
    }
}
