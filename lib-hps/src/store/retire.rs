// SPDX-License-Identifier: GPL-3.0-or-later
//! What permits nothing any more is taken away by root: permissions that are used up or have expired, and closed windows.
//!
//! That a permission is used up is a mark, which the web server's user makes and could take away again. Once the file is gone too, the
//! mark matters only for copies of the file. What it said is kept in the history of its host.

use super::records::Kind;
use super::{Store, StoreError};
use crate::files::{Folder, IoError};
use crate::host::{Dead, HistoryLine, Host, HostState, Permission, PermissionSource, Who};
use crate::types::{Line, MacAddr, Timestamp};
use std::path::Path;

/// How the history says it.
const REMOVED: &str = "permission removed";

impl Store {
    /// When root last took a permission of a host away, and what the history says of that permission.
    ///
    /// # Errors
    /// When the history cannot be read.
    pub fn removed_permission(&self, mac: MacAddr) -> Result<Option<(Timestamp, Line)>, StoreError> {
        let last = self.history(mac)?.into_iter().rev().find(|line| line.what.as_str() == REMOVED);
        Ok(last.and_then(|line| Some((line.at, line.note?))))
    }

    /// Takes them away. Only root can.
    ///
    /// # Errors
    /// When a folder, a file or a mark cannot be read, a file not be removed, or a history not be written; the others go
    /// nevertheless.
    pub fn retire_spent(&self, who: &Who, now: Timestamp) -> Result<(), StoreError> {
        let mut done = Ok(());
        for key in self.records.list(Kind::Permission)? {
            let Ok(mac) = key.name().parse::<MacAddr>() else { continue };
            done = done.and(self.retire_one(mac, who, now));
        }
        // One file that is not taken hides what the others say, and nothing is done then.
        match self.windows().all() {
            Ok(windows) => {
                for (window, _) in windows.iter().filter(|(window, closed)| closed.is_some() || window.closes <= now) {
                    done = done.and(self.windows().close(&window.id, "its time was over"));
                }
            }
            Err(error) => done = done.and(Err(error)),
        }
        done
    }

    fn retire_one(&self, mac: MacAddr, who: &Who, now: Timestamp) -> Result<(), StoreError> {
        let Some(permission) = self.permission_in(mac, PermissionSource::Operator)? else { return Ok(()) };
        let why = if self.is_ended(&permission)? {
            "used up"
        } else if permission.expires <= now {
            "expired"
        } else if self.is_older(&permission)? {
            "older than the last installation of its machine; host-state arm gives a new one"
        } else {
            return Ok(());
        };
        self.retire(&permission, why, who, now)
    }

    /// Whether the machine was installed after it was given.
    fn is_older(&self, permission: &Permission) -> Result<bool, StoreError> {
        // A record that cannot be read says nothing against the permission, and is found by itself.
        let Ok(host) = self.host(permission.mac) else { return Ok(false) };
        let installed = self.installed(permission.mac, host.as_ref())?;
        Ok(matches!(installed.outdates(permission, host.as_ref()), Some(Dead::Older(_) | Dead::MarkLost)))
    }

    fn retire(&self, permission: &Permission, why: &str, who: &Who, now: Timestamp) -> Result<(), StoreError> {
        let key = self.paths.permission(permission.mac);
        // A copy of the file may come back, and a clock go back.
        self.mark_used(permission, why)?;
        if !remove_if(key.path(), &permission.to_text()).map_err(IoError::instead("remove", key.path()))? {
            return Ok(());
        }
        let Permission { given_by, given_at, expires, reason, .. } = permission;
        // For the words of the history only.
        let host = self.host(permission.mac).unwrap_or_default();
        let state = host.as_ref().map_or(HostState::Unconfigured, Host::state);
        let reason = if reason.as_str().is_empty() { String::new() } else { format!(": {reason}") };
        let note = format!("{why}; given by {given_by} at {given_at} until {expires}{reason}");
        let what = Line::lossy(REMOVED);
        let line =
            HistoryLine { at: now, who: who.clone(), what, from: state, to: state, note: Some(Line::lossy(&note)) };
        self.append_history(host.as_ref().map_or(permission.mac, Host::mac), &line)
    }
}

/// Removes a file that still says this; another one, given meanwhile, is put back. No lock is taken: the web server's user could
/// hold it for ever.
fn remove_if(path: &Path, text: &str) -> Result<bool, IoError> {
    let (folder, name) = Folder::of(path)?;
    let aside = format!(".hps-{}.tmp", name.to_string_lossy());
    folder.rename(name, &aside)?;
    let path = path.with_file_name(&aside);
    let is_it = super::read_plain(&path, 1 << 20).map_err(IoError::during("read", &path))? == text.as_bytes();
    if !is_it {
        match folder.link(&aside, name) {
            Err(error) if error.kind() != std::io::ErrorKind::AlreadyExists => return Err(error),
            _ => {}
        }
    }
    folder.remove(&aside)?;
    folder.sync()?;
    Ok(is_it)
}

#[cfg(test)]
mod tests {
    use super::super::testing::store;
    use super::*;
    use crate::config::Rule;
    use crate::host::{Grant, PermissionId, Window};
    use crate::types::HostType;

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_unix(seconds)
    }

    fn give(store: &Store, n: u8, expires: i64) -> Permission {
        let grant = Grant {
            mac: format!("5254000000{n:02x}").parse().unwrap(),
            host_type: HostType::Sch,
            profile: None,
            distro: "x86_64-linux-debian-12".parse().unwrap(),
            wipe: vec!["QM1".parse().unwrap()],
            given_by: Line::lossy("anna with host-state"),
            given_at: at(0),
            expires: at(expires),
            reason: Line::lossy("new disk"),
        };
        let permission = Permission::new(PermissionId::from_random([n; 16]), PermissionSource::Operator, grant);
        store.give_permission(&permission).unwrap()
    }

    #[test]
    fn a_permission_that_was_used_does_not_come_back_with_its_mark() {
        let (_folder, store) = store("10.0.0.2-10.0.0.9");
        let (used, old, good) = (give(&store, 1, 100), give(&store, 2, 10), give(&store, 3, 100));
        store.mark_used(&used, "installed").unwrap();
        let who = Who::operator("test", "root");
        // A history that cannot be written keeps nothing.
        let blocked = store.paths.history(old.mac);
        std::fs::create_dir(&blocked).unwrap();
        assert!(store.retire_spent(&who, at(20)).is_err());
        std::fs::remove_dir(&blocked).unwrap();
        // As whoever has become the web server's user would.
        std::fs::remove_file(store.paths.spent(&used.id).path()).unwrap();
        assert_eq!(store.permission(used.mac, at(30)).unwrap(), None);
        assert_eq!(store.permission(old.mac, at(5)).unwrap(), None);
        assert_eq!(store.permission(good.mac, at(30)).unwrap().unwrap(), good);
        let line = store.history(used.mac).unwrap().pop().unwrap();
        let note = line.note.unwrap();
        for part in ["used up", "anna with host-state", "new disk"] {
            assert!(note.as_str().contains(part), "{note}");
        }
        let other = give(&store, 4, 10);
        store.retire_spent(&who, at(20)).unwrap();
        assert!(store.history(other.mac).unwrap()[0].note.as_ref().unwrap().as_str().starts_with("expired"));
        store.retire_spent(&who, at(20)).unwrap();
        assert_eq!(store.history(used.mac).unwrap().len(), 1, "it is said once");
        let names = std::fs::read_dir(store.paths.permissions_dir()).unwrap().count();
        assert_eq!(names, 2, "the windows, and the one that counts");
    }

    #[test]
    fn one_that_was_given_meanwhile_stays() {
        let (_folder, store) = store("10.0.0.2-10.0.0.9");
        let permission = give(&store, 1, 100);
        let path = store.paths.permission(permission.mac);
        assert!(!remove_if(path.path(), "what was read before").unwrap());
        assert_eq!(store.permission(permission.mac, at(5)).unwrap().unwrap(), permission);
    }

    #[test]
    fn a_window_that_closed_goes() {
        let (_folder, store) = store("10.0.0.2-10.0.0.9");
        let rule: Rule = toml::from_str("name = \"w\"\ntype = \"SCH\"\n").unwrap();
        for (n, closes) in [(1, 10), (2, 100)] {
            let id = PermissionId::from_random([n; 16]);
            store.windows().open(&Window::new(id, rule.clone(), Line::lossy("root"), at(0), at(closes))).unwrap();
        }
        store.retire_spent(&Who::operator("test", "root"), at(20)).unwrap();
        let left: Vec<Timestamp> = store.windows().not_closed().unwrap().iter().map(|w| w.closes).collect();
        assert_eq!(left, [at(100)]);
    }
}
