// SPDX-License-Identifier: GPL-3.0-or-later
//! The users and passwords of BMCs: a file for each name, which only root reads. One with the ending `.cred` is encrypted
//! for this machine by systemd-creds(1), and counts before the other one.

use super::{Paths, StoreError, documents};
use crate::files::{Access, FileError, Trust, make_dir, read_trusted, remove, write_atomic};
use crate::types::{BmcCredentials, CredentialsName};
use std::path::PathBuf;

/// What systemd-creds makes of two lines is far shorter.
const MAX_BYTES: u64 = 64 << 10;
const ENCRYPTED: &str = ".cred";

/// A user and a password, as they are stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum StoredCredentials {
    /// In a file that only root reads.
    Plain(BmcCredentials),
    /// Encrypted for this machine.
    Encrypted(Vec<u8>),
}

/// The files of a site.
#[derive(Debug, Clone, Copy)]
pub struct CredentialFiles<'a> {
    paths: &'a Paths,
}

impl<'a> CredentialFiles<'a> {
    pub(super) fn new(paths: &'a Paths) -> Self {
        Self { paths }
    }

    /// The file of a name.
    pub fn path(self, name: &CredentialsName, encrypted: bool) -> PathBuf {
        let ending = if encrypted { ENCRYPTED } else { "" };
        self.paths.bmc_credentials_dir().join(format!("{name}{ending}"))
    }

    /// What is stored under a name; `None` if nothing is.
    ///
    /// # Errors
    /// When it cannot be read or accepted, or another user than root could have written it.
    pub fn get(self, name: &CredentialsName) -> Result<Option<StoredCredentials>, StoreError> {
        if let Some(bytes) = self.read(name, true)? {
            return Ok(Some(StoredCredentials::Encrypted(bytes)));
        }
        let Some(bytes) = self.read(name, false)? else { return Ok(None) };
        let path = self.path(name, false);
        let text = String::from_utf8(bytes).map_err(|_| StoreError::content(&path, "it is not UTF-8"))?;
        let credentials = BmcCredentials::parse(&text).map_err(|error| StoreError::content(&path, error))?;
        Ok(Some(StoredCredentials::Plain(credentials)))
    }

    fn read(self, name: &CredentialsName, encrypted: bool) -> Result<Option<Vec<u8>>, StoreError> {
        match read_trusted(&self.path(name, encrypted), &super::base(self.paths.conf()), Trust::Root, MAX_BYTES) {
            Err(FileError::Io(error)) if error.is_not_found() => Ok(None),
            read => Ok(Some(read?)),
        }
    }

    /// The names, and whether each is encrypted.
    ///
    /// # Errors
    /// When the folder cannot be listed. A missing one holds none.
    pub fn list(self) -> Result<Vec<(CredentialsName, bool)>, StoreError> {
        let mut found: Vec<(CredentialsName, bool)> = Vec::new();
        for file in documents::list_where_there(&self.paths.bmc_credentials_dir())? {
            let stem = file.strip_suffix(ENCRYPTED);
            let Ok(name) = stem.unwrap_or(&file).parse() else { continue };
            match found.iter_mut().find(|(other, _)| *other == name) {
                Some((_, encrypted)) => *encrypted |= stem.is_some(),
                None => found.push((name, stem.is_some())),
            }
        }
        Ok(found)
    }

    /// Stores a user and a password, in the place of what was there.
    ///
    /// # Errors
    /// When it cannot be written: when the caller is not root.
    pub fn put(self, name: &CredentialsName, stored: &StoredCredentials) -> Result<(), StoreError> {
        make_dir(&self.paths.bmc_credentials_dir(), 0o700, None)?;
        let is_encrypted = matches!(stored, StoredCredentials::Encrypted(_));
        let path = self.path(name, is_encrypted);
        match stored {
            StoredCredentials::Plain(credentials) => {
                write_atomic(&path, credentials.to_secret_text().as_bytes(), Access::Owner)?;
            }
            StoredCredentials::Encrypted(bytes) => write_atomic(&path, bytes, Access::Owner)?,
        }
        Ok(remove(&self.path(name, !is_encrypted))?)
    }

    /// Removes a user and a password.
    ///
    /// # Errors
    /// When a file cannot be removed.
    pub fn remove(self, name: &CredentialsName) -> Result<(), StoreError> {
        for encrypted in [false, true] {
            remove(&self.path(name, encrypted))?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::store;
    use super::*;
    use std::os::unix::fs::PermissionsExt as _;

    #[test]
    fn one_of_two_forms_is_there_and_only_for_root() {
        let (_folder, store) = store("10.0.0.2-10.0.0.9");
        let (files, name): (_, CredentialsName) = (store.credential_files(), "rack7".parse().unwrap());
        assert_eq!((files.get(&name).unwrap(), files.list().unwrap()), (None, Vec::new()));
        let plain = StoredCredentials::Plain(BmcCredentials::new("ADMIN", "secret").unwrap());
        files.put(&name, &plain).unwrap();
        let path = files.path(&name, false);
        assert_eq!(path.metadata().unwrap().permissions().mode() & 0o777, 0o600);
        assert_eq!(path.parent().unwrap().metadata().unwrap().permissions().mode() & 0o777, 0o700);
        assert_eq!(files.get(&name).unwrap(), Some(plain.clone()));
        assert!(!format!("{plain:?}").contains("secret"));
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o602)).unwrap();
        assert!(matches!(files.get(&name), Err(StoreError::Untrusted(_))));
        let encrypted = StoredCredentials::Encrypted(b"x".to_vec());
        files.put(&name, &encrypted).unwrap();
        assert_eq!((files.get(&name).unwrap(), path.exists()), (Some(encrypted), false));
        assert_eq!(files.list().unwrap(), [(name.clone(), true)]);
        files.remove(&name).unwrap();
        assert_eq!(files.get(&name).unwrap(), None);
    }
}
