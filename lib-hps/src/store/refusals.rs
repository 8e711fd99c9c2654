// SPDX-License-Identifier: GPL-3.0-or-later
//! How many requests with a bad ticket or token a permission has met. Only hosts that may be installed are counted, and only up to
//! the limit, so that nobody can fill the disk with refusals.
//!
//! The count decides. A permission that met [`max_refusals`](crate::config::InstallSettings::max_refusals) of them has ended from
//! the moment in which the last one was counted; its mark in `state/spent/`, the reason in the record and the line of history follow, and
//! a process that dies in between leaves them to the next refused request. So whoever judges a permission asks [`Store::is_ended`],
//! and nobody the mark alone.

use super::records::Key;
use super::{Store, StoreError};
use crate::host::{Permission, PermissionId};
use crate::types::MacAddr;

/// What the file of a host holds: `3 <permission>`. Older programs wrote the number alone, for whatever permission there was.
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

impl Store {
    /// Whether a permission permits nothing any more: its mark says that it is used up, or it met too many refusals.
    ///
    /// # Errors
    /// When mark or count cannot be read; the caller then takes it as ended.
    pub fn is_ended(&self, permission: &Permission) -> Result<bool, StoreError> {
        Ok(self.is_spent(&permission.id)? || self.met_too_many(permission)?)
    }

    /// Why it permits nothing any more; none where it may.
    ///
    /// # Errors
    /// When mark or count cannot be read.
    pub fn ended_why(&self, permission: &Permission) -> Result<Option<String>, StoreError> {
        Ok(match self.spent_why(&permission.id)? {
            Some(why) => Some(why),
            None if self.met_too_many(permission)? => Some(self.refused_too_often()),
            None => None,
        })
    }

    /// `20 requests with a bad ticket or token`.
    pub fn refused_too_often(&self) -> String {
        format!("{} requests with a bad ticket or token", self.cluster.install.max_refusals)
    }

    fn met_too_many(&self, permission: &Permission) -> Result<bool, StoreError> {
        let most = self.cluster.install.max_refusals;
        let count = if most == 0 { None } else { self.count(permission.mac)? };
        Ok(count.is_some_and(|count| count.number >= most && count.is_of(&permission.id)))
    }

    fn count(&self, mac: MacAddr) -> Result<Option<Count>, StoreError> {
        let Some(document) = self.records.text(&Key::refusals(mac))? else { return Ok(None) };
        self.count_in(mac, &document.text).map(Some)
    }

    fn count_in(&self, mac: MacAddr, text: &str) -> Result<Count, StoreError> {
        let problem = "not a count of refused requests; remove it, and arm the host again";
        Count::parse(text).ok_or_else(|| StoreError::content(&self.records.locate(&Key::refusals(mac)), problem))
    }

    /// Counts one more against a permission, up to the limit, and returns the count.
    ///
    /// # Errors
    /// When it cannot be read or written.
    pub fn count_refusal(&self, permission: &Permission, most: u32) -> Result<u32, StoreError> {
        let key = Key::refusals(permission.mac);
        loop {
            let Some(document) = self.records.text(&key)? else {
                let first = format!("1 {}\n", permission.id);
                if self.records.create_if_absent(&key, first.as_bytes())?.is_done() {
                    return Ok(1);
                }
                continue;
            };
            let count = self.count_in(permission.mac, &document.text)?;
            let next = if count.is_of(&permission.id) {
                if count.number >= most {
                    return Ok(count.number);
                }
                count.number + 1
            } else {
                // This count is the only thing that ends the other permission, where nobody has marked it yet.
                if count.number >= most {
                    self.mark_refused(permission.mac)?;
                }
                1
            };
            let text = format!("{next} {}\n", permission.id);
            if self.records.put_if_unchanged(&key, text.as_bytes(), &document.version)?.is_done() {
                return Ok(next);
            }
        }
    }

    /// Whether the count of a host has ended a permission that nobody has marked yet.
    ///
    /// # Errors
    /// When the count or a mark cannot be read.
    pub fn has_unmarked_refusals(&self, mac: MacAddr) -> Result<bool, StoreError> {
        Ok(!self.refused_and_unmarked(mac)?.is_empty())
    }

    /// Marks what the count of a host has ended. Doing it again changes nothing.
    ///
    /// # Errors
    /// When the count or a mark cannot be read, or the mark cannot be written.
    pub fn mark_refused(&self, mac: MacAddr) -> Result<(), StoreError> {
        let why = format!("disarmed after {}", self.refused_too_often());
        let (files, _) = self.unspent_and_unreadable(mac);
        for id in self.refused_and_unmarked(mac)? {
            match files.iter().find(|permission| permission.id == id) {
                Some(permission) => self.mark_used(permission, &why)?,
                // A rule's or a window's: its mark stays, since its id comes again.
                None => self.mark_id(&id, &why)?,
            }
        }
        Ok(())
    }

    fn refused_and_unmarked(&self, mac: MacAddr) -> Result<Vec<PermissionId>, StoreError> {
        let most = self.cluster.install.max_refusals;
        let Some(count) = self.count(mac)?.filter(|count| most > 0 && count.number >= most) else {
            return Ok(Vec::new());
        };
        Ok(match count.of {
            Some(id) if self.is_spent(&id)? => Vec::new(),
            Some(id) => vec![id],
            None => self.unspent_permissions(mac)?.into_iter().map(|permission| permission.id).collect(),
        })
    }

    /// How many were counted last, against whatever permission.
    ///
    /// # Errors
    /// When the count cannot be read.
    pub fn refusals(&self, mac: MacAddr) -> Result<u32, StoreError> {
        Ok(self.count(mac)?.map_or(0, |count| count.number))
    }

    /// Begins to count anew, for an operator who has looked and armed the host again. What the count ended stays ended.
    ///
    /// # Errors
    /// When what it ended cannot be marked, or the count cannot be removed.
    pub fn reset_refusals(&self, armed: &Permission) -> Result<(), StoreError> {
        // What an older program counted names no permission: it ended the one whose place the new one took.
        if self.count(armed.mac)?.is_some_and(|count| count.of.is_some()) {
            self.mark_refused(armed.mac)?;
        }
        self.records.remove(&Key::refusals(armed.mac))
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::store;
    use super::*;
    use crate::host::{Grant, PermissionSource};
    use crate::types::{HostType, Line, Timestamp};

    fn permission(n: u8) -> Permission {
        let grant = Grant {
            mac: "525400000001".parse().unwrap(),
            host_type: HostType::Sch,
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
        let (_folder, store) = store("10.0.0.2-10.0.0.9");
        let one = permission(1);
        std::thread::scope(|scope| {
            for _ in 0..8 {
                scope.spawn(|| store.count_refusal(&one, 20).unwrap());
            }
        });
        assert_eq!(store.refusals(one.mac).unwrap(), 8);
        for _ in 0..30 {
            store.count_refusal(&one, 20).unwrap();
        }
        assert_eq!(store.refusals(one.mac).unwrap(), 20);
        store.reset_refusals(&one).unwrap();
        assert_eq!(store.refusals(one.mac).unwrap(), 0);
    }

    #[test]
    fn the_count_alone_ends_a_permission_and_the_next_one_is_counted_anew() {
        let (_folder, store) = store("10.0.0.2-10.0.0.9");
        let most = store.cluster.install.max_refusals;
        let (one, two) = (permission(1), permission(2));
        let now = Timestamp::from_unix(5);
        let one = store.give_permission(&one).unwrap();
        for _ in 0..most {
            assert_eq!(store.permission(one.mac, now).unwrap().as_ref(), Some(&one));
            store.count_refusal(&one, most).unwrap();
        }
        // Whoever counted the last one died here.
        assert!(!store.is_spent(&one.id).unwrap() && store.has_unmarked_refusals(one.mac).unwrap());
        assert_eq!(store.permission(one.mac, now).unwrap(), None);
        assert!(store.ended_why(&one).unwrap().unwrap().contains("bad ticket or token"));
        let two = store.give_permission(&two).unwrap();
        assert_eq!(store.permission(one.mac, now).unwrap().as_ref(), Some(&two));
        assert_eq!(store.count_refusal(&two, most).unwrap(), 1);
        assert!(store.is_spent(&one.id).unwrap(), "its count is gone, and it has its mark");
        store.give_permission(&one).unwrap();
        assert_eq!(store.permission(one.mac, now).unwrap(), None);
    }

    #[test]
    fn a_count_of_an_older_program_ends_what_is_there_until_the_host_is_armed_again() {
        let (_folder, store) = store("10.0.0.2-10.0.0.9");
        let (one, two) = (permission(1), permission(2));
        let now = Timestamp::from_unix(5);
        store.give_permission(&one).unwrap();
        let file = store.paths.refusals(one.mac);
        std::fs::write(file.path(), "19\n").unwrap();
        assert!(store.permission(one.mac, now).unwrap().is_some());
        std::fs::write(file.path(), "20\n").unwrap();
        assert_eq!(store.permission(one.mac, now).unwrap(), None);
        let two = store.give_permission(&two).unwrap();
        store.reset_refusals(&two).unwrap();
        assert_eq!(store.permission(one.mac, now).unwrap().as_ref(), Some(&two));
        std::fs::write(file.path(), "many\n").unwrap();
        assert!(store.permission(one.mac, now).unwrap_err().to_string().contains("refusals/525400000001"));
    }
}
