// SPDX-License-Identifier: GPL-3.0-or-later
//! What dnsmasq reads about each host: the reservations and names of all records.

use crate::change::Change;
use anyhow::Context as _;
use hps::files::Access;
use hps::host::Host;
use hps::reservation::entry;
use hps::store::{EntryKind, Store};
use hps::types::{HostName, MacAddr, one_line};
use std::collections::{HashMap, HashSet};
use std::net::Ipv4Addr;
use std::path::PathBuf;

/// The entries of all hosts.
#[derive(Debug, Default)]
pub(super) struct HostEntries {
    /// The files as they should be.
    pub(super) changes: Vec<Change>,
    /// Files that no record has any more.
    pub(super) old: Vec<PathBuf>,
    /// The names of all hosts.
    pub(super) names: HashSet<HostName>,
    /// The problems of single hosts, a line each.
    pub(super) warnings: Vec<String>,
}

/// The values of the records before this one.
#[derive(Debug, Default)]
struct Seen {
    addresses: HashMap<Ipv4Addr, MacAddr>,
    names: HashMap<HostName, MacAddr>,
    further_macs: HashSet<MacAddr>,
}

impl HostEntries {
    /// Renders them. A record that cannot be read, or that claims a value of another host, is left out and reported.
    pub(super) fn new(store: &Store) -> anyhow::Result<Self> {
        let mut entries = Self::default();
        let mut seen = Seen::default();
        let mut keep = HashSet::new();
        // In a dry run of a new cluster the folder does not exist yet.
        let hosts = store.paths.hosts_dir();
        let there = hosts.try_exists().with_context(|| format!("{}: cannot be checked", hosts.display()))?;
        let files = if there { store.hosts().list()? } else { Vec::new() };
        let naming: HashSet<MacAddr> = files.iter().map(|file| file.mac).collect();
        for file in files {
            let host = match file.host {
                Ok(host) => host,
                Err(error) => {
                    keep.insert(file.mac.to_string());
                    entries.warnings.push(format!("{}; this host keeps its old reservation", one_line(&error)));
                    continue;
                }
            };
            entries.names.extend(host.name.clone());
            // A host that lost its address or its name has no reservation any more.
            if host.address.is_none() || host.name.is_none() {
                continue;
            }
            keep.insert(file.mac.to_string());
            match seen.refuse(store, &host, &naming) {
                Some(why) => {
                    let path = store.paths.host(file.mac);
                    entries.warnings.push(format!("{}: {why}", path.path().display()));
                }
                None => entries.add(store, &host)?,
            }
        }
        for kind in EntryKind::ALL {
            entries.find_old(store, kind, &keep)?;
        }
        Ok(entries)
    }

    fn add(&mut self, store: &Store, host: &Host) -> anyhow::Result<()> {
        for kind in EntryKind::ALL {
            let Some(text) = entry(store, kind, host) else { continue };
            let place = store.paths.host_entry(kind, host.mac());
            if place.symlink_metadata().is_ok_and(|m| m.is_dir()) {
                self.warnings.push(format!("{}: a folder, where a file should be; remove it", place.display()));
                continue;
            }
            self.changes.push(Change::new(place, text.into_bytes(), Access::World)?);
        }
        Ok(())
    }

    fn find_old(&mut self, store: &Store, kind: EntryKind, keep: &HashSet<String>) -> anyhow::Result<()> {
        let folder = store.paths.host_entries_dir(kind);
        let entries = match std::fs::read_dir(&folder) {
            Ok(entries) => entries,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(()),
            Err(error) => return Err(error).with_context(|| format!("{}: cannot list", folder.display())),
        };
        for entry in entries {
            let entry = entry.with_context(|| format!("{}: cannot list", folder.display()))?;
            let name = entry.file_name().to_string_lossy().into_owned();
            if !name.starts_with('.') && !keep.contains(&name) {
                self.old.push(entry.path());
            }
        }
        Ok(())
    }
}

impl Seen {
    /// Why the entries of a host are not written. `naming` are the MACs that name records.
    fn refuse(&mut self, store: &Store, host: &Host, naming: &HashSet<MacAddr>) -> Option<String> {
        if let Err(why) = host.address.map_or(Ok(()), |a| store.cluster.takes_host(a)) {
            return Some(format!("address {why}; no reservation is written"));
        }
        // A MAC that names another record belongs to that host, even if others list it.
        let own = host.mac();
        let foreign = host.macs().find(|m| *m != own && (naming.contains(m) || !self.further_macs.insert(*m)));
        if let Some(mac) = foreign {
            let mac = mac.colons();
            return Some(format!("{mac} is also a MAC of another record; no reservation is written for {own}"));
        }
        let taken = host.address.and_then(|a| self.addresses.insert(a, own));
        let other = taken.or(host.name.clone().and_then(|n| self.names.insert(n, own)))?;
        Some(format!(
            "address or name is also in the record of {other}; no reservation is written for {own}; if host-state replace-nic was interrupted, run it again"
        ))
    }
}
