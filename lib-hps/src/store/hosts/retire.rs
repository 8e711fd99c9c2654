// SPDX-License-Identifier: GPL-3.0-or-later
//! A host leaves the site: nothing permits its installation any more, and after a time its name and address are free.
//! Its record, history and logs stay.

use super::Hosts;
use crate::host::{Edit, Host, HostState, Retirement, Who};
use crate::store::StoreError;
use crate::store::installed_marks::InstalledMarks;
use crate::types::{Line, MacAddr, Timestamp};

/// The word that the record of a retired host has, and nearly no other.
const TABLE: &str = "[retired]";

impl Hosts<'_> {
    /// Retires a host. The mark comes first: with it every permission from before is dead. Retiring again changes until
    /// when the place is kept.
    ///
    /// # Errors
    /// [`StoreError::Edit`] for a host that is INSTALLING; the files.
    pub fn retire(
        self,
        host: &Host,
        free_at: Timestamp,
        reason: &Line,
        who: &Who,
        now: Timestamp,
    ) -> Result<Host, StoreError> {
        let refuse = |host: &Host| {
            let problem = "is INSTALLING; if the installation is dead, set state=FAILED first".to_owned();
            StoreError::Edit { host: host.label(), problem }
        };
        if host.state() == HostState::Installing {
            return Err(refuse(host));
        }
        InstalledMarks::new(self.parts).mark_retired(host, now)?;
        let reason = if reason.as_str().is_empty() { String::new() } else { format!(": {reason}") };
        self.change(host.mac(), who, now, |host| {
            if host.state() == HostState::Installing {
                return Err(refuse(host));
            }
            host.retired = Some(Retirement { at: host.retired.map_or(now, |before| before.at), free_at });
            Ok(Some((
                Line::lossy("retired"),
                Some(Line::lossy(&format!("name and address are kept until {free_at}{reason}"))),
            )))
        })
    }

    /// Takes a host back. The mark stays: only an operator's permission installs it.
    ///
    /// # Errors
    /// The files.
    pub fn take_back(self, mac: MacAddr, who: &Who, now: Timestamp) -> Result<Host, StoreError> {
        self.change(mac, who, now, |host| {
            Ok::<_, StoreError>(host.retired.take().map(|_| (Line::lossy("taken back"), None)))
        })
    }

    /// Takes name and address from the retired hosts whose time is over, and returns these hosts. A record that cannot be
    /// read frees nothing.
    ///
    /// # Errors
    /// The files.
    pub fn free_retired(self, who: &Who, now: Timestamp) -> Result<Vec<Host>, StoreError> {
        let is_over = |host: &Host| {
            let is_over = host.retired.is_some_and(|retired| retired.free_at <= now);
            is_over && (host.name.is_some() || host.address.is_some())
        };
        let over = self.with_a_text(&[TABLE])?.into_iter().filter_map(|file| file.host.ok()).filter(is_over);
        let edit = Edit { name: Some(None), address: Some(None), ..Edit::default() };
        over.map(|host| self.edit(host.mac(), &edit, &Line::lossy("place freed"), who, now)).collect()
    }
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
            let role = Role { host_type: HostType::Sch, profile: None, event: Event::Armed };
            let mac = |n: u8| -> MacAddr { format!("5254000000{n:02x}").parse().unwrap() };
            let host = store.allocations().allocate(mac(1), role, None, &[], &who, at(1)).unwrap();
            store.permissions().give(&permission(1, PermissionSource::Operator)).unwrap();
            let host = hosts.retire(&host, at(100), &Line::lossy("sold"), &who, at(10)).unwrap();
            assert_eq!(hosts.find(mac(1)).unwrap().unwrap(), host);
            let installed = store.installed_marks().installed_host(&host).unwrap();
            assert!(installed.ever());
            let old = store.permissions().get(mac(1), at(11)).unwrap().unwrap();
            assert!(installed.objection(&old, Some(&host), at(11)).is_some());

            assert_eq!(hosts.free_retired(&who, at(99)).unwrap(), []);
            assert!(
                store.allocations().allocate(mac(2), role, None, &[], &who, at(99)).is_err(),
                "its address is kept"
            );
            let freed = hosts.free_retired(&who, at(100)).unwrap();
            assert!(freed.len() == 1 && freed[0].name.is_none() && freed[0].address.is_none(), "{freed:?}");
            assert_eq!(hosts.free_retired(&who, at(101)).unwrap(), [], "once");
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
            let refused = hosts.retire(&host.unwrap(), at(9), &Line::lossy(""), &who, at(2));
            assert!(matches!(refused, Err(StoreError::Edit { .. })), "{refused:?}");
            assert!(!store.installed_marks().installed(mac, None).unwrap().ever());
        }
    }
}
