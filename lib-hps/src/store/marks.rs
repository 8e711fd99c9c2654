// SPDX-License-Identifier: GPL-3.0-or-later
//! The marks that machines were ever installed: `state/ever-installed/<mac>`, one line of time and cluster, and a third word
//! that says under which permission, or that only a list says so. They belong to machines, not to a cluster, and nothing takes one
//! away. What follows from them is said in one place, [`Installed`].

use super::records::Key;
use super::{Store, StoreError};
use crate::files::is_there;
use crate::host::{Attempt, Host, Installed, Mark};
use crate::types::{MacAddr, Timestamp};

impl Store {
    /// Whether a machine was ever installed, by all of its MACs and its record. A mark that is there and cannot be read says that it was.
    ///
    /// # Errors
    /// When a mark cannot be looked for, or its folder is missing. The caller must not take that for "never".
    pub fn installed(&self, mac: MacAddr, host: Option<&Host>) -> Result<Installed, StoreError> {
        let macs: Vec<MacAddr> = host.map_or_else(|| vec![mac], |host| host.macs().collect());
        let mut marks = Some(Vec::new());
        for mac in macs {
            let there = || matches!(is_there(self.paths.ever_installed(mac).path()), Ok(true));
            match self.ever_installed_mark(mac) {
                Ok(mark) => marks.iter_mut().for_each(|marks| marks.extend(mark.clone())),
                Err(_) if there() => marks = None,
                Err(error) => return Err(error),
            }
        }
        Ok(Installed::of(marks, host))
    }

    /// That each mark of a machine can be read. A permission names the marks that it was given after, so one that was given without
    /// having read them would be dead from its first moment.
    ///
    /// # Errors
    /// The mark that cannot be read.
    pub fn require_marks(&self, mac: MacAddr, host: Option<&Host>) -> Result<(), StoreError> {
        let macs: Vec<MacAddr> = host.map_or_else(|| vec![mac], |host| host.macs().collect());
        macs.into_iter().try_for_each(|mac| self.ever_installed_mark(mac).map(drop))
    }

    /// [`Store::installed`] for the host of a record.
    ///
    /// # Errors
    /// Those of [`Store::installed`].
    pub fn installed_host(&self, host: &Host) -> Result<Installed, StoreError> {
        self.installed(host.mac(), Some(host))
    }

    /// The mark of one MAC.
    ///
    /// # Errors
    /// When the mark cannot be read, or its folder is missing.
    pub fn ever_installed_mark(&self, mac: MacAddr) -> Result<Option<Mark>, StoreError> {
        Ok(self.records.text(&Key::installed_mark(mac))?.map(|mark| Mark::parse(&mark.text)))
    }

    /// Remembers for each MAC of a host that has no mark yet that it has a system; a mark that is there stays.
    ///
    /// # Errors
    /// When a mark cannot be read or written.
    pub fn mark_host_ever_installed(&self, host: &Host, now: Timestamp) -> Result<(), StoreError> {
        self.mark_host(host, &Mark::new(now, &self.cluster.name))
    }

    /// The same for a host of a list: its mark says that nobody reported it installed.
    ///
    /// # Errors
    /// When a mark cannot be read or written.
    pub fn mark_host_imported(&self, host: &Host, now: Timestamp) -> Result<(), StoreError> {
        self.mark_host(host, &Mark::of_import(now, &self.cluster.name))
    }

    pub(super) fn mark_host(&self, host: &Host, mark: &Mark) -> Result<(), StoreError> {
        for mac in host.macs() {
            if !self.installed(mac, None)?.ever() {
                self.mark(mac, mark)?;
            }
        }
        Ok(())
    }

    /// The end of an attempt that went well, before its record says so: the marks of the machine, then that of the permission.
    /// Whoever finds such an end calls this, and nothing else makes these marks. Doing it again makes what is missing.
    ///
    /// # Errors
    /// When a mark cannot be written.
    pub fn mark_ended_well(&self, host: &Host, attempt: &Attempt, now: Timestamp) -> Result<(), StoreError> {
        self.mark_installation(host, attempt, now)?;
        self.mark_used(attempt.permission_ref(), "installed")
    }

    /// Remembers for good that the installation of this attempt ended well: from here on every permission that the machine had
    /// before is dead, in whatever cluster or copy it lies. Doing it again changes nothing.
    ///
    /// # Errors
    /// When a mark cannot be written.
    pub(crate) fn mark_installation(&self, host: &Host, attempt: &Attempt, now: Timestamp) -> Result<(), StoreError> {
        let new = Mark::of_installation(now, &self.cluster.name, &attempt.permission);
        for mac in host.macs() {
            let is_it = |mark: &Mark| mark.permission() == Some(&attempt.permission);
            // One that cannot be read gets another in its place.
            if !self.ever_installed_mark(mac).is_ok_and(|mark| mark.as_ref().is_some_and(is_it)) {
                self.mark(mac, &new)?;
            }
        }
        Ok(())
    }

    /// Remembers for good that somebody says now that this host has a system. Permissions of before are dead, as after an installation.
    ///
    /// # Errors
    /// When a mark cannot be read or written.
    pub(super) fn mark_anew(&self, host: &Host, now: Timestamp) -> Result<(), StoreError> {
        let cluster = &self.cluster.name;
        let imported = self.installed_host(host)?.imported().is_some();
        let new = if imported { Mark::of_import(now, cluster) } else { Mark::new(now, cluster) };
        host.macs().try_for_each(|mac| self.mark(mac, &new))
    }

    /// Remembers for good that this machine was installed.
    ///
    /// # Errors
    /// When the mark cannot be written.
    pub fn mark_ever_installed(&self, mac: MacAddr, now: Timestamp) -> Result<(), StoreError> {
        self.mark(mac, &Mark::new(now, &self.cluster.name))
    }

    fn mark(&self, mac: MacAddr, mark: &Mark) -> Result<(), StoreError> {
        self.records.put(&Key::installed_mark(mac), format!("{}\n", mark.text()).as_bytes())
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::store;
    use super::*;

    #[test]
    fn what_a_list_says_is_told_apart_and_protects_all_the_same() {
        let (_folder, store) = store("10.0.0.2-10.0.0.9");
        let at = Timestamp::from_unix(5);
        let host = Host::new("525400000001".parse().unwrap(), at);
        let installed = || store.installed_host(&host).unwrap();
        assert_eq!((installed().imported(), installed().ever()), (None, false));
        store.mark_host_imported(&host, at).unwrap();
        assert_eq!((installed().imported(), installed().ever()), (Some(at), true));
        // An installer's word is the stronger one, and an import takes none back.
        store.mark_ever_installed(host.mac(), at).unwrap();
        store.mark_host_imported(&host, at).unwrap();
        assert_eq!(installed().imported(), None);
        std::fs::write(store.paths.ever_installed(host.mac()).path(), "?").unwrap();
        assert_eq!(installed().imported(), None, "an odd mark is none of a list");
        assert!(installed().ever());
    }
}
