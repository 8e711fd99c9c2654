// SPDX-License-Identifier: GPL-3.0-or-later
//! How the permissions of a host are found and read: two places, one that only root writes and one for choices at a console.

use super::StoreError;
use super::ended_marks::EndedMarks;
use super::records::{Key, Records};
use crate::host::{Permission, PermissionSource};
use crate::types::MacAddr;

/// The records of permissions.
#[derive(Debug, Clone, Copy)]
pub(super) struct PermissionRecords<'a>(&'a dyn Records);

impl<'a> PermissionRecords<'a> {
    pub(super) fn new(records: &'a dyn Records) -> Self {
        Self(records)
    }

    /// The permission in one of the places, used up or not.
    pub(super) fn get(self, mac: MacAddr, source: PermissionSource) -> Result<Option<Permission>, StoreError> {
        let key = match source {
            PermissionSource::Operator => Key::permission(mac),
            PermissionSource::Menu => Key::menu_permission(mac),
            // What follows from a rule is never written.
            PermissionSource::Rule => return Ok(None),
        };
        let Some(document) = self.0.text(&key)? else { return Ok(None) };
        let permission =
            Permission::parse(&document.text, source).map_err(|e| StoreError::content(&self.0.locate(&key), e))?;
        if permission.mac != mac {
            return Err(StoreError::content(
                &self.0.locate(&key),
                format!("mac is {}: expected {mac}, as the file is called", permission.mac),
            ));
        }
        Ok(Some(permission))
    }

    /// The operator's before the console's; `None` in each place that holds none. A place is read when the caller comes to it.
    pub(super) fn both(self, mac: MacAddr) -> impl Iterator<Item = Result<Option<Permission>, StoreError>> {
        [PermissionSource::Operator, PermissionSource::Menu].into_iter().map(move |source| self.get(mac, source))
    }

    /// The permissions of both places that have no mark, also old ones. And why each file or mark cannot be read or accepted; its
    /// permission is not among the first.
    pub(super) fn unmarked_and_unreadable(self, mac: MacAddr) -> (Vec<Permission>, Vec<StoreError>) {
        let (mut unmarked, mut bad) = (Vec::new(), Vec::new());
        for found in self.both(mac) {
            let found = found.and_then(|found| {
                let Some(permission) = found else { return Ok(None) };
                Ok(if EndedMarks::new(self.0).exists(&permission.id)? { None } else { Some(permission) })
            });
            match found {
                Ok(found) => unmarked.extend(found),
                Err(error) => bad.push(error),
            }
        }
        (unmarked, bad)
    }

    /// The permissions of both places that have no mark, also old ones.
    pub(super) fn unmarked(self, mac: MacAddr) -> Result<Vec<Permission>, StoreError> {
        let (unmarked, bad) = self.unmarked_and_unreadable(mac);
        bad.into_iter().next().map_or(Ok(unmarked), Err)
    }

    /// The same for a caller that removes the files too: a file that was read and is no permission permits nothing, and goes. So
    /// does one whose mark was read and is none.
    pub(super) fn unmarked_or_no_permission(self, mac: MacAddr) -> Result<Vec<Permission>, StoreError> {
        let (unmarked, bad) = self.unmarked_and_unreadable(mac);
        let unread = bad.into_iter().find(|error| !error.was_read());
        unread.map_or(Ok(unmarked), Err)
    }
}
