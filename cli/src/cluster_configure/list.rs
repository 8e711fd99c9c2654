// SPDX-License-Identifier: GPL-3.0-or-later
//! `cluster-configure list` and `show`.

use super::summary;
use crate::program::{self, Ended, Exit};
use hps::config::{Cluster, Dir, HpsConf};
use hps::files::IoError;
use hps::store::{Paths, Store, StoreError, active_name, cluster_text, load_cluster};
use hps::types::{ClusterName, one_line};
use serde::Serialize;
use std::io::ErrorKind;
use std::path::Path;

/// A line of the list.
#[derive(Debug, Serialize)]
struct Listed {
    name: ClusterName,
    active: bool,
    interface: Option<String>,
    address: Option<String>,
    hosts: Option<usize>,
    description: Option<String>,
    /// Why it cannot be read.
    problem: Option<String>,
}

/// Lists the clusters.
///
/// # Errors
/// When their folder cannot be read.
pub(super) fn list(conf: &HpsConf, json: bool) -> anyhow::Result<Exit> {
    let active = active_name(conf)?;
    let mut all = Vec::new();
    for name in names(conf.dir(Dir::Clusters))? {
        all.push(listed(conf, name, &active)?);
    }
    let exit = if all.iter().any(|listed| listed.problem.is_some()) { Exit::Failed } else { Exit::Done };
    if json {
        program::print_json(&all)?;
        return Ok(exit);
    }
    if all.is_empty() {
        program::eprint("cluster-configure: no cluster; to make one: cluster-configure");
        return Ok(exit);
    }
    let width = all.iter().map(|listed| listed.name.as_str().len()).max().unwrap_or_default().max(4);
    program::print(format_args!("{:<width$}  ACTIVE  {:<10}  {:<18}  HOSTS  NOTE", "NAME", "INTERFACE", "ADDRESS"))?;
    for one in &all {
        let note = one.problem.as_deref().or(one.description.as_deref()).unwrap_or_default();
        let line = format!(
            "{:<width$}  {:<6}  {:<10}  {:<18}  {:>5}  {note}",
            one.name.as_str(),
            if one.active { "yes" } else { "no" },
            one.interface.as_deref().unwrap_or("-"),
            one.address.as_deref().unwrap_or("-"),
            one.hosts.map_or_else(|| "-".to_owned(), |hosts| hosts.to_string()),
        );
        program::print(line.trim_end())?;
    }
    Ok(exit)
}

fn names(folder: &Path) -> anyhow::Result<Vec<ClusterName>> {
    let entries = match std::fs::read_dir(folder) {
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Vec::new()),
        read => read.map_err(IoError::during("read", folder))?,
    };
    let mut names = Vec::new();
    for entry in entries {
        let name = entry.map_err(IoError::during("read", folder))?.file_name();
        names.extend(name.to_str().and_then(|name| name.strip_suffix(".cluster")).and_then(|name| name.parse().ok()));
    }
    names.sort();
    Ok(names)
}

/// # Errors
/// When the system refuses to read the file, as it then refuses every file. Other problems are in the line.
fn listed(conf: &HpsConf, name: ClusterName, active: &Option<ClusterName>) -> anyhow::Result<Listed> {
    let active = active.as_ref() == Some(&name);
    let read = match load_cluster(conf, &name) {
        Err(error) if program::is_denied(&error) => return Err(error.into()),
        read => read.map_err(|error| one_line(&error)),
    };
    let hosts = read.as_ref().map_err(Clone::clone).and_then(|cluster| count_hosts(conf, cluster));
    let cluster = read.as_ref().ok();
    Ok(Listed {
        active,
        interface: cluster.map(|cluster| cluster.network.interface.to_string()),
        address: cluster.map(|cluster| cluster.network.address.to_string()),
        hosts: hosts.as_ref().ok().copied(),
        description: cluster.map(|cluster| cluster.description.to_string()),
        problem: hosts.err(),
        name,
    })
}

fn count_hosts(conf: &HpsConf, cluster: &Cluster) -> Result<usize, String> {
    hosts_of(conf, cluster).map(|hosts| hosts.len()).map_err(|error| one_line(&error))
}

/// The records of a cluster; none if it was never served.
///
/// # Errors
/// When they cannot be listed.
pub(super) fn hosts_of(conf: &HpsConf, cluster: &Cluster) -> Result<Vec<hps::store::HostFile>, StoreError> {
    let store = Store::new(Paths::new(conf.clone(), cluster.name.clone()), cluster.clone());
    let folder = store.paths.hosts_dir();
    let there = folder.try_exists().map_err(|error| StoreError::Io(IoError::new("look at", &folder, error)))?;
    if there { store.hosts().list() } else { Ok(Vec::new()) }
}

/// The named cluster, or the active one.
///
/// # Errors
/// [`Exit::NotFound`] if it does not exist, or none is active.
pub(super) fn named_or_active(conf: &HpsConf, name: Option<&ClusterName>) -> anyhow::Result<ClusterName> {
    let name = match name {
        Some(name) => name.clone(),
        None => active_name(conf)?
            .ok_or_else(|| Ended::error(Exit::NotFound, "no cluster is active; name one of: cluster-configure list"))?,
    };
    match cluster_text(conf, &name) {
        Err(StoreError::Io(error)) if error.is_not_found() => {
            Err(Ended::error(Exit::NotFound, format!("there is no cluster {name}; see: cluster-configure list")))
        }
        _ => Ok(name),
    }
}

/// Shows a cluster.
///
/// # Errors
/// When it does not exist, or cannot be read.
pub(super) fn show(conf: &HpsConf, name: Option<&ClusterName>, json: bool) -> anyhow::Result<Exit> {
    let name = named_or_active(conf, name)?;
    let cluster = load_cluster(conf, &name)?;
    let hosts = hosts_of(conf, &cluster)?.len();
    let active = active_name(conf)?.as_ref() == Some(&name);
    let file = Paths::new(conf.clone(), name.clone()).cluster_file();
    if json {
        // The generated text has every setting, with its default.
        let settings: toml::Value = toml::from_str(&cluster.to_text())?;
        let all = serde_json::json!({
            "name": name, "active": active, "file": file, "hosts": hosts, "settings": settings,
        });
        program::print_json(&all)?;
        return Ok(Exit::Done);
    }
    let mut lines = vec![
        ("cluster", format!("{name}, {}", if active { "active" } else { "not active" })),
        ("file", file.display().to_string()),
        ("records", format!("{hosts} hosts")),
    ];
    if !cluster.description.as_str().is_empty() {
        lines.push(("description", cluster.description.to_string()));
    }
    lines.extend(summary::settings(&cluster));
    for (label, value) in lines {
        program::print_text(program::wrapped(&format!("{label:<14} {value}"), 15))?;
    }
    Ok(Exit::Done)
}
