// SPDX-License-Identifier: GPL-3.0-or-later
//! Permissions to install: two folders, one that only root writes and one for choices at a console. That one has ended says its
//! mark ([`super::spent`]).

use super::records::Key;
use super::{Store, StoreError};
use crate::host::{Permission, PermissionSource};
use crate::types::{Line, MacAddr, Timestamp};

impl Store {
    /// The permission of a host that is not used up: one that is current before one that is not, the operator's before the
    /// console's.
    ///
    /// # Errors
    /// When a file cannot be read or taken; the caller then has none.
    pub fn permission(&self, mac: MacAddr, now: Timestamp) -> Result<Option<Permission>, StoreError> {
        let mut old = None;
        for (key, source) in self.permission_files(mac) {
            let Some(permission) = self.read_permission(&key, mac, source)? else { continue };
            if self.is_ended(&permission)? {
                continue;
            }
            if permission.is_current(now) {
                return Ok(Some(permission));
            }
            old = old.or(Some(permission));
        }
        Ok(old)
    }

    /// The permission in one of the folders, used up or not.
    ///
    /// # Errors
    /// When the file cannot be read or taken.
    pub fn permission_in(&self, mac: MacAddr, source: PermissionSource) -> Result<Option<Permission>, StoreError> {
        match self.permission_files(mac).into_iter().find(|(_, s)| *s == source) {
            Some((key, source)) => self.read_permission(&key, mac, source),
            None => Ok(None),
        }
    }

    /// The operator's before the console's.
    pub(super) fn permission_files(&self, mac: MacAddr) -> [(Key, PermissionSource); 2] {
        [(Key::permission(mac), PermissionSource::Operator), (Key::menu_permission(mac), PermissionSource::Menu)]
    }

    pub(super) fn read_permission(
        &self,
        key: &Key,
        mac: MacAddr,
        source: PermissionSource,
    ) -> Result<Option<Permission>, StoreError> {
        let Some(document) = self.records.text(key)? else { return Ok(None) };
        let permission =
            Permission::parse(&document.text, source).map_err(|e| StoreError::content(&self.records.locate(key), e))?;
        if permission.mac != mac {
            return Err(StoreError::content(
                &self.records.locate(key),
                format!("mac is {}: expected {mac}, as the file is called", permission.mac),
            ));
        }
        Ok(Some(permission))
    }

    /// Gives a permission, in the place of an older one. An operator's names the marks that its machine has now, and counts until
    /// the machine has others. The older one ends first, with a mark: a copy of its file counts no more. Returns it as it was given.
    ///
    /// # Errors
    /// When it cannot be written: in the folder of operators, when the caller is not root. When the marks cannot be read.
    pub fn give_permission(&self, permission: &Permission) -> Result<Permission, StoreError> {
        let mut given = permission.clone();
        let key = match given.source {
            PermissionSource::Operator => {
                given = given.given_after(self.marks_of(permission.mac, permission.given_at)?);
                Key::permission(given.mac)
            }
            // What follows from a rule is never written.
            PermissionSource::Rule => return Ok(given),
            PermissionSource::Menu => Key::menu_permission(given.mac),
        };
        self.require_spent_dir()?;
        self.end_replaced(&given)?;
        self.records.put(&key, given.to_text().as_bytes())?;
        Ok(given)
    }

    /// One that could not be taken permits nothing, and is overwritten. A choice at a console leaves no mark here: the network can make any
    /// number of them, each lasts an hour, and none of them wipes anything.
    fn end_replaced(&self, by: &Permission) -> Result<(), StoreError> {
        if by.source != PermissionSource::Operator {
            return Ok(());
        }
        match self.permission_in(by.mac, by.source) {
            Ok(Some(old)) if old.id != by.id && !self.is_ended(&old)? => {
                self.mark_used(&old, "another permission took its place")
            }
            Err(error) if !error.was_read() => Err(error),
            _ => Ok(()),
        }
    }

    /// The marks of a machine that somebody means to install. One whose record alone says that it has a system gets its mark first: else
    /// the mark would come with the first attempt, and end the permission.
    fn marks_of(&self, mac: MacAddr, now: Timestamp) -> Result<Vec<Line>, StoreError> {
        let host = self.host(mac)?;
        self.require_marks(mac, host.as_ref())?;
        if let Some(host) = host.as_ref().filter(|host| host.state().has_system()) {
            self.mark_host_ever_installed(host, now)?;
        }
        Ok(self.installed(mac, host.as_ref())?.names())
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::store;
    use super::*;
    use crate::host::{Grant, PermissionId};
    use crate::types::{HostType, Line};

    fn permission(n: u8, source: PermissionSource) -> Permission {
        let grant = Grant {
            mac: "525400000001".parse().unwrap(),
            host_type: HostType::Sch,
            profile: None,
            distro: "x86_64-linux-debian-12".parse().unwrap(),
            wipe: vec!["QM1".parse().unwrap()],
            given_by: Line::lossy("root"),
            given_at: Timestamp::from_unix(0),
            expires: Timestamp::from_unix(10),
            reason: Line::lossy("test"),
        };
        Permission::new(PermissionId::from_random([n; 16]), source, grant)
    }

    #[test]
    fn one_use_and_the_operator_before_the_console() {
        let (_folder, store) = store("10.0.0.2-10.0.0.9");
        let mac = "525400000001".parse().unwrap();
        let now = Timestamp::from_unix(5);
        assert_eq!(store.permission(mac, now).unwrap(), None);
        let (menu, operator) = (permission(1, PermissionSource::Menu), permission(2, PermissionSource::Operator));
        store.give_permission(&menu).unwrap();
        let operator = store.give_permission(&operator).unwrap();
        assert_eq!(store.permission(mac, now).unwrap().unwrap(), operator);
        let late = Timestamp::from_unix(10);
        assert_eq!(store.permission(mac, late).unwrap().unwrap(), operator, "an old one is shown");
        let mut newer = menu.clone();
        newer.expires = Timestamp::from_unix(99);
        store.give_permission(&newer).unwrap();
        assert_eq!(
            store.permission(mac, late).unwrap().unwrap().source,
            PermissionSource::Menu,
            "and hides no newer choice"
        );
        store.give_permission(&menu).unwrap();
        assert_eq!(store.spent_why(&operator.id).unwrap(), None);
        store.mark_used(&operator, "installed").unwrap();
        store.mark_used(&operator, "again").unwrap();
        assert_eq!(store.spent_why(&operator.id).unwrap().as_deref(), Some("installed"), "the first word stands");
        let found = store.permission(mac, now).unwrap().unwrap();
        assert_eq!(found, menu);
        assert!(found.require_blank && found.wipe.is_empty(), "a choice at the console never wipes anything");
        let written = std::fs::read_to_string(store.paths.permission(mac).path()).unwrap();
        std::fs::write(store.paths.menu_permission(mac).path(), written.replace(operator.id.as_str(), &"c".repeat(32)))
            .unwrap();
        let forged = store.permission(mac, now).unwrap().unwrap();
        assert!(forged.require_blank && forged.wipe.is_empty(), "whatever its file says");
        store.give_permission(&menu).unwrap();
        store.mark_used(&menu, "failed").unwrap();
        assert_eq!(store.permission(mac, now).unwrap(), None);
    }
}
