// SPDX-License-Identifier: GPL-3.0-or-later
//! The marks that machines were ever installed: `state/ever-installed/<mac>`, one line of time and cluster, and a third word
//! that says under which permission, or that only a list says so.
//!
//! They belong to machines, not to a cluster, and no request removes one. [`Installed`] says what follows from them.

use super::StoreError;
use super::ended_marks::EndedMarks;
use super::parts::Parts;
use super::records::{Key, Kind, Records};
use crate::host::{Attempt, Host, Installed, Mark};
use crate::types::{ClusterName, MacAddr, Timestamp};

/// The marks that machines were ever installed.
#[derive(Debug, Clone, Copy)]
pub struct InstalledMarks<'a> {
    records: &'a dyn Records,
    cluster: &'a ClusterName,
}

impl<'a> InstalledMarks<'a> {
    pub(super) fn new(parts: Parts<'a>) -> Self {
        Self { records: parts.records, cluster: &parts.cluster.name }
    }

    /// Whether a machine was ever installed, by all of its MACs and its record. A mark that is there and cannot be read says that
    /// it was.
    ///
    /// # Errors
    /// When a mark cannot be looked for, or its folder is missing. The caller must not treat that as "never".
    pub fn installed(self, mac: MacAddr, host: Option<&Host>) -> Result<Installed, StoreError> {
        let mut marks = Some(Vec::new());
        for mac in macs_of(mac, host) {
            match self.mark_of(mac) {
                Ok(mark) => marks.iter_mut().for_each(|marks| marks.extend(mark.clone())),
                Err(_) if self.is_listed(mac) => marks = None,
                Err(error) => return Err(error),
            }
        }
        Ok(Installed::new(marks, host))
    }

    /// [`InstalledMarks::installed`] for the host of a record.
    ///
    /// # Errors
    /// Those of [`InstalledMarks::installed`].
    pub fn installed_host(self, host: &Host) -> Result<Installed, StoreError> {
        self.installed(host.mac(), Some(host))
    }

    /// Checks that each mark of a machine can be read. A permission names the marks that it was given after, so one that was given
    /// without having read them would be dead from its first moment.
    ///
    /// # Errors
    /// The mark that cannot be read.
    pub fn require_readable(self, mac: MacAddr, host: Option<&Host>) -> Result<(), StoreError> {
        macs_of(mac, host).into_iter().try_for_each(|mac| self.mark_of(mac).map(drop))
    }

    /// The mark of one MAC.
    ///
    /// # Errors
    /// When the mark cannot be read, or its folder is missing.
    pub fn mark_of(self, mac: MacAddr) -> Result<Option<Mark>, StoreError> {
        Ok(self.records.text(&Key::installed_mark(mac))?.map(|mark| Mark::parse(&mark.text)))
    }

    /// Whether something is in the place of a mark, for one that cannot be read.
    fn is_listed(self, mac: MacAddr) -> bool {
        self.records.list(Kind::InstalledMark).is_ok_and(|keys| keys.contains(&Key::installed_mark(mac)))
    }

    /// Remembers for each MAC of a host that has no mark yet that it has a system; a mark that is there stays.
    ///
    /// # Errors
    /// When a mark cannot be read or written.
    pub fn mark_host(self, host: &Host, now: Timestamp) -> Result<(), StoreError> {
        self.add(host, &Mark::new(now, self.cluster))
    }

    /// The same for a host of a list: its mark says that no installer reported it installed.
    ///
    /// # Errors
    /// When a mark cannot be read or written.
    pub fn mark_imported(self, host: &Host, now: Timestamp) -> Result<(), StoreError> {
        self.add(host, &Mark::from_import(now, self.cluster))
    }

    /// Gives this mark to each MAC of a host that has none.
    fn add(self, host: &Host, mark: &Mark) -> Result<(), StoreError> {
        for mac in host.macs() {
            if !self.installed(mac, None)?.ever() {
                self.put(mac, mark)?;
            }
        }
        Ok(())
    }

    /// Records the end of an attempt that went well, before the host's record says so: the marks of the machine, then that of the
    /// permission. Nothing else makes these marks. Doing it again makes what is missing.
    ///
    /// # Errors
    /// When a mark cannot be written.
    pub fn mark_success(self, host: &Host, attempt: &Attempt, now: Timestamp) -> Result<(), StoreError> {
        self.mark_installation(host, attempt, now)?;
        EndedMarks::new(self.records).mark_used(&attempt.permission_ref(), "installed")
    }

    /// Remembers for good that the installation of this attempt ended well. From here on every permission that the machine had
    /// before is dead, in every cluster and every copy. Doing it again changes nothing.
    ///
    /// # Errors
    /// When a mark cannot be written.
    pub(crate) fn mark_installation(self, host: &Host, attempt: &Attempt, now: Timestamp) -> Result<(), StoreError> {
        let new = Mark::from_installation(now, self.cluster, &attempt.permission);
        for mac in host.macs() {
            let is_it = |mark: &Mark| mark.permission() == Some(&attempt.permission);
            // One that cannot be read is replaced.
            if !self.mark_of(mac).is_ok_and(|mark| mark.as_ref().is_some_and(is_it)) {
                self.put(mac, &new)?;
            }
        }
        Ok(())
    }

    /// Remembers for good that an administrator says now that this host has a system. Older permissions are dead, as after an
    /// installation.
    pub(super) fn mark_again(self, host: &Host, now: Timestamp) -> Result<(), StoreError> {
        let imported = self.installed_host(host)?.imported().is_some();
        let new = if imported { Mark::from_import(now, self.cluster) } else { Mark::new(now, self.cluster) };
        host.macs().try_for_each(|mac| self.put(mac, &new))
    }

    /// Remembers for good that a host is retired: permissions from before are dead, and only an operator's permission
    /// installs the machine again.
    ///
    /// # Errors
    /// When a mark cannot be written.
    pub fn mark_retired(self, host: &Host, now: Timestamp) -> Result<(), StoreError> {
        let new = Mark::from_retirement(now, self.cluster);
        host.macs().try_for_each(|mac| self.put(mac, &new))
    }

    /// Gives each MAC of two lists that belong to one machine at some time the newest mark of both, before the record changes. So no
    /// MAC leaves or joins a host without its past.
    pub(super) fn share(self, before: Option<&Host>, after: &Host, now: Timestamp) -> Result<(), StoreError> {
        let Some(mark) = self.newest(before, after, now)? else { return Ok(()) };
        before.into_iter().chain([after]).try_for_each(|host| self.add(host, &mark))
    }

    /// The mark that MACs without one get when their lists are joined or parted.
    pub(super) fn newest(
        self,
        before: Option<&Host>,
        after: &Host,
        now: Timestamp,
    ) -> Result<Option<Mark>, StoreError> {
        let hosts = before.into_iter().chain([after]);
        let pasts = hosts.map(|host| self.installed_host(host)).collect::<Result<Vec<Installed>, _>>()?;
        // This mark itself and no new one, so that a permission that was given after it still counts.
        let newest = pasts.iter().filter_map(Installed::last).max_by_key(|mark| mark.at()).cloned();
        Ok(newest.or_else(|| pasts.iter().any(Installed::ever).then(|| Mark::new(now, self.cluster))))
    }

    /// Remembers for good that this machine was installed.
    ///
    /// # Errors
    /// When the mark cannot be written.
    pub fn mark_mac(self, mac: MacAddr, now: Timestamp) -> Result<(), StoreError> {
        self.put(mac, &Mark::new(now, self.cluster))
    }

    fn put(self, mac: MacAddr, mark: &Mark) -> Result<(), StoreError> {
        self.records.put(&Key::installed_mark(mac), format!("{}\n", mark.text()).as_bytes())
    }
}

fn macs_of(mac: MacAddr, host: Option<&Host>) -> Vec<MacAddr> {
    host.map_or_else(|| vec![mac], |host| host.macs().collect())
}

#[cfg(test)]
mod tests {
    use super::super::testing::stores;
    use super::*;

    #[test]
    fn what_a_list_says_is_told_apart_and_protects_all_the_same() {
        for (_folder, store) in stores("10.0.0.2-10.0.0.9") {
            let (marks, at) = (store.installed_marks(), Timestamp::from_unix(5));
            let host = Host::new("525400000001".parse().unwrap(), at);
            let installed = || marks.installed_host(&host).unwrap();
            assert_eq!((installed().imported(), installed().ever()), (None, false));
            marks.mark_imported(&host, at).unwrap();
            assert_eq!((installed().imported(), installed().ever()), (Some(at), true));
            // An installer's word is the stronger one, and an import takes none back.
            marks.mark_mac(host.mac(), at).unwrap();
            marks.mark_imported(&host, at).unwrap();
            assert_eq!(installed().imported(), None);
            store.records.put(&Key::installed_mark(host.mac()), b"?").unwrap();
            assert_eq!(installed().imported(), None, "an odd mark is none of a list");
            assert!(installed().ever());
        }
    }

    #[test]
    fn a_mark_that_cannot_be_read_is_there() {
        for (_folder, store) in stores("10.0.0.2-10.0.0.9") {
            let (marks, mac) = (store.installed_marks(), "525400000001".parse().unwrap());
            assert_eq!(marks.installed(mac, None).unwrap().last(), None);
            store.records.put(&Key::installed_mark(mac), b"\xff").unwrap();
            assert!(marks.installed(mac, None).unwrap().ever() && marks.mark_of(mac).is_err());
        }
        let (_folder, store) = super::super::testing::store("10.0.0.2-10.0.0.9");
        let (marks, mac) = (store.installed_marks(), "525400000001".parse().unwrap());
        std::fs::create_dir(store.paths.ever_installed(mac).path()).unwrap();
        assert!(marks.installed(mac, None).unwrap().ever() && marks.mark_of(mac).is_err());
        std::fs::remove_dir_all(store.paths.ever_installed_dir()).unwrap();
        assert!(marks.installed(mac, None).is_err(), "without the folder HPS does not know");
    }
}
