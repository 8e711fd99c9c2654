// SPDX-License-Identifier: GPL-3.0-or-later
//! `cluster-configure rename`. The steps are in an order in which the same command completes them after any interruption:
//! the new file, the folder of the cluster, the active link, the entries of hosts, and the old file last.
//! `reload` may have run in between. It makes the folders of the cluster that is active, and the entries of its hosts.

use super::list::{hosts_of, named_or_active};
use super::run::note_settings;
use crate::audit;
use crate::change::Change;
use crate::program::{self, Ended, Exit, Site};
use crate::reload;
use anyhow::Context as _;
use hps::config::Cluster;
use hps::files::{Access, IoError, sync_folder};
use hps::host::{HostState, Who};
use hps::store::{Paths, Store, activate, active_name, cluster_text, load_cluster};
use hps::types::ClusterName;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

/// What a rename changes.
struct Rename {
    store: Store,
    new_file: Change,
    old_file: Change,
    /// The folder of the cluster, from where to where; `None` if an interrupted run has done this.
    cluster_dir: Option<(PathBuf, PathBuf)>,
    /// The entries of hosts for dnsmasq.
    entries: Vec<(PathBuf, PathBuf)>,
    /// Folders under the old name that `reload` made after an interruption.
    made_again: Vec<PathBuf>,
    is_active: bool,
}

/// Renames a cluster.
///
/// # Errors
/// [`Exit::NotFound`], [`Exit::Refused`], and what the steps meet.
pub(super) fn rename(
    site: &Site,
    from: &ClusterName,
    to: &ClusterName,
    dry_run: bool,
    no_reload: bool,
) -> anyhow::Result<Exit> {
    let _lock = match dry_run {
        true => None,
        false => Some(reload::ReloadLock::wait(&site.conf, "cluster-configure", reload::LOCK_TIMEOUT)?),
    };
    let rename = Rename::plan(site, from, to)?;
    if dry_run {
        program::print_text(rename.new_file.diff().trim_end())?;
        program::print(format_args!("{} would be removed", rename.old_file.path().display()))?;
        for (from, to) in rename.cluster_dir.iter().chain(&rename.entries) {
            program::print(format_args!("{} would be {}", from.display(), to.display()))?;
        }
        return Ok(Exit::WouldChange);
    }
    rename.apply(site, to, no_reload)
}

impl Rename {
    fn plan(site: &Site, from: &ClusterName, to: &ClusterName) -> anyhow::Result<Self> {
        let conf = &site.conf;
        if from == to {
            return Err(Ended::error(Exit::Usage, "both names are the same"));
        }
        named_or_active(conf, Some(from))?;
        let cluster = load_cluster(conf, from)?;
        let (old, new) = (Paths::new(conf.clone(), from.clone()), Paths::new(conf.clone(), to.clone()));
        refuse_busy(site, &cluster, &old)?;
        let mut renamed = cluster;
        renamed.name = to.clone();
        let text =
            renamed.edit_text(&cluster_text(conf, from)?).with_context(|| old.cluster_file().display().to_string())?;
        let new_file = Change::new(new.cluster_file(), text.into_bytes(), Access::GroupRead)?;
        // An interrupted run leaves exactly the file that this one would write.
        if new_file.was_there() && new_file.is_needed() {
            return Err(exists(new_file.path()));
        }
        let is_interrupted = new_file.was_there();
        let mut made_again = Vec::new();
        let mut moved = |from: PathBuf, to: PathBuf, is_made_again: bool| match (there(&from)?, there(&to)?) {
            (true, false) => Ok(Some((from, to))),
            (true, true) if is_interrupted && is_made_again => {
                made_again.push(from);
                Ok(None)
            }
            (true, true) => Err(exists(&to)),
            (false, _) => Ok(None),
        };
        let is_empty = has_no_record(&old)?;
        let cluster_dir = moved(old.cluster_dir(), new.cluster_dir(), is_empty)?;
        let mut entries = Vec::new();
        for (from, to) in old.host_entries_dirs().into_iter().zip(new.host_entries_dirs()) {
            entries.extend(moved(from, to, true)?);
        }
        let active = active_name(conf)?;
        let is_active = active.as_ref().is_some_and(|active| active == from || active == to);
        let old_file = Change::removal(old.cluster_file())?;
        Ok(Self { store: Store::new(new, renamed), new_file, old_file, cluster_dir, entries, made_again, is_active })
    }

    fn apply(&self, site: &Site, to: &ClusterName, no_reload: bool) -> anyhow::Result<Exit> {
        // What was edited by hand before is not a change of this run.
        note_settings(site, &Who::by_hand(), "edited");
        self.new_file.apply()?;
        if let Some((from, to)) = &self.cluster_dir {
            move_folder(from, to)?;
        }
        if self.is_active {
            activate(&site.conf, to)?;
        }
        for (from, to) in &self.entries {
            move_folder(from, to)?;
        }
        for folder in &self.made_again {
            std::fs::remove_dir_all(folder).map_err(IoError::during("remove", folder))?;
            sync_folder(folder)?;
        }
        self.old_file.apply()?;
        note_settings(site, &audit::who("cluster-configure"), "renamed");
        if !self.is_active {
            return Ok(Exit::Done);
        }
        if no_reload {
            program::eprint(
                "cluster-configure: the services still have files with the old name; to change that: reload",
            );
            return Ok(Exit::Done);
        }
        reload::apply(site, &self.store, false, None)
            .context("the cluster is renamed, but its services do not run; next: reload")
    }
}

fn move_folder(from: &Path, to: &Path) -> Result<(), IoError> {
    std::fs::rename(from, to).map_err(IoError::during("rename", from))?;
    sync_folder(to)
}

/// Whether nothing is known under this name: `reload` makes empty folders, and a boot manager notes who waits.
fn has_no_record(paths: &Paths) -> anyhow::Result<bool> {
    for folder in [
        paths.hosts_dir(),
        paths.cluster_dir().join("history"),
        paths.hardware_dir(),
        paths.permissions_dir(),
        paths.windows_dir(),
        paths.tasks_dir(),
        paths.discovery_windows_dir(),
        paths.task_reports_dir(),
        paths.erase_permissions_dir(),
        paths.erase_protocols_dir(),
    ] {
        let entries = match std::fs::read_dir(&folder) {
            Err(error) if error.kind() == ErrorKind::NotFound => continue,
            entries => entries.map_err(IoError::during("list", &folder))?,
        };
        for entry in entries {
            let entry = entry.map_err(IoError::during("list", &folder))?;
            let is_folder = entry.file_type().map_err(IoError::during("read", &folder))?.is_dir();
            // Locks are hidden.
            if !is_folder && !entry.file_name().to_string_lossy().starts_with('.') {
                return Ok(false);
            }
        }
    }
    Ok(true)
}

fn there(path: &Path) -> Result<bool, IoError> {
    path.try_exists().map_err(IoError::during("look at", path))
}

fn exists(path: &Path) -> anyhow::Error {
    Ended::error(Exit::Refused, format!("{} exists already; choose another name", path.display()))
}

/// An installer has tickets with the old name, and a renumbering that was interrupted has a file with it.
fn refuse_busy(site: &Site, cluster: &Cluster, paths: &Paths) -> anyhow::Result<()> {
    let refused = |line: String| Err(Ended::error(Exit::Refused, line));
    for file in hosts_of(&site.conf, cluster)? {
        let host = file.host?;
        if host.state() == HostState::Installing {
            return refused(format!(
                "{} is INSTALLING, and its installer knows the name of the cluster; wait for its end: host-state watch {}",
                host.label(),
                host.label()
            ));
        }
    }
    if there(&paths.former_cluster_file())? {
        let name = &cluster.name;
        return refused(format!(
            "a renumbering of {name} was interrupted; first: cluster-configure --name {name} --renumber"
        ));
    }
    Ok(())
}
