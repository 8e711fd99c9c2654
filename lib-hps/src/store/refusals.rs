// SPDX-License-Identifier: GPL-3.0-or-later
//! How many requests with a bad ticket or token a permission has met. Only hosts that may be installed are counted, and only up to
//! the limit, so that requests cannot fill the disk with refusals.
//!
//! The count decides. A permission that met [`max_refusals`](crate::config::InstallSettings::max_refusals) of them has ended from
//! the moment in which the last one was counted. Its mark in `state/spent/`, the reason in the record and the line of history follow;
//! a process that dies in between leaves them to the next refused request. So [`Permissions::is_ended`](super::Permissions::is_ended)
//! judges a permission, and the mark alone does not.

use super::StoreError;
use super::ended_marks::EndedMarks;
use super::parts::Parts;
use super::permission_records::PermissionRecords;
use super::records::{Key, Records};
use crate::host::{Permission, PermissionId};
use crate::types::MacAddr;

/// What the file of a host holds: `3 <permission>`. Older programs wrote the number alone, for any permission.
struct Count {
    number: u32,
    of: Option<PermissionId>,
}

impl Count {
    fn parse(text: &str) -> Option<Self> {
        let mut words = text.split_whitespace();
        let number = words.next()?.parse().ok()?;
        let of = words.next().map(str::parse).transpose().ok()?;
        Some(Self { number, of })
    }

    fn is_of(&self, id: &PermissionId) -> bool {
        self.of.as_ref().is_none_or(|of| of == id)
    }
}

/// The refused requests of the hosts.
#[derive(Debug, Clone, Copy)]
pub struct Refusals<'a> {
    records: &'a dyn Records,
    limit: u32,
}

impl<'a> Refusals<'a> {
    pub(super) fn new(parts: Parts<'a>) -> Self {
        Self { records: parts.records, limit: parts.cluster.install.max_refusals }
    }

    /// `20 requests with a bad ticket or token`.
    pub fn describe_limit(self) -> String {
        format!("{} requests with a bad ticket or token", self.limit)
    }

    /// Whether a permission met too many of them.
    pub(super) fn ended(self, permission: &Permission) -> Result<bool, StoreError> {
        let count = if self.limit == 0 { None } else { self.get(permission.mac)? };
        Ok(count.is_some_and(|count| count.number >= self.limit && count.is_of(&permission.id)))
    }

    fn get(self, mac: MacAddr) -> Result<Option<Count>, StoreError> {
        let Some(document) = self.records.text(&Key::refusals(mac))? else { return Ok(None) };
        self.parse(mac, &document.text).map(Some)
    }

    fn parse(self, mac: MacAddr, text: &str) -> Result<Count, StoreError> {
        let problem = "not a count of refused requests; remove it, and arm the host again";
        Count::parse(text).ok_or_else(|| StoreError::content(&self.records.locate(&Key::refusals(mac)), problem))
    }

    /// Counts one more against a permission, up to the limit, and returns the count.
    ///
    /// # Errors
    /// When it cannot be read or written.
    pub fn count(self, permission: &Permission, limit: u32) -> Result<u32, StoreError> {
        let key = Key::refusals(permission.mac);
        loop {
            let Some(document) = self.records.text(&key)? else {
                let first = format!("1 {}\n", permission.id);
                if self.records.create_if_absent(&key, first.as_bytes())?.is_done() {
                    return Ok(1);
                }
                continue;
            };
            let count = self.parse(permission.mac, &document.text)?;
            let next = if count.is_of(&permission.id) {
                if count.number >= limit {
                    return Ok(count.number);
                }
                count.number + 1
            } else {
                // This count alone ends the other permission, where it has no mark yet.
                if count.number >= limit {
                    self.mark_ended(permission.mac)?;
                }
                1
            };
            let text = format!("{next} {}\n", permission.id);
            if self.records.put_if_unchanged(&key, text.as_bytes(), &document.version)?.is_done() {
                return Ok(next);
            }
        }
    }

    /// Whether the count of a host has ended a permission that has no mark yet.
    ///
    /// # Errors
    /// When the count or a mark cannot be read.
    pub fn has_unmarked(self, mac: MacAddr) -> Result<bool, StoreError> {
        Ok(!self.unmarked(mac)?.is_empty())
    }

    /// Marks what the count of a host has ended. Doing it again changes nothing.
    ///
    /// # Errors
    /// When the count or a mark cannot be read, or the mark cannot be written.
    pub fn mark_ended(self, mac: MacAddr) -> Result<(), StoreError> {
        let why = format!("disarmed after {}", self.describe_limit());
        let marks = EndedMarks::new(self.records);
        let (files, _) = PermissionRecords::new(self.records).unmarked_and_unreadable(mac);
        for id in self.unmarked(mac)? {
            match files.iter().find(|permission| permission.id == id) {
                Some(permission) => marks.mark_used(&permission.into(), &why)?,
                // A rule's or a window's: its mark stays, since its id comes again.
                None => marks.mark_id(&id, &why)?,
            }
        }
        Ok(())
    }

    fn unmarked(self, mac: MacAddr) -> Result<Vec<PermissionId>, StoreError> {
        let Some(count) = self.get(mac)?.filter(|count| self.limit > 0 && count.number >= self.limit) else {
            return Ok(Vec::new());
        };
        Ok(match count.of {
            Some(id) if EndedMarks::new(self.records).exists(&id)? => Vec::new(),
            Some(id) => vec![id],
            None => {
                let unmarked = PermissionRecords::new(self.records).unmarked(mac)?;
                unmarked.into_iter().map(|permission| permission.id).collect()
            }
        })
    }

    /// The last count of a host, against any permission.
    ///
    /// # Errors
    /// When the count cannot be read.
    pub fn number(self, mac: MacAddr) -> Result<u32, StoreError> {
        Ok(self.get(mac)?.map_or(0, |count| count.number))
    }

    /// Counts from 0 again, for an operator who has looked and armed the host again. What the count ended stays ended.
    ///
    /// # Errors
    /// When what it ended cannot be marked, or the count cannot be removed.
    pub fn reset(self, armed: &Permission) -> Result<(), StoreError> {
        // What an older program counted names no permission: it ended the one that the new one replaced.
        if self.get(armed.mac)?.is_some_and(|count| count.of.is_some()) {
            self.mark_ended(armed.mac)?;
        }
        self.records.remove(&Key::refusals(armed.mac))
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::stores;
    use super::*;
    use crate::host::{Grant, PermissionSource};
    use crate::types::{HostType, Line, Timestamp};

    fn permission(n: u8) -> Permission {
        let grant = Grant {
            mac: "525400000001".parse().unwrap(),
            host_type: HostType::SCH,
            profile: None,
            distro: "x86_64-linux-debian-12".parse().unwrap(),
            wipe: Vec::new(),
            given_by: Line::lossy("root"),
            given_at: Timestamp::from_unix(0),
            expires: Timestamp::from_unix(100),
            reason: Line::lossy("test"),
        };
        Permission::new(PermissionId::from_random([n; 16]), PermissionSource::Operator, grant)
    }

    #[test]
    fn many_at_once_are_all_counted_and_the_count_ends() {
        for (_folder, store) in stores("10.0.0.2-10.0.0.9") {
            let one = permission(1);
            std::thread::scope(|scope| {
                for _ in 0..8 {
                    scope.spawn(|| store.refusals().count(&one, 20).unwrap());
                }
            });
            assert_eq!(store.refusals().number(one.mac).unwrap(), 8);
            for _ in 0..30 {
                store.refusals().count(&one, 20).unwrap();
            }
            assert_eq!(store.refusals().number(one.mac).unwrap(), 20);
            store.refusals().reset(&one).unwrap();
            assert_eq!(store.refusals().number(one.mac).unwrap(), 0);
        }
    }

    #[test]
    fn the_count_alone_ends_a_permission_and_the_next_one_is_counted_anew() {
        for (_folder, store) in stores("10.0.0.2-10.0.0.9") {
            let most = store.cluster.install.max_refusals;
            let (one, two) = (permission(1), permission(2));
            let now = Timestamp::from_unix(5);
            let one = store.permissions().give(&one).unwrap();
            for _ in 0..most {
                assert_eq!(store.permissions().get(one.mac, now).unwrap().as_ref(), Some(&one));
                store.refusals().count(&one, most).unwrap();
            }
            // Whoever counted the last one died here.
            assert!(!store.ended_marks().exists(&one.id).unwrap() && store.refusals().has_unmarked(one.mac).unwrap());
            assert_eq!(store.permissions().get(one.mac, now).unwrap(), None);
            assert!(store.permissions().ended_why(&one).unwrap().unwrap().contains("bad ticket or token"));
            let two = store.permissions().give(&two).unwrap();
            assert_eq!(store.permissions().get(one.mac, now).unwrap().as_ref(), Some(&two));
            assert_eq!(store.refusals().count(&two, most).unwrap(), 1);
            assert!(store.ended_marks().exists(&one.id).unwrap(), "its count is gone, and it has its mark");
            store.permissions().give(&one).unwrap();
            assert_eq!(store.permissions().get(one.mac, now).unwrap(), None);
        }
    }

    #[test]
    fn a_count_of_an_older_program_ends_what_is_there_until_the_host_is_armed_again() {
        for (_folder, store) in stores("10.0.0.2-10.0.0.9") {
            let (one, two) = (permission(1), permission(2));
            let now = Timestamp::from_unix(5);
            store.permissions().give(&one).unwrap();
            let write = |text: &str| store.records.put(&Key::refusals(one.mac), text.as_bytes()).unwrap();
            write("19\n");
            assert!(store.permissions().get(one.mac, now).unwrap().is_some());
            write("20\n");
            assert_eq!(store.permissions().get(one.mac, now).unwrap(), None);
            let two = store.permissions().give(&two).unwrap();
            store.refusals().reset(&two).unwrap();
            assert_eq!(store.permissions().get(one.mac, now).unwrap().as_ref(), Some(&two));
            write("many\n");
            assert!(
                store.permissions().get(one.mac, now).unwrap_err().to_string().contains("525400000001: not a count")
            );
        }
    }
}
