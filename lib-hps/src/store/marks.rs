// SPDX-License-Identifier: GPL-3.0-or-later
//! The marks that machines were ever installed: `state/ever-installed/<mac>`, one line of time and cluster, and a third word
//! where only a list says so. They belong to machines, not to a cluster, and nothing takes one away.

use super::documents::is_there;
use super::{Store, StoreError, atomic};
use crate::host::Host;
use crate::types::{MacAddr, Timestamp};

/// The third word of a mark that no installer made.
const IMPORTED: &str = "imported";

impl Store {
    /// When any cluster last reported this machine installed. A mark that cannot be understood counts as made at the end of
    /// time: it still says that the machine was installed.
    ///
    /// # Errors
    /// When the mark cannot be looked for, or its folder is missing. The caller must not take that for "never".
    pub fn ever_installed(&self, mac: MacAddr) -> Result<Option<Timestamp>, StoreError> {
        self.ever_installed_mark(mac).or_else(|error| match is_there(self.paths.ever_installed(mac).path()) {
            Ok(true) => Ok(Some(Timestamp::from_unix(i64::MAX))),
            _ => Err(error),
        })
    }

    /// The same, but a mark that is there and cannot be read is said.
    ///
    /// # Errors
    /// When the mark cannot be read, or its folder is missing.
    pub fn ever_installed_mark(&self, mac: MacAddr) -> Result<Option<Timestamp>, StoreError> {
        let key = self.paths.ever_installed(mac);
        let Some(mark) = self.documents().get_in_folder(&key)? else { return Ok(None) };
        let at = mark.text.split(' ').next().and_then(|time| time.parse().ok());
        Ok(Some(at.unwrap_or(Timestamp::from_unix(i64::MAX))))
    }

    /// When any cluster last reported the machine of this record installed, by whichever of its MACs.
    ///
    /// # Errors
    /// Those of [`Store::ever_installed`].
    pub fn ever_installed_any(&self, host: &Host) -> Result<Option<Timestamp>, StoreError> {
        let mut newest = None;
        for mac in host.macs() {
            newest = newest.max(self.ever_installed(mac)?);
        }
        Ok(newest)
    }

    /// When a list brought this host that did not say it was new, where nothing but the list says that it was installed.
    ///
    /// # Errors
    /// When a mark cannot be looked for.
    pub fn imported(&self, host: &Host) -> Result<Option<Timestamp>, StoreError> {
        let mut imported = None;
        for mac in host.macs() {
            let key = self.paths.ever_installed(mac);
            // One that cannot be read counts as an installer's.
            let mark = match self.documents().get(&key) {
                Err(_) if matches!(is_there(key.path()), Ok(true)) => return Ok(None),
                found => found?,
            };
            let Some(mark) = mark else { continue };
            let mut words = mark.text.split_whitespace();
            let at = words.next().and_then(|time| time.parse().ok());
            match words.nth(1) {
                Some(IMPORTED) => imported = imported.max(at),
                _ => return Ok(None),
            }
        }
        Ok(imported)
    }

    /// Remembers it for each MAC of a host that has no mark yet; a mark that is there keeps its time.
    ///
    /// # Errors
    /// When a mark cannot be read or written.
    pub fn mark_host_ever_installed(&self, host: &Host, now: Timestamp) -> Result<(), StoreError> {
        self.mark_host(host, now, false)
    }

    /// The same for a host of a list: its mark says that nobody reported it installed.
    ///
    /// # Errors
    /// When a mark cannot be read or written.
    pub fn mark_host_imported(&self, host: &Host, now: Timestamp) -> Result<(), StoreError> {
        self.mark_host(host, now, true)
    }

    pub(super) fn mark_host(&self, host: &Host, at: Timestamp, imported: bool) -> Result<(), StoreError> {
        for mac in host.macs() {
            if self.ever_installed(mac)?.is_none() {
                self.mark(mac, at, imported)?;
            }
        }
        Ok(())
    }

    /// Remembers for good that this machine was installed, and when it last was.
    ///
    /// # Errors
    /// When the mark cannot be written.
    pub fn mark_ever_installed(&self, mac: MacAddr, now: Timestamp) -> Result<(), StoreError> {
        self.mark(mac, now, false)
    }

    fn mark(&self, mac: MacAddr, at: Timestamp, imported: bool) -> Result<(), StoreError> {
        let key = self.paths.ever_installed(mac);
        let imported = if imported { format!(" {IMPORTED}") } else { String::new() };
        let text = format!("{at} {}{imported}\n", self.cluster.name);
        atomic::write_atomic(key.path(), text.as_bytes(), key.access)
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
        assert_eq!((store.imported(&host).unwrap(), store.ever_installed_any(&host).unwrap()), (None, None));
        store.mark_host_imported(&host, at).unwrap();
        assert_eq!((store.imported(&host).unwrap(), store.ever_installed_any(&host).unwrap()), (Some(at), Some(at)));
        // An installer's word is the stronger one, and an import takes none back.
        store.mark_ever_installed(host.mac(), at).unwrap();
        store.mark_host_imported(&host, at).unwrap();
        assert_eq!(store.imported(&host).unwrap(), None);
        std::fs::write(store.paths.ever_installed(host.mac()).path(), "?").unwrap();
        assert_eq!(store.imported(&host).unwrap(), None, "an odd mark is none of a list");
        assert!(store.ever_installed_any(&host).unwrap().is_some());
    }
}
