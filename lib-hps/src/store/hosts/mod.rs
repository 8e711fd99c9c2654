// SPDX-License-Identifier: GPL-3.0-or-later
//! The hosts of a cluster: their records, found by any MAC or by name, and the changes of these.

mod change;
mod create;
mod edit;
mod edit_note;
mod hand_edit;
mod host_type;
mod install_lock;
mod moves;
mod removal;
mod removal_plan;
mod renumber;
mod replace_card;
mod replace_machine;
mod retire;

pub use install_lock::InstallLock;
pub use removal_plan::RemovalPlan;
pub use renumber::Renumbered;

use super::host_records::HostRecords;
use super::parts::Parts;
use super::records::{Document, Key, Kind};
use super::{StoreError, documents};
use crate::files::is_there;
use crate::host::Host;
use crate::types::{HostName, MacAddr};
use std::collections::BTreeSet;

/// The hosts of a cluster.
#[derive(Debug, Clone, Copy)]
pub struct Hosts<'a> {
    parts: Parts<'a>,
}

/// One file of the folder of records: a host, or why it cannot be accepted.
#[derive(Debug)]
pub struct HostFile {
    /// The MAC that names the file.
    pub mac: MacAddr,
    /// The record.
    pub host: Result<Host, StoreError>,
}

impl<'a> Hosts<'a> {
    pub(super) fn new(parts: Parts<'a>) -> Self {
        Self { parts }
    }

    fn stored(self) -> HostRecords<'a> {
        HostRecords::new(self.parts.records)
    }

    /// The record of a host by any of its MACs; `None` where there is none. What is kept by MAC (permission, history, log,
    /// reservation) goes by [`Host::mac`] of the answer, which may be another MAC than the one asked for.
    ///
    /// # Errors
    /// When the file cannot be read or accepted.
    pub fn find(self, mac: MacAddr) -> Result<Option<Host>, StoreError> {
        Ok(self.found(mac)?.map(|(host, _)| host))
    }

    /// The record in the file of `mac` itself.
    fn own(self, mac: MacAddr) -> Result<Option<(Host, Document)>, StoreError> {
        self.of_known_type(self.stored().own(mac)?)
    }

    /// As [`Self::find`], with the text of the record.
    fn found(self, mac: MacAddr) -> Result<Option<(Host, Document)>, StoreError> {
        self.of_known_type(self.stored().find(mac)?)
    }

    /// All records, by MAC, each with why it cannot be accepted.
    ///
    /// # Errors
    /// When the folder cannot be read.
    pub fn list(self) -> Result<Vec<HostFile>, StoreError> {
        let mut files = Vec::new();
        for key in self.parts.records.list(Kind::Host)? {
            let Ok(mac) = key.name().parse::<MacAddr>() else { continue };
            let host = match self.own(mac) {
                Ok(Some((host, _))) => Ok(host),
                Ok(None) => continue,
                Err(error) => Err(error),
            };
            files.push(HostFile { mac, host });
        }
        Ok(files)
    }

    /// The hosts whose record may have one of these texts, in any case, wherever it stands. To read a file takes a small
    /// part of the time of parsing it.
    ///
    /// # Errors
    /// When the folder cannot be read.
    pub(in crate::store) fn with_a_text(self, texts: &[&str]) -> Result<Vec<HostFile>, StoreError> {
        let texts: Vec<String> = texts.iter().map(|text| text.to_ascii_lowercase()).collect();
        let mut files = Vec::new();
        for key in self.parts.records.list(Kind::Host)? {
            let Ok(mac) = key.name().parse::<MacAddr>() else { continue };
            let host = match self.parts.records.text(&key) {
                Ok(None) => continue,
                Ok(Some(document)) => {
                    let record = document.text.to_ascii_lowercase();
                    // With a backslash TOML writes characters in another way.
                    if !record.contains('\\') && !texts.iter().any(|text| record.contains(text)) {
                        continue;
                    }
                    Host::parse(&document.text, mac)
                        .map_err(|e| StoreError::content(&self.parts.records.locate(&key), e))
                        .and_then(|host| self.check_type(&host, &document).map(|()| host))
                }
                Err(error) => Err(error),
            };
            files.push(HostFile { mac, host });
        }
        Ok(files)
    }

    /// The MAC that names the record of a machine, which may be another one than that given; a MAC of no record is its own answer.
    /// A record that is there and cannot be accepted still has its name.
    ///
    /// # Errors
    /// When HPS cannot find out which record is its own.
    pub fn naming_mac(self, mac: MacAddr) -> Result<MacAddr, StoreError> {
        if is_there(self.parts.paths.host(mac).path())? {
            return Ok(mac);
        }
        let Some(first) = self.stored().holder_of_mac(mac)? else { return Ok(mac) };
        match self.own(first) {
            Ok(found) => Ok(found.filter(|(host, _)| host.macs().any(|m| m == mac)).map_or(mac, |_| first)),
            // Its text does not say so any more, but its allocation still does.
            Err(error) if error.was_read() => Ok(first),
            Err(error) => Err(error),
        }
    }

    /// The MAC of the host that has a name.
    ///
    /// # Errors
    /// When the allocation cannot be read.
    pub fn mac_by_name(self, name: &HostName) -> Result<Option<MacAddr>, StoreError> {
        let allocation = self.parts.records.text(&Key::host_name(name))?;
        let Some(mac) = allocation.and_then(|document| document.text.trim().parse().ok()) else { return Ok(None) };
        // A host that was given another name leaves its old allocation behind.
        Ok(self.own(mac)?.filter(|(host, _)| host.name.as_ref() == Some(name)).map(|_| mac))
    }

    /// Whether the cluster has had a storage host. It shapes menus and a hint only. So it is a mark and no search, and a mark that
    /// cannot be looked for counts as absent.
    pub fn has_storage(self) -> bool {
        self.parts.records.list(Kind::ClusterMark).is_ok_and(|keys| keys.contains(&Key::first_storage_host()))
    }

    /// The MACs of records and of histories: all machines of which this cluster has noted anything.
    ///
    /// # Errors
    /// When a folder cannot be read.
    pub fn known_macs(self) -> Result<BTreeSet<MacAddr>, StoreError> {
        let mut names = documents::list_where_there(&self.parts.paths.hosts_dir())?;
        names.extend(documents::list_where_there(&self.parts.paths.history_dir())?);
        let stem = |name: &String| name.split('.').next().and_then(|stem| stem.parse().ok());
        Ok(names.iter().filter_map(stem).collect())
    }
}
