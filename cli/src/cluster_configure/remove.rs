// SPDX-License-Identifier: GPL-3.0-or-later
//! `cluster-configure remove`. The cluster file goes first: from then on nothing can be served from the rest, and the
//! same command deletes it.

use super::list::hosts_of;
use super::run::note_settings;
use crate::audit;
use crate::program::{self, Ended, Exit, Site};
use crate::reload;
use hps::files::IoError;
use hps::host::{HostState, Who};
use hps::store::{Paths, Store, active_name, load_cluster};
use hps::types::ClusterName;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

/// Removes a cluster.
///
/// # Errors
/// [`Exit::NotFound`]; [`Exit::Refused`] for the active cluster, and for one with hosts whose number is not given.
pub(super) fn remove(
    site: &Site,
    name: &ClusterName,
    with_hosts: Option<usize>,
    dry_run: bool,
) -> anyhow::Result<Exit> {
    let _lock = match dry_run {
        true => None,
        false => Some(reload::ReloadLock::wait(&site.conf, "cluster-configure", reload::LOCK_TIMEOUT)?),
    };
    let refused = |line: String| Err(Ended::error(Exit::Refused, line));
    if active_name(&site.conf)?.as_ref() == Some(name) {
        return refused(format!(
            "{name} is the active cluster; first serve another one: cluster-configure select NAME"
        ));
    }
    let paths = Paths::new(site.conf.clone(), name.clone());
    let mut places = vec![paths.cluster_file(), paths.former_cluster_file(), backup(&paths), paths.cluster_dir()];
    places.extend(paths.host_entries_dirs());
    let places: Vec<PathBuf> = {
        let mut there = Vec::new();
        for place in places {
            if place.try_exists().map_err(IoError::during("look at", &place))? {
                there.push(place);
            }
        }
        there
    };
    if places.is_empty() {
        let line = format!("there is no cluster {name}; see: cluster-configure list");
        return Err(Ended::error(Exit::NotFound, line));
    }
    let is_whole = places.contains(&paths.cluster_file());
    let store = if is_whole { Some(Store::new(paths, load_cluster(&site.conf, name)?)) } else { None };
    if let Some(store) = &store {
        let hosts = hosts_of(&site.conf, &store.cluster)?;
        if !hosts.is_empty() && with_hosts != Some(hosts.len()) {
            let count = hosts.len();
            return refused(format!(
                "{name} has {count} hosts; to remove it with their records: cluster-configure remove {name} --with-hosts {count}"
            ));
        }
        for file in hosts {
            let host = file.host?;
            if host.state() == HostState::Installing {
                return refused(format!(
                    "{} is INSTALLING; wait for its end, or: host-state set state=FAILED",
                    host.label()
                ));
            }
            // Its record may be the only thing that says so.
            if !dry_run && host.state().has_system() && store.paths.ever_installed_dir().try_exists()? {
                store.installed_marks().mark_host(&host, program::now())?;
            }
        }
    }
    if !dry_run {
        // What was edited by hand before is not a change of this run.
        note_settings(site, &Who::by_hand(), "edited");
    }
    for place in &places {
        match dry_run {
            true => program::print(format_args!("{} would be removed", place.display()))?,
            false => delete(place)?,
        }
    }
    if dry_run {
        return Ok(Exit::WouldChange);
    }
    note_settings(site, &audit::who("cluster-configure"), "removed");
    Ok(Exit::Done)
}

/// The copy that `edit` keeps.
pub(super) fn backup(paths: &Paths) -> PathBuf {
    paths.cluster_file().with_extension("cluster.bak")
}

fn delete(place: &Path) -> Result<(), IoError> {
    let is_folder = std::fs::symlink_metadata(place).map_err(IoError::during("look at", place))?.is_dir();
    let removed = if is_folder { std::fs::remove_dir_all(place) } else { std::fs::remove_file(place) };
    match removed {
        Err(error) if error.kind() != ErrorKind::NotFound => Err(IoError::new("remove", place, error)),
        _ => Ok(()),
    }
}
