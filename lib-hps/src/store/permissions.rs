// SPDX-License-Identifier: GPL-3.0-or-later
//! Permissions to install: two folders, one that only root writes and one for choices at a console, and a folder of marks
//! that a permission is used up, which the CGI may add to.

use super::atomic::{self};
use super::documents::Key;
use super::{Store, StoreError};
use crate::host::{Permission, PermissionId, PermissionRef, PermissionSource};
use crate::types::{Line, MacAddr, Timestamp};

/// What stands before the time in the mark of a choice at a console.
const UNTIL: &str = "chosen at the console until ";
/// A clock that was set back by less brings no such choice back to life.
const KEPT_SECONDS: u64 = 7 * 86_400;

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
        [
            (self.paths.permission(mac), PermissionSource::Operator),
            (self.paths.menu_permission(mac), PermissionSource::Menu),
        ]
    }

    pub(super) fn read_permission(
        &self,
        key: &Key,
        mac: MacAddr,
        source: PermissionSource,
    ) -> Result<Option<Permission>, StoreError> {
        let Some(document) = self.documents().get_in_folder(key)? else { return Ok(None) };
        let permission = Permission::parse(&document.text, source).map_err(|e| StoreError::content(key.path(), e))?;
        if permission.mac != mac {
            return Err(StoreError::content(
                key.path(),
                format!("mac is {}: expected {mac}, as the file is called", permission.mac),
            ));
        }
        Ok(Some(permission))
    }

    /// Whether a permission has the mark that it is used up. Whether it may still permit anything, [`Store::is_ended`] says.
    ///
    /// # Errors
    /// When the mark cannot be looked for; the caller then takes it as used up.
    pub fn is_spent(&self, id: &PermissionId) -> Result<bool, StoreError> {
        Ok(self.documents().get_in_folder(&self.paths.spent(id))?.is_some())
    }

    /// Why a permission is used up; none where it is not.
    ///
    /// # Errors
    /// When the mark cannot be read.
    pub fn spent_why(&self, id: &PermissionId) -> Result<Option<String>, StoreError> {
        Ok(self.documents().get(&self.paths.spent(id))?.map(|document| document.text.trim().to_owned()))
    }

    /// Gives a permission, in the place of an older one. An operator's names the marks that its machine has now, and counts until
    /// the machine has others. Returns it as it was given.
    ///
    /// # Errors
    /// When it cannot be written: in the folder of operators, when the caller is not root. When the marks cannot be read.
    pub fn give_permission(&self, permission: &Permission) -> Result<Permission, StoreError> {
        let mut given = permission.clone();
        let key = match given.source {
            PermissionSource::Operator => {
                given = given.given_after(self.marks_of(permission.mac, permission.given_at)?);
                self.paths.permission(given.mac)
            }
            // What follows from a rule is never written.
            PermissionSource::Rule => return Ok(given),
            PermissionSource::Menu => self.paths.menu_permission(given.mac),
        };
        atomic::write_atomic(key.path(), given.to_text().as_bytes(), key.access)?;
        Ok(given)
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

    /// Marks a permission as used up, for good. Doing it again changes nothing.
    ///
    /// This is the only method that makes such a mark, and it needs more than an id: the mark of a choice at a console says until
    /// when it is needed, because the network can cause any number of these marks. Marks of operators' permissions stay, since
    /// their files do, and a clock may go back. Marks of rules and windows stay, since their ids come again.
    ///
    /// # Errors
    /// When the mark cannot be written.
    pub fn mark_used(&self, permission: impl Into<PermissionRef>, why: &str) -> Result<(), StoreError> {
        let permission = permission.into();
        let until = permission.console_until().map_or_else(String::new, |at| format!("{UNTIL}{at}\n"));
        let why = Line::lossy(why);
        self.documents().create(&self.paths.spent(permission.id()), &format!("{why}\n{until}")).map(drop)
    }

    /// Removes the marks of choices at a console that ended [`KEPT_SECONDS`] ago: their time alone keeps them from counting.
    /// Returns how many.
    ///
    /// # Errors
    /// When the folder cannot be read, or a mark cannot be removed.
    pub fn clear_spent(&self, now: Timestamp) -> Result<usize, StoreError> {
        let mut cleared = 0;
        for name in self.documents().list(&self.paths.spent_dir())? {
            let Ok(id) = name.parse::<PermissionId>() else { continue };
            let key = self.paths.spent(&id);
            // One that cannot be read stays.
            let Ok(Some(mark)) = self.documents().get(&key) else { continue };
            let until = mark.text.lines().nth(1).and_then(|line| line.strip_prefix(UNTIL)?.parse::<Timestamp>().ok());
            if until.is_some_and(|until| now.since(until) > KEPT_SECONDS) {
                atomic::remove(key.path())?;
                cleared += 1;
            }
        }
        Ok(cleared)
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::store;
    use super::*;
    use crate::host::Grant;
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
    fn only_the_marks_of_choices_at_a_console_go_when_they_ended_long_ago() {
        let (_folder, store) = store("10.0.0.2-10.0.0.9");
        let sources = [PermissionSource::Menu, PermissionSource::Operator, PermissionSource::Rule];
        for (number, source) in (1..).zip(sources) {
            // A reason of several lines says no time.
            store
                .mark_used(&permission(number, source), "x\nchosen at the console until 1970-01-01T00:00:00Z")
                .unwrap();
        }
        let days = |days: i64| Timestamp::from_unix(days * 86_400);
        assert_eq!((store.clear_spent(days(-9)).unwrap(), store.clear_spent(days(7)).unwrap()), (0, 0));
        assert_eq!((store.clear_spent(days(8)).unwrap(), store.clear_spent(days(900)).unwrap()), (1, 0));
        let spent = |number: u8| store.is_spent(&PermissionId::from_random([number; 16])).unwrap();
        assert_eq!([spent(1), spent(2), spent(3)], [false, true, true]);
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
