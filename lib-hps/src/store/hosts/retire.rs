// SPDX-License-Identifier: GPL-3.0-or-later
//! A host leaves the site: nothing permits its installation any more, and after a time its name and address are free.
//! Its record, history and logs stay.

use super::Hosts;
use crate::host::{Edit, Host, HostState, Retirement, Who};
use crate::store::StoreError;
use crate::store::installed_marks::InstalledMarks;
use crate::store::permissions::Permissions;
use crate::types::{Line, MacAddr, Timestamp};

/// The word that the record of a retired host has, and nearly no other, in any form that a person may write.
const WORD: &str = "free_at";

impl Hosts<'_> {
    /// Retires a host. The mark comes first: with it every permission from before is dead. Retiring again changes until
    /// when the place is kept.
    ///
    /// # Errors
    /// [`StoreError::Edit`] for a host that is INSTALLING; the files.
    pub fn retire(
        self,
        mac: MacAddr,
        free_at: Timestamp,
        reason: &Line,
        who: &Who,
        now: Timestamp,
    ) -> Result<Host, StoreError> {
        // No installation begins between the check and the record.
        let _installation = self.lock_installation(mac)?;
        if let Some(host) = self.find(mac)? {
            refuse_installing(&host)?;
            InstalledMarks::new(self.parts).mark_retired(&host, now)?;
        }
        let reason = if reason.as_str().is_empty() { String::new() } else { format!(": {reason}") };
        let host = self.change(mac, who, now, |host| {
            refuse_installing(host)?;
            host.retired = Some(Retirement { at: host.retired.map_or(now, |before| before.at), free_at });
            Ok::<_, StoreError>(Some((
                Line::lossy("retired"),
                Some(Line::lossy(&format!("name and address are kept until {free_at}{reason}"))),
            )))
        })?;
        self.end_permissions(mac, "host retired")?;
        Ok(host)
    }

    /// Takes a host back. The mark stays: only an operator's permission installs it, and none that was given before.
    ///
    /// # Errors
    /// The files.
    pub fn take_back(self, mac: MacAddr, who: &Who, now: Timestamp) -> Result<Host, StoreError> {
        let _installation = self.lock_installation(mac)?;
        if self.find(mac)?.is_some_and(|host| host.retired.is_some()) {
            self.end_permissions(mac, "host was retired")?;
        }
        self.change(mac, who, now, |host| {
            Ok::<_, StoreError>(host.retired.take().map(|_| (Line::lossy("taken back"), None)))
        })
    }

    /// Another process may have given one after the marks were made. One that cannot be read permits nothing.
    fn end_permissions(self, mac: MacAddr, why: &str) -> Result<(), StoreError> {
        let permissions = Permissions::new(self.parts);
        let (unmarked, _unreadable) = permissions.unmarked_and_unreadable(mac);
        unmarked.iter().try_for_each(|permission| permissions.mark_used(permission, why))
    }

    /// The retired hosts whose time is over and that still have a name or an address. A record that cannot be read is
    /// none of them.
    ///
    /// # Errors
    /// When the folder cannot be read.
    pub fn places_over(self, now: Timestamp) -> Result<Vec<Host>, StoreError> {
        Ok(self
            .with_a_text(&[WORD])?
            .into_iter()
            .filter_map(|file| file.host.ok())
            .filter(|h| is_over(h, now))
            .collect())
    }

    /// Takes name and address from a retired host, and returns it. `None` if it is not one whose time is over any more.
    ///
    /// # Errors
    /// The files.
    pub fn free_place(self, mac: MacAddr, who: &Who, now: Timestamp) -> Result<Option<Host>, StoreError> {
        if !self.find(mac)?.is_some_and(|host| is_over(&host, now)) {
            return Ok(None);
        }
        let edit = Edit { name: Some(None), address: Some(None), ..Edit::default() };
        self.edit(mac, &edit, &Line::lossy("place freed"), who, now).map(Some)
    }
}

/// Whether nothing keeps the place of a host any more. An editor may have made it INSTALLING.
fn is_over(host: &Host, now: Timestamp) -> bool {
    host.retired.is_some_and(|retired| retired.free_at <= now)
        && host.state() != HostState::Installing
        && (host.name.is_some() || host.address.is_some())
}

fn refuse_installing(host: &Host) -> Result<(), StoreError> {
    if host.state() != HostState::Installing {
        return Ok(());
    }
    let problem = "is INSTALLING; if the installation is dead, set state=FAILED first".to_owned();
    Err(StoreError::Edit { host: host.label(), problem })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::host::{Event, PermissionSource};
    use crate::store::Role;
    use crate::store::testing::{permission, stores};
    use crate::types::HostType;

    #[test]
    fn a_retired_host_has_no_permission_and_its_place_is_free_later() {
        for (_folder, store) in stores("10.0.0.2-10.0.0.2") {
            let (hosts, who, at) = (store.hosts(), Who::operator("test", "root"), Timestamp::from_unix);
            let role = Role { host_type: HostType::SCH, profile: None, event: Event::Armed };
            let mac = |n: u8| -> MacAddr { format!("5254000000{n:02x}").parse().unwrap() };
            let host = store.allocations().allocate(mac(1), role, None, &[], &who, at(1)).unwrap();
            let old = store.permissions().give(&permission(1, PermissionSource::Operator)).unwrap();
            let host = hosts.retire(host.mac(), at(100), &Line::lossy("sold"), &who, at(10)).unwrap();
            assert_eq!(hosts.find(mac(1)).unwrap().unwrap(), host);
            let installed = store.installed_marks().installed_host(&host).unwrap();
            assert!(installed.ever());
            assert_eq!(store.permissions().get(mac(1), at(11)).unwrap(), None);
            let mut copy = host.clone();
            copy.retired = None;
            let installed = store.installed_marks().installed_host(&copy).unwrap();
            assert!(installed.objection(&old, Some(&copy), at(11)).is_some(), "nor in a copy of the cluster");

            let free = |now| -> Vec<Host> {
                let over = hosts.places_over(at(now)).unwrap();
                over.iter().filter_map(|host| hosts.free_place(host.mac(), &who, at(now)).unwrap()).collect()
            };
            assert_eq!(free(99), []);
            assert!(
                store.allocations().allocate(mac(2), role, None, &[], &who, at(99)).is_err(),
                "its address is kept"
            );
            let freed = free(100);
            assert!(freed.len() == 1 && freed[0].name.is_none() && freed[0].address.is_none(), "{freed:?}");
            assert_eq!(free(101), [], "once");
            let next = store.allocations().allocate(mac(2), role, None, &[], &who, at(101)).unwrap();
            assert_eq!((next.name, next.address), (host.name, host.address));

            let back = hosts.take_back(mac(1), &who, at(102)).unwrap();
            assert!(back.retired.is_none());
            assert!(store.installed_marks().installed_host(&back).unwrap().ever(), "its mark stays");
        }
    }

    #[test]
    fn a_host_that_is_being_installed_stays() {
        for (_folder, store) in stores("10.0.0.2-10.0.0.2") {
            let (hosts, who, at) = (store.hosts(), Who::operator("test", "root"), Timestamp::from_unix);
            let mac = "525400000001".parse().unwrap();
            let host = hosts.change(mac, &who, at(1), |host| {
                host.apply(Event::AnswerFetched, at(1)).unwrap();
                Ok::<_, StoreError>(Some((Line::lossy("test"), None)))
            });
            let refused = hosts.retire(host.unwrap().mac(), at(9), &Line::lossy(""), &who, at(2));
            assert!(matches!(refused, Err(StoreError::Edit { .. })), "{refused:?}");
            assert!(!store.installed_marks().installed(mac, None).unwrap().ever());
        }
    }

    #[test]
    fn an_installation_that_begins_at_the_same_time_is_not_cut_off() {
        for (_folder, store) in stores("10.0.0.2-10.0.0.2") {
            let (hosts, who, at) = (store.hosts(), Who::operator("test", "root"), Timestamp::from_unix);
            let mac = "525400000001".parse().unwrap();
            hosts.create(mac, &who, at(1)).unwrap();
            let beginning = hosts.lock_installation(mac).unwrap();
            std::thread::scope(|scope| {
                let retiring = scope.spawn(|| hosts.retire(mac, at(9), &Line::lossy(""), &who, at(2)));
                std::thread::sleep(std::time::Duration::from_millis(300));
                let begun = hosts.change(mac, &who, at(2), |host| {
                    host.apply(Event::AnswerFetched, at(2)).unwrap();
                    Ok::<_, StoreError>(Some((Line::lossy("test"), None)))
                });
                begun.unwrap();
                drop(beginning);
                let refused = retiring.join().unwrap();
                assert!(matches!(refused, Err(StoreError::Edit { .. })), "{refused:?}");
            });
            assert!(!store.installed_marks().installed(mac, None).unwrap().ever(), "its attempt still counts");
        }
    }
    /// As another process gives it, which looked at the record before the host was retired.
    #[test]
    fn a_permission_that_is_given_at_the_same_time_never_counts() {
        for (_folder, store) in stores("10.0.0.2-10.0.0.2") {
            let (hosts, who, at) = (store.hosts(), Who::operator("test", "root"), Timestamp::from_unix);
            let mac = permission(1, PermissionSource::Operator).mac;
            hosts.create(mac, &who, at(1)).unwrap();
            hosts.retire(mac, at(100), &Line::lossy(""), &who, at(2)).unwrap();
            store.permissions().give(&permission(1, PermissionSource::Operator)).unwrap();
            let counts = || {
                let host = hosts.find(mac).unwrap().unwrap();
                let permission = store.permissions().get(mac, at(3)).unwrap();
                let installed = store.installed_marks().installed_host(&host).unwrap();
                permission.is_some_and(|one| installed.objection(&one, Some(&host), at(3)).is_none())
            };
            assert!(!counts(), "while it is retired");
            hosts.take_back(mac, &who, at(3)).unwrap();
            assert!(!counts(), "nor after it was taken back");
        }
    }
}
