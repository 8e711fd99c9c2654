// SPDX-License-Identifier: GPL-3.0-or-later
//! Root removes what permits nothing any more: permissions that are used up or have expired, and closed windows.
//!
//! That a permission is used up is a mark, which the web server's user makes and could remove. Once the file is gone too, the
//! mark matters only for copies of the file. What the permission said is kept in the history of its host.

use super::Permissions;
use crate::files::{Folder, IoError};
use crate::host::{Dead, HistoryLine, Host, HostState, Permission, PermissionSource, Who};
use crate::store::host_records::HostRecords;
use crate::store::installed_marks::InstalledMarks;
use crate::store::journal::Journal;
use crate::store::records::{Kind, MAX_VALUE_BYTES};
use crate::store::windows::Windows;
use crate::store::{StoreError, documents, read_plain};
use crate::types::{Line, MacAddr, Timestamp};
use std::path::Path;

/// How the history says it.
const REMOVED: &str = "permission removed";
/// Below a cluster's folder, what permits an installation or an erase.
const PERMITTING_DIRS: [&str; 4] = ["permissions", "permissions/windows", "permissions/erase", "menu-permissions"];

impl Permissions<'_> {
    /// When root last pruned a permission of a host, and what the history says of that permission.
    ///
    /// # Errors
    /// When the history cannot be read.
    pub fn last_pruned(self, mac: MacAddr) -> Result<Option<(Timestamp, Line)>, StoreError> {
        let history = Journal::new(self.parts).history(mac)?;
        let last = history.into_iter().rev().find(|line| line.what.as_str() == REMOVED);
        Ok(last.and_then(|line| Some((line.at, line.note?))))
    }

    /// Removes permissions that are used up or have expired, and closed windows. Only root can.
    ///
    /// # Errors
    /// When a folder, a file or a mark cannot be read, a file cannot be removed, or a history cannot be written. The others go
    /// nevertheless.
    pub fn prune(self, who: &Who, now: Timestamp) -> Result<(), StoreError> {
        let mut done = Ok(());
        for key in self.parts.records.list(Kind::Permission)? {
            let Ok(mac) = key.name().parse::<MacAddr>() else { continue };
            done = done.and(self.prune_of(mac, who, now));
        }
        // If one file cannot be accepted, HPS does not know what the others say, and removes none.
        let windows = Windows::new(self.parts.records);
        match windows.all() {
            Ok(all) => {
                for (window, _) in all.iter().filter(|(window, closed)| closed.is_some() || window.closes <= now) {
                    done = done.and(windows.close(&window.id, "its time was over"));
                }
            }
            Err(error) => done = done.and(Err(error)),
        }
        done
    }

    fn prune_of(self, mac: MacAddr, who: &Who, now: Timestamp) -> Result<(), StoreError> {
        let Some(permission) = self.from_source(mac, PermissionSource::Operator)? else { return Ok(()) };
        let why = if self.is_ended(&permission)? {
            "ended"
        } else if permission.expires <= now {
            "expired"
        } else if self.is_older(&permission)? {
            "older than the last installation of its machine; host-state arm gives a new one"
        } else {
            return Ok(());
        };
        self.remove(&permission, why, who, now)
    }

    /// Whether the machine was installed after it was given.
    fn is_older(self, permission: &Permission) -> Result<bool, StoreError> {
        // A record that cannot be read says nothing against the permission; host-state check reports it.
        let Ok(host) = self.host(permission.mac) else { return Ok(false) };
        let installed = InstalledMarks::new(self.parts).installed(permission.mac, host.as_ref())?;
        Ok(matches!(installed.outdates(permission, host.as_ref()), Some(Dead::Older(_) | Dead::MarkLost)))
    }

    fn remove(self, permission: &Permission, why: &str, who: &Who, now: Timestamp) -> Result<(), StoreError> {
        let file = self.parts.paths.permission(permission.mac);
        // A copy of the file may come back, and a clock go back.
        self.mark_used(permission, why)?;
        if !remove_if(file.path(), &permission.to_text()).map_err(IoError::instead("remove", file.path()))? {
            return Ok(());
        }
        let Permission { given_by, given_at, expires, reason, .. } = permission;
        // For the words of the history only.
        let host = self.host(permission.mac).unwrap_or_default();
        let state = host.as_ref().map_or(HostState::Unconfigured, Host::state);
        let reason = if reason.as_str().is_empty() { String::new() } else { format!(": {reason}") };
        let note = format!("{why}; given by {given_by} at {given_at} until {expires}{reason}");
        let what = Line::lossy(REMOVED);
        let line = HistoryLine::new(now, who.clone(), what, state, state, Some(Line::lossy(&note)));
        Journal::new(self.parts).append(host.as_ref().map_or(permission.mac, Host::mac), &line)
    }

    fn host(self, mac: MacAddr) -> Result<Option<Host>, StoreError> {
        Ok(HostRecords::new(self.parts.records).find(mac)?.map(|(host, _)| host))
    }

    /// Removes the permissions and windows of all clusters, and returns how many: without the marks HPS does not know which of them
    /// had ended. A folder of marks that is made after this revives none of them.
    ///
    /// # Errors
    /// When a folder cannot be read, or a file cannot be removed.
    pub fn remove_all(self) -> Result<usize, StoreError> {
        let mut removed = 0;
        for cluster in self.parts.paths.cluster_dirs()? {
            for folder in PERMITTING_DIRS.map(|name| cluster.join(name)) {
                for name in documents::list_where_there(&folder)? {
                    if name.ends_with(".toml") {
                        documents::remove_any(&folder.join(name))?;
                        removed += 1;
                    }
                }
            }
        }
        Ok(removed)
    }
}

/// Removes a file that still says this; another one, given meanwhile, is put back. This needs no lock.
fn remove_if(path: &Path, text: &str) -> Result<bool, IoError> {
    let (folder, name) = Folder::open_parent(path)?;
    let aside = format!(".hps-{}.tmp", name.to_string_lossy());
    folder.rename(name, &aside)?;
    let path = path.with_file_name(&aside);
    let is_it = read_plain(&path, MAX_VALUE_BYTES).map_err(IoError::during("read", &path))? == text.as_bytes();
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
    use super::*;
    use crate::config::Rule;
    use crate::host::{Grant, PermissionId, Window};
    use crate::store::Store;
    use crate::store::testing::store;
    use crate::types::HostType;

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_unix(seconds)
    }

    fn give(store: &Store, n: u8, expires: i64) -> Permission {
        let grant = Grant {
            mac: format!("5254000000{n:02x}").parse().unwrap(),
            host_type: HostType::SCH,
            profile: None,
            distro: "x86_64-linux-debian-12".parse().unwrap(),
            wipe: vec!["QM1".parse().unwrap()],
            given_by: Line::lossy("anna with host-state"),
            given_at: at(0),
            expires: at(expires),
            reason: Line::lossy("new disk"),
        };
        let permission = Permission::new(PermissionId::from_random([n; 16]), PermissionSource::Operator, grant);
        store.permissions().give(&permission).unwrap()
    }

    #[test]
    fn a_permission_that_was_used_does_not_come_back_with_its_mark() {
        let (_folder, store) = store("10.0.0.2-10.0.0.9");
        let (used, old, good) = (give(&store, 1, 100), give(&store, 2, 10), give(&store, 3, 100));
        store.permissions().mark_used(&used, "installed").unwrap();
        let who = Who::operator("test", "root");
        // A history that cannot be written keeps nothing.
        let blocked = store.paths.history(old.mac);
        std::fs::create_dir(&blocked).unwrap();
        assert!(store.permissions().prune(&who, at(20)).is_err());
        std::fs::remove_dir(&blocked).unwrap();
        // As an attacker with the web server's user could.
        std::fs::remove_file(store.paths.spent(&used.id).path()).unwrap();
        assert_eq!(store.permissions().get(used.mac, at(30)).unwrap(), None);
        assert_eq!(store.permissions().get(old.mac, at(5)).unwrap(), None);
        assert_eq!(store.permissions().get(good.mac, at(30)).unwrap().unwrap(), good);
        let line = store.journal().history(used.mac).unwrap().pop().unwrap();
        let note = line.note.unwrap();
        for part in ["ended", "anna with host-state", "new disk"] {
            assert!(note.as_str().contains(part), "{note}");
        }
        let other = give(&store, 4, 10);
        store.permissions().prune(&who, at(20)).unwrap();
        assert!(store.journal().history(other.mac).unwrap()[0].note.as_ref().unwrap().as_str().starts_with("expired"));
        store.permissions().prune(&who, at(20)).unwrap();
        assert_eq!(store.journal().history(used.mac).unwrap().len(), 1, "it is said once");
        let names = std::fs::read_dir(store.paths.permissions_dir()).unwrap().count();
        assert_eq!(names, 2, "the windows, and the one that counts");
    }

    #[test]
    fn one_that_was_given_meanwhile_stays() {
        let (_folder, store) = store("10.0.0.2-10.0.0.9");
        let permission = give(&store, 1, 100);
        let path = store.paths.permission(permission.mac);
        assert!(!remove_if(path.path(), "what was read before").unwrap());
        assert_eq!(store.permissions().get(permission.mac, at(5)).unwrap().unwrap(), permission);
    }

    #[test]
    fn a_window_that_closed_goes() {
        let (_folder, store) = store("10.0.0.2-10.0.0.9");
        let rule: Rule = toml::from_str("name = \"w\"\ntype = \"SCH\"\n").unwrap();
        for (n, closes) in [(1, 10), (2, 100)] {
            let id = PermissionId::from_random([n; 16]);
            store.windows().open(&Window::new(id, rule.clone(), Line::lossy("root"), at(0), at(closes))).unwrap();
        }
        store.permissions().prune(&Who::operator("test", "root"), at(20)).unwrap();
        let left: Vec<Timestamp> = store.windows().not_closed().unwrap().iter().map(|w| w.closes).collect();
        assert_eq!(left, [at(100)]);
    }
}
