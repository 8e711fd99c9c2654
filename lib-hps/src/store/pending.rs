// SPDX-License-Identifier: GPL-3.0-or-later
//! Machines that asked what to do and that HPS does not know: a record each, so that the administrator finds them.

use super::StoreError;
use super::host_records::HostRecords;
use super::records::{Key, Kind, Records};
use crate::types::{FirmwareInfo, MacAddr, Timestamp};
use serde::{Deserialize, Serialize};
use std::net::Ipv4Addr;

/// More machines than a site switches on at once. To fill the folder with made-up MACs, an attacker must hold as many leases.
const MAX_PENDING: usize = 4_096;
/// A machine that waits asks every half minute. HPS does not write each time.
const REFRESH_SECONDS: u64 = 300;

/// A machine that waits.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Pending {
    /// Its MAC.
    pub mac: MacAddr,
    /// The address that it asked from.
    pub address: Option<Ipv4Addr>,
    /// When it asked first.
    pub first: Timestamp,
    /// When it asked last, to some minutes.
    pub last: Timestamp,
    /// What its firmware reports.
    #[serde(default, alias = "claims")]
    pub firmware: FirmwareInfo,
}

/// The machines that wait.
#[derive(Debug, Default)]
pub struct PendingList {
    /// Those whose note can be read.
    pub waiting: Vec<Pending>,
    /// The other notes.
    pub bad: Vec<StoreError>,
}

/// The machines that asked and that HPS does not know.
#[derive(Debug, Clone, Copy)]
pub struct PendingMachines<'a> {
    records: &'a dyn Records,
}

impl<'a> PendingMachines<'a> {
    pub(super) fn new(records: &'a dyn Records) -> Self {
        Self { records }
    }

    /// Notes that an unknown machine asked.
    ///
    /// # Errors
    /// When it cannot be written, or as many as can be noted wait already.
    pub fn note(
        self,
        mac: MacAddr,
        address: Option<Ipv4Addr>,
        firmware: &FirmwareInfo,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let key = Key::pending(mac);
        let old = self.records.text(&key)?.and_then(|d| toml::from_str::<Pending>(&d.text).ok());
        if let Some(old) = &old
            && old.address == address
            && old.firmware == *firmware
            && now.since(old.last) < REFRESH_SECONDS
        {
            return Ok(());
        }
        if old.is_none() && self.records.list(Kind::Pending)?.len() >= MAX_PENDING {
            return Err(StoreError::content(
                &self.records.locate_place(Kind::Pending),
                format!("{MAX_PENDING} machines wait already; see host-state pending"),
            ));
        }
        let first = old.map_or(now, |o| o.first);
        let entry = Pending { mac, address, first, last: now, firmware: firmware.clone() };
        let text = toml::to_string(&entry).unwrap_or_default();
        self.records.put(&key, text.as_bytes())
    }

    /// The machines that wait, the one that asked first in front. One that became a host meanwhile is not among them.
    /// One whose note cannot be read hides no other.
    ///
    /// # Errors
    /// When the folder cannot be read.
    pub fn list(self) -> Result<PendingList, StoreError> {
        let mut list = PendingList::default();
        for key in self.records.list(Kind::Pending)? {
            let Ok(mac) = key.name().parse() else { continue };
            match self.get(mac) {
                Ok(entry) => list.waiting.extend(entry),
                Err(error) => list.bad.push(error),
            }
        }
        list.waiting.sort_by_key(|p| p.first);
        Ok(list)
    }

    /// What is noted of one machine; `None` where nothing is, or where it became a host meanwhile.
    ///
    /// # Errors
    /// When its note cannot be read or accepted.
    pub fn get(self, mac: MacAddr) -> Result<Option<Pending>, StoreError> {
        let key = Key::pending(mac);
        let Some(document) = self.records.text(&key)? else { return Ok(None) };
        let content = |problem: String| StoreError::content(&self.records.locate(&key), problem);
        let entry: Pending =
            toml::from_str(&document.text).map_err(|e| content(format!("not a note of a machine: {}", e.message())))?;
        if entry.mac != mac {
            return Err(content(format!("mac is {}: expected {mac}", entry.mac)));
        }
        match HostRecords::new(self.records).find(mac) {
            Ok(None) => Ok(Some(entry)),
            // One with a bad record is a host too.
            Ok(Some(_)) => Ok(None),
            Err(error) if error.was_read() => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Forgets that a machine waits.
    ///
    /// # Errors
    /// When its note cannot be removed.
    pub fn forget(self, mac: MacAddr) -> Result<(), StoreError> {
        self.records.remove(&Key::pending(mac))
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::store;
    use super::*;
    use crate::host::Who;
    use crate::types::Line;

    #[test]
    fn who_waits_is_noted_until_it_is_a_host() {
        let (_folder, store) = store("10.0.0.2-10.0.0.9");
        let (a, b) = ("525400000001".parse().unwrap(), "525400000002".parse().unwrap());
        let firmware = FirmwareInfo { serial: Some(Line::lossy("S1")), ..FirmwareInfo::default() };
        let at = Timestamp::from_unix;
        store.pending().note(b, None, &firmware, at(10)).unwrap();
        store.pending().note(a, None, &FirmwareInfo::default(), at(20)).unwrap();
        store.pending().note(b, None, &firmware, at(30)).unwrap();
        let waiting = store.pending().list().unwrap().waiting;
        assert_eq!(waiting.iter().map(|p| (p.mac, p.last)).collect::<Vec<_>>(), [(b, at(10)), (a, at(20))]);
        store.pending().note(b, None, &firmware, at(10 + 300)).unwrap();
        assert_eq!(store.pending().list().unwrap().waiting[0].last, at(310));
        store.hosts().create(b, &Who::operator("test", "root"), at(400)).unwrap();
        assert_eq!(store.pending().list().unwrap().waiting.len(), 1);
        store.pending().forget(a).unwrap();
        assert_eq!(store.pending().list().unwrap().waiting.len(), 0);
    }

    #[test]
    fn a_bad_note_hides_no_other() {
        let (_folder, store) = store("10.0.0.2-10.0.0.9");
        let mac = |n: u8| format!("5254000000{n:02x}").parse().unwrap();
        store.pending().note(mac(1), None, &FirmwareInfo::default(), Timestamp::from_unix(1)).unwrap();
        std::fs::create_dir(store.paths.pending(mac(2)).path()).unwrap();
        std::fs::write(store.paths.pending(mac(3)).path(), "x").unwrap();
        let list = store.pending().list().unwrap();
        assert_eq!((list.waiting.len(), list.bad.len()), (1, 2));
        assert!(store.pending().get(mac(1)).unwrap().is_some() && store.pending().get(mac(4)).unwrap().is_none());
        assert!(store.pending().get(mac(2)).is_err() && store.pending().get(mac(3)).is_err());
    }
}
