// SPDX-License-Identifier: GPL-3.0-or-later
//! Who may log in to the page: lines of NAME:HASH, as lighttpd reads them (mod_authn_file). Only root writes the file, and
//! the web server's group reads it, because lighttpd asks it after it became that user.

use super::{Paths, StoreError};
use crate::files::{Access, FileError, IoError, Trust, create_atomic, read_trusted, write_atomic};
use crate::types::WebName;

/// Some thousand persons.
const MAX_BYTES: u64 = 1 << 20;

/// The file.
#[derive(Debug, Clone, Copy)]
pub struct WebUsers<'a> {
    paths: &'a Paths,
}

impl<'a> WebUsers<'a> {
    pub(super) fn new(paths: &'a Paths) -> Self {
        Self { paths }
    }

    /// Those who may log in.
    ///
    /// # Errors
    /// When the file cannot be read, has another line, or another user than root could have written it.
    pub fn list(self) -> Result<Vec<WebName>, StoreError> {
        Ok(self.read()?.into_iter().map(|(name, _)| name).collect())
    }

    /// Stores the hash of a password, in the place of an older one. Returns whether the name is new. The caller holds a
    /// lock.
    ///
    /// # Errors
    /// When the file cannot be read or written.
    pub fn put(self, name: &WebName, hash: &str, group: Option<u32>) -> Result<bool, StoreError> {
        let mut users = self.read()?;
        let before = users.len();
        users.retain(|(known, _)| known != name);
        let is_new = users.len() == before;
        users.push((name.clone(), hash.to_owned()));
        users.sort();
        self.write(&users, group)?;
        Ok(is_new)
    }

    /// Removes a name. Returns whether it was there. The caller holds a lock.
    ///
    /// # Errors
    /// When the file cannot be read or written.
    pub fn remove(self, name: &WebName, group: Option<u32>) -> Result<bool, StoreError> {
        let mut users = self.read()?;
        let before = users.len();
        users.retain(|(known, _)| known != name);
        if users.len() == before {
            return Ok(false);
        }
        self.write(&users, group)?;
        Ok(true)
    }

    /// Makes an empty file where there is none: lighttpd refuses all then.
    ///
    /// # Errors
    /// When it cannot be made.
    pub fn create(self, group: Option<u32>) -> Result<(), StoreError> {
        create_atomic(&self.paths.web_users(), b"", Access::GroupRead)?;
        self.give_to(group)
    }

    fn read(self) -> Result<Vec<(WebName, String)>, StoreError> {
        let path = self.paths.web_users();
        let bytes = match read_trusted(&path, &super::base(self.paths.conf()), Trust::Root, MAX_BYTES) {
            Err(FileError::Io(error)) if error.is_not_found() => return Ok(Vec::new()),
            read => read?,
        };
        // No line is in an error: it has a hash.
        let bad = |number: usize| StoreError::content(&path, format!("line {number}: expected NAME:HASH"));
        let text = String::from_utf8(bytes).map_err(|_| bad(1))?;
        let lines = text.lines().enumerate().filter(|(_, line)| !line.is_empty() && !line.starts_with('#'));
        let read = lines.map(|(index, line)| {
            let pair = line.split_once(':').and_then(|(name, hash)| Some((name.parse().ok()?, hash.to_owned())));
            pair.ok_or_else(|| bad(index + 1))
        });
        read.collect()
    }

    fn write(self, users: &[(WebName, String)], group: Option<u32>) -> Result<(), StoreError> {
        let text: String = users.iter().map(|(name, hash)| format!("{name}:{hash}\n")).collect();
        write_atomic(&self.paths.web_users(), text.as_bytes(), Access::GroupRead)?;
        self.give_to(group)
    }

    fn give_to(self, group: Option<u32>) -> Result<(), StoreError> {
        let path = self.paths.web_users();
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
    use super::*;

    #[test]
    fn a_name_has_one_line_and_a_bad_line_shows_no_hash() {
        let (_folder, store) = store("10.0.0.2-10.0.0.9");
        let (users, alice): (_, WebName) = (store.web_users(), "alice".parse().unwrap());
        assert_eq!(users.list().unwrap(), []);
        assert!(users.put(&alice, "$6$a$b", None).unwrap());
        assert!(!users.put(&alice, "$6$c$d", None).unwrap());
        let path = store.paths.web_users();
        assert_eq!(std::fs::read_to_string(&path).unwrap(), "alice:$6$c$d\n");
        assert!(!users.remove(&"bob".parse().unwrap(), None).unwrap());
        assert!(users.remove(&alice, None).unwrap());
        std::fs::write(&path, "bob $6$secret\n").unwrap();
        let error = users.list().unwrap_err().to_string();
        assert!(error.contains("line 1") && !error.contains("secret"), "{error}");
    }
}
