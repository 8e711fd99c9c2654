// SPDX-License-Identifier: GPL-3.0-or-later
//! Permissions to install. Its mark ([`super::EndedMarks`]) says that a permission has ended, or the count of its refusals does.

mod prune;

use super::StoreError;
use super::ended_marks::EndedMarks;
use super::host_records::HostRecords;
use super::installed_marks::InstalledMarks;
use super::parts::Parts;
use super::permission_records::PermissionRecords;
use super::records::Key;
use super::refusals::Refusals;
use crate::host::{Permission, PermissionRef, PermissionSource};
use crate::types::{Line, MacAddr, Timestamp};

/// The permissions of a cluster.
#[derive(Debug, Clone, Copy)]
pub struct Permissions<'a> {
    parts: Parts<'a>,
}

impl<'a> Permissions<'a> {
    pub(super) fn new(parts: Parts<'a>) -> Self {
        Self { parts }
    }

    fn stored(self) -> PermissionRecords<'a> {
        PermissionRecords::new(self.parts.records)
    }

    fn marks(self) -> EndedMarks<'a> {
        EndedMarks::new(self.parts.records)
    }

    /// The permission of a host that is not used up: one that is current before one that is not, the operator's before the
    /// console's.
    ///
    /// # Errors
    /// When a file cannot be read or accepted; the caller then has none.
    pub fn get(self, mac: MacAddr, now: Timestamp) -> Result<Option<Permission>, StoreError> {
        let mut old = None;
        for found in self.stored().both(mac) {
            let Some(permission) = found? else { continue };
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

    /// The permission that an operator gave, or the one of a console, used up or not.
    ///
    /// # Errors
    /// When the file cannot be read or accepted.
    pub fn from_source(self, mac: MacAddr, source: PermissionSource) -> Result<Option<Permission>, StoreError> {
        self.stored().get(mac, source)
    }

    /// The permissions of both sources that have no mark, also old ones.
    ///
    /// # Errors
    /// When a file or a mark cannot be read or accepted.
    pub fn unmarked(self, mac: MacAddr) -> Result<Vec<Permission>, StoreError> {
        self.stored().unmarked(mac)
    }

    /// The same, and why each file or mark cannot be read or accepted; its permission is not among the first.
    pub fn unmarked_and_unreadable(self, mac: MacAddr) -> (Vec<Permission>, Vec<StoreError>) {
        self.stored().unmarked_and_unreadable(mac)
    }

    /// Whether a permission permits nothing any more: its mark says that it is used up, or it met too many refusals.
    ///
    /// # Errors
    /// When mark or count cannot be read; the caller then treats it as ended.
    pub fn is_ended(self, permission: &Permission) -> Result<bool, StoreError> {
        Ok(self.marks().exists(&permission.id)? || Refusals::new(self.parts).ended(permission)?)
    }

    /// Why it permits nothing any more; `None` where it may.
    ///
    /// # Errors
    /// When mark or count cannot be read.
    pub fn ended_why(self, permission: &Permission) -> Result<Option<String>, StoreError> {
        let refusals = Refusals::new(self.parts);
        Ok(match self.marks().why(&permission.id)? {
            Some(why) => Some(why),
            None if refusals.ended(permission)? => Some(refusals.describe_limit()),
            None => None,
        })
    }

    /// Marks a permission as used up, for good. Doing it again changes nothing.
    ///
    /// # Errors
    /// When the mark cannot be written.
    pub fn mark_used(self, permission: impl Into<PermissionRef>, why: &str) -> Result<(), StoreError> {
        self.marks().mark_used(&permission.into(), why)
    }

    /// Gives a permission; it replaces an older one. An operator's names the marks that its machine has now, and counts until
    /// the machine has others. The older one ends first, with a mark: a copy of its file counts no more. Returns it as it was given.
    ///
    /// # Errors
    /// When it cannot be written: in the folder of operators, when the caller is not root. When the marks cannot be read.
    pub fn give(self, permission: &Permission) -> Result<Permission, StoreError> {
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
        self.marks().require_place()?;
        self.end_replaced(&given)?;
        self.parts.records.put(&key, given.to_text().as_bytes())?;
        Ok(given)
    }

    /// One that could not be accepted permits nothing, and is overwritten. A choice at a console leaves no mark here: the network can
    /// make any number of them, each lasts an hour, and none of them wipes anything.
    fn end_replaced(self, by: &Permission) -> Result<(), StoreError> {
        if by.source != PermissionSource::Operator {
            return Ok(());
        }
        match self.from_source(by.mac, by.source) {
            Ok(Some(old)) if old.id != by.id && !self.is_ended(&old)? => {
                self.mark_used(&old, "another permission took its place")
            }
            Err(error) if !error.was_read() => Err(error),
            _ => Ok(()),
        }
    }

    /// The marks of a machine that an operator wants to install. One whose record alone says that it has a system gets its mark first:
    /// otherwise the mark would come with the first attempt, and end the permission.
    fn marks_of(self, mac: MacAddr, now: Timestamp) -> Result<Vec<Line>, StoreError> {
        let marks = InstalledMarks::new(self.parts);
        let host = HostRecords::new(self.parts.records).find(mac)?.map(|(host, _)| host);
        marks.require_readable(mac, host.as_ref())?;
        if let Some(host) = host.as_ref().filter(|host| host.state().has_system()) {
            marks.mark_host(host, now)?;
        }
        Ok(marks.installed(mac, host.as_ref())?.names())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::testing::{permission, stores};

    #[test]
    fn one_use_and_the_operator_before_the_console() {
        for (_folder, store) in stores("10.0.0.2-10.0.0.9") {
            let mac = "525400000001".parse().unwrap();
            let now = Timestamp::from_unix(5);
            assert_eq!(store.permissions().get(mac, now).unwrap(), None);
            let (menu, operator) = (permission(1, PermissionSource::Menu), permission(2, PermissionSource::Operator));
            store.permissions().give(&menu).unwrap();
            let operator = store.permissions().give(&operator).unwrap();
            assert_eq!(store.permissions().get(mac, now).unwrap().unwrap(), operator);
            let late = Timestamp::from_unix(10);
            assert_eq!(store.permissions().get(mac, late).unwrap().unwrap(), operator, "an old one is shown");
            let mut newer = menu.clone();
            newer.expires = Timestamp::from_unix(99);
            store.permissions().give(&newer).unwrap();
            assert_eq!(
                store.permissions().get(mac, late).unwrap().unwrap().source,
                PermissionSource::Menu,
                "and hides no newer choice"
            );
            store.permissions().give(&menu).unwrap();
            assert_eq!(store.ended_marks().why(&operator.id).unwrap(), None);
            store.permissions().mark_used(&operator, "installed").unwrap();
            store.permissions().mark_used(&operator, "again").unwrap();
            assert_eq!(
                store.ended_marks().why(&operator.id).unwrap().as_deref(),
                Some("installed"),
                "the first word stands"
            );
            let found = store.permissions().get(mac, now).unwrap().unwrap();
            assert_eq!(found, menu);
            assert!(found.require_blank && found.wipe.is_empty(), "a choice at the console never wipes anything");
            let written = store.records.text(&Key::permission(mac)).unwrap().unwrap().text;
            let forged = written.replace(operator.id.as_str(), &"c".repeat(32));
            store.records.put(&Key::menu_permission(mac), forged.as_bytes()).unwrap();
            let forged = store.permissions().get(mac, now).unwrap().unwrap();
            assert!(forged.require_blank && forged.wipe.is_empty(), "whatever its file says");
            store.permissions().give(&menu).unwrap();
            store.permissions().mark_used(&menu, "failed").unwrap();
            assert_eq!(store.permissions().get(mac, now).unwrap(), None);
        }
    }
}
