// SPDX-License-Identifier: GPL-3.0-or-later
//! All hosts in memory. A look reads again what changed, and nothing else.

use super::folder::Folder;
use crate::host_state::KnownHost;
use crate::program;
use hps::store::Store;
use hps::types::{MacAddr, Timestamp, one_line};
use std::collections::{BTreeMap, BTreeSet};
use std::io;
use std::sync::Arc;

/// The hosts of one cluster, as of the last look.
#[derive(Debug)]
pub(super) struct Hosts {
    records: Folder,
    /// Folders with a file for each MAC of a host that has something of this kind.
    by_mac: [Folder; 5],
    windows: Folder,
    ended: Folder,
    pub(super) known: BTreeMap<MacAddr, Arc<KnownHost>>,
    /// What cannot be read, one line each, by the MAC that names the record.
    pub(super) unreadable: BTreeMap<MacAddr, String>,
    rules: bool,
    /// When a permission or a window ends, so that the rules are asked again.
    again: Option<Timestamp>,
}

impl Hosts {
    pub(super) fn new(store: &Store) -> Self {
        let paths = &store.paths;
        let refusals = paths.cluster_dir().join("refusals");
        let by_mac = [
            paths.permissions_dir(),
            paths.menu_permissions_dir(),
            refusals,
            paths.ever_installed_dir(),
            paths.hardware_dir(),
        ];
        Self {
            records: Folder::new(paths.hosts_dir()),
            by_mac: by_mac.map(Folder::new),
            windows: Folder::new(paths.windows_dir()),
            ended: Folder::new(paths.spent_dir()),
            known: BTreeMap::new(),
            unreadable: BTreeMap::new(),
            rules: false,
            again: None,
        }
    }

    /// Reads what changed. Returns the MACs of the records that were read again or went.
    ///
    /// # Errors
    /// When a folder cannot be read.
    pub(super) fn look(&mut self, store: &Store) -> io::Result<BTreeSet<MacAddr>> {
        let now = program::now();
        let mut macs: BTreeSet<MacAddr> = BTreeSet::new();
        for name in self.records.changes()? {
            macs.extend(name.strip_suffix(".toml").and_then(|stem| stem.parse::<MacAddr>().ok()));
        }
        let mut further = BTreeSet::new();
        for folder in &mut self.by_mac {
            for name in folder.changes()? {
                further.extend(name.split('.').next().and_then(|stem| stem.parse::<MacAddr>().ok()));
            }
        }
        let ended: BTreeSet<String> = self.ended.changes()?.into_iter().collect();
        let windows = !self.windows.changes()?.is_empty();
        let over = self.again.is_some_and(|again| again <= now);
        let rules = KnownHost::has_rules(store).unwrap_or(true);
        let all = windows || over || rules != self.rules;
        self.rules = rules;
        for (mac, known) in &self.known {
            let is_ended = || known.permission().is_some_and(|permission| ended.contains(permission.id.as_str()));
            if all || known.host().macs().any(|mac| further.contains(&mac)) || is_ended() {
                macs.insert(*mac);
            }
        }
        macs.extend(further.intersection(&self.unreadable.keys().copied().collect()));
        for mac in &macs {
            self.read(store, *mac, now);
        }
        if !macs.is_empty() || over {
            self.again = self.next_end(store, now);
        }
        Ok(macs)
    }

    fn read(&mut self, store: &Store, mac: MacAddr, now: Timestamp) {
        self.unreadable.remove(&mac);
        // Another MAC of a host has no record of its own.
        let found = store.hosts().find(mac).map(|found| found.filter(|host| host.mac() == mac));
        let known = found.and_then(|host| host.map(|host| KnownHost::load(store, host, self.rules, now)).transpose());
        match known {
            Ok(None) => drop(self.known.remove(&mac)),
            Ok(Some((known, problem))) => {
                self.unreadable.extend(problem.map(|error| (mac, one_line(&error))));
                self.known.insert(mac, Arc::new(known));
            }
            Err(error) => {
                self.known.remove(&mac);
                self.unreadable.insert(mac, one_line(&error));
            }
        }
    }

    /// Behind a permission that expired, a rule may give one; and a window gives none any more.
    fn next_end(&self, store: &Store, now: Timestamp) -> Option<Timestamp> {
        if !self.rules {
            return None;
        }
        let permissions =
            self.known.values().filter_map(|known| known.permission()).map(|permission| permission.expires);
        let windows = store.windows().not_closed().unwrap_or_default();
        permissions.chain(windows.iter().map(|window| window.closes)).filter(|end| *end > now).min()
    }
}
