// SPDX-License-Identifier: GPL-3.0-or-later
//! What an import would change on this node. It is shown before anything is written, and compared again under the lock.

use super::collect::{self, place};
use super::incoming::{Incoming, Setting};
use crate::program::{Ended, Exit, Site};
use hps::files::{self, FileError, Trust};
use hps::host::Host;
use hps::site_archive::{MAX_SETTING_BYTES, Part};
use hps::store::active_name;
use hps::types::{ClusterName, MacAddr};
use serde::Serialize;
use std::collections::BTreeSet;
use std::path::PathBuf;

/// What becomes of a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Fate {
    New,
    Changed,
    Same,
}

/// A host of this node that the archive does not have.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct OnlyHere {
    pub(crate) cluster: ClusterName,
    pub(crate) mac: MacAddr,
}

/// What differs.
#[derive(Debug, Default, Serialize)]
pub(crate) struct Difference {
    /// Files that are not here.
    pub(crate) new: Vec<String>,
    /// Files that are others here.
    pub(crate) changed: Vec<String>,
    /// How many are the same.
    pub(crate) same: usize,
    /// Hosts that only this node has.
    pub(crate) only_here: Vec<OnlyHere>,
    /// Records that are newer here.
    pub(crate) newer_here: Vec<String>,
    /// Allocations that only this node has.
    pub(crate) allocations_only_here: Vec<String>,
    /// The cluster that is active here, if the archive has another one.
    pub(crate) active_here: Option<ClusterName>,
    /// Permissions, windows, choices at a console and waiting machines of this node, which end.
    pub(crate) ends: usize,
    /// Whether `hps.conf` is another one here. It stays.
    pub(crate) other_conf: bool,
    /// Whether the cluster of the archive is not the active one yet.
    activates: bool,
    #[serde(skip)]
    fates: Vec<Fate>,
    #[serde(skip)]
    pub(crate) pending: Vec<PathBuf>,
}

impl Difference {
    /// Compares.
    ///
    /// # Errors
    /// When a file of this node cannot be read.
    pub(crate) fn look(site: &Site, incoming: &Incoming) -> anyhow::Result<Self> {
        let mut found = Self::default();
        for setting in &incoming.settings {
            let fate = found.fate(site, setting)?;
            match fate {
                Fate::New => found.new.push(setting.name.to_string()),
                Fate::Changed => found.changed.push(setting.name.to_string()),
                Fate::Same => found.same += 1,
            }
            found.fates.push(fate);
        }
        found.look_here(site, incoming)?;
        let here = active_name(&site.conf)?;
        let active = incoming.manifest.origin.active.as_ref();
        found.activates = active.is_some() && here.as_ref() != active;
        found.active_here = here.filter(|here| active.is_some_and(|active| active != here));
        Ok(found)
    }

    fn fate(&mut self, site: &Site, setting: &Setting) -> anyhow::Result<Fate> {
        let path = place(site, &setting.name);
        let here = match files::read_trusted(&path, &hps::store::base(&site.conf), Trust::Shared, MAX_SETTING_BYTES) {
            Ok(here) => here,
            Err(FileError::Io(error)) if error.is_not_found() => return Ok(Fate::New),
            Err(error) => return Err(error.into()),
        };
        Ok(match setting.name.part() {
            _ if here == setting.bytes => Fate::Same,
            // A mark is never replaced or removed.
            Part::Mark => Fate::Same,
            // The folders of this machine are its own.
            Part::ClusterFile if setting.name.place().is_none() => {
                self.other_conf = true;
                Fate::Same
            }
            // What happened here since then.
            Part::History if here.starts_with(&setting.bytes) => Fate::Same,
            Part::Record => {
                if let Some((_, mac)) = setting.name.host() {
                    let updated = |bytes: &[u8]| {
                        let text = std::str::from_utf8(bytes).ok()?;
                        Host::parse(text, mac).ok().map(|host| host.updated)
                    };
                    // A record of this node that cannot be read may be newer.
                    let theirs = updated(&setting.bytes);
                    if updated(&here).is_none_or(|ours| theirs.is_none_or(|theirs| ours > theirs)) {
                        self.newer_here.push(setting.name.to_string());
                    }
                }
                Fate::Changed
            }
            _ => Fate::Changed,
        })
    }

    /// What this node has and the archive has not.
    fn look_here(&mut self, site: &Site, incoming: &Incoming) -> anyhow::Result<()> {
        let names: BTreeSet<&str> = incoming.settings.iter().map(|setting| setting.name.as_str()).collect();
        for name in collect::names_of_clusters(site)? {
            match name {
                collect::OfCluster::Member(name) if !names.contains(name.as_str()) => {
                    let Some(cluster) = name.cluster().filter(|cluster| incoming.clusters.contains_key(cluster)) else {
                        continue;
                    };
                    match (name.part(), name.host()) {
                        (Part::Record, Some((_, mac))) => self.only_here.push(OnlyHere { cluster, mac }),
                        (Part::Allocation, _) => self.allocations_only_here.push(name.to_string()),
                        _ => {}
                    }
                }
                collect::OfCluster::Member(_) => {}
                collect::OfCluster::Permission => self.ends += 1,
                collect::OfCluster::Pending(path) => {
                    self.ends += 1;
                    self.pending.push(path);
                }
            }
        }
        Ok(())
    }

    /// Whether anything would change.
    pub(crate) fn is_needed(&self) -> bool {
        let written = !self.new.is_empty() || !self.changed.is_empty();
        written || self.ends > 0 || self.activates || self.replaces()
    }

    /// Whether a setting has to be written.
    pub(crate) fn writes(&self, index: usize) -> bool {
        self.fates.get(index).is_some_and(|fate| *fate != Fate::Same)
    }

    fn replaces(&self) -> bool {
        !self.only_here.is_empty() || !self.newer_here.is_empty() || !self.allocations_only_here.is_empty()
    }

    /// Refuses to replace a registry that nobody agreed to replace.
    ///
    /// # Errors
    /// [`Exit::Refused`], with the flag that permits it.
    pub(crate) fn refuse(&self, may_replace: bool, may_activate: bool) -> anyhow::Result<()> {
        if self.replaces() && !may_replace {
            let line = format!(
                "this node has {} hosts that the file lacks, and {} newer records; nothing was changed; to keep a copy of what is here: cluster-configure export FILE; then, to give this node the registry of the file: --replace",
                self.only_here.len(),
                self.newer_here.len()
            );
            return Err(Ended::error(Exit::Refused, line));
        }
        if let Some(here) = self.active_here.as_ref().filter(|_| !may_activate) {
            let line = format!(
                "{here} is the active cluster here, and the file has another one; nothing was changed; to serve that of the file: --activate"
            );
            return Err(Ended::error(Exit::Refused, line));
        }
        Ok(())
    }
}
