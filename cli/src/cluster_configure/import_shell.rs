// SPDX-License-Identifier: GPL-3.0-or-later
//! `cluster-configure import`: takes over a site of the shell release. Each value that it has is reported: kept, changed, dropped or
//! refused.

use super::arguments::Arguments;
use super::cluster_source::Start;
use super::flags::{SettingFlags, TypeDistro};
use super::fragments::Fragments;
use super::import_arguments::Import;
use super::intent::Intent;
use super::notes_shown;
use super::run::Run;
use super::shell_site;
use super::storage_count::StorageCount;
use super::values::OrNone;
use crate::host_state::{self, TakenOver};
use crate::program::{self, Ended, Exit, Site};
use crate::reload;
use hps::config::{Cluster, Fate, HpsConf, Note, ShellCluster, ShellHost};
use hps::files::IoError;
use hps::media::work_folder::work_folder;
use hps::store::{Paths, Store};
use std::fs;
use tempfile::TempDir;

/// Imports the site.
///
/// # Errors
/// When the folder cannot be read, a setting is missing, or the cluster cannot be written or served.
pub(super) fn import(site: &Site, import: &Import) -> anyhow::Result<Exit> {
    let (dry_run, json) = (import.dry_run, import.json);
    let intent =
        Intent { activate: import.activate, only_prepare: false, no_reload: import.no_reload, renumber: false };
    let mut shell = shell_site::read(&import.folder)?;
    let mut notes = std::mem::take(&mut shell.notes);
    let arguments = Arguments::from_settings(filled(import.settings.clone(), &shell.cluster));
    let mut start = Start::new(&arguments, &site.conf, false)?;
    start.draft.must_be_there = !intent.no_reload;
    let fragments = Fragments::find(site, dry_run)?;
    let source = start.source(&start.draft, &fragments, &site.conf)?;
    notes.extend(fit(&source.cluster, &mut shell.hosts));
    if dry_run {
        let (_folder, store) = registry_of_a_dry_run(site, &source.cluster)?;
        let taken = host_state::take_over(&store, &shell.hosts)?;
        report(&mut notes, &taken, json)?;
        let run = Run::plan(site, &source, intent)?;
        if !json {
            run.show()?;
        }
        run.refuse_switch(false)?;
        return Ok(Exit::WouldChange);
    }
    let lock = reload::ReloadLock::wait(&site.conf, "cluster-configure", reload::LOCK_TIMEOUT)?;
    let run = Run::plan(site, &source, intent)?;
    run.refuse_switch(false)?;
    let heard = run.check()?;
    // Services that run serve the active cluster at once. Before this one is active, each machine must be known as one
    // that was installed.
    Run::plan(site, &source, Intent { only_prepare: true, no_reload: true, ..intent })?.write(None)?;
    let store = Store::new(Paths::new(site.conf.clone(), source.cluster.name.clone()), source.cluster.clone());
    let taken = host_state::take_over(&store, &shell.hosts)?;
    taken.apply(&store)?;
    report(&mut notes, &taken, json)?;
    let is_refused = notes.iter().any(|note| note.fate == Fate::Refused);
    let served = Run::plan(site, &source, intent)?.write(Some(heard))?;
    drop(lock);
    Ok(if is_refused { Exit::Failed } else { served })
}

/// The registry of the cluster; for one that is not there yet an empty one, in a folder that is removed.
fn registry_of_a_dry_run(site: &Site, cluster: &Cluster) -> anyhow::Result<(Option<TempDir>, Store)> {
    let paths = Paths::new(site.conf.clone(), cluster.name.clone());
    if paths.cluster_dir().is_dir() {
        return Ok((None, Store::new(paths, cluster.clone())));
    }
    let folder = work_folder()?;
    let conf = HpsConf::with_base(folder.path()).map_err(|error| Ended::error(Exit::Failed, error.problem))?;
    let paths = Paths::new(conf, cluster.name.clone());
    for path in [paths.permissions_dir(), paths.windows_dir()].into_iter().chain(paths.host_entries_dirs()) {
        fs::create_dir_all(&path).map_err(IoError::during("make", &path))?;
    }
    paths.make_shared(None)?;
    Ok((Some(folder), Store::new(paths, cluster.clone())))
}

/// The flags, and for what they leave open the values of the site.
fn filled(flags: SettingFlags, shell: &ShellCluster) -> SettingFlags {
    let mut filled = flags;
    filled.name = filled.name.or_else(|| shell.name.clone());
    filled.description = filled.description.or_else(|| shell.description.clone());
    filled.interface = filled.interface.or_else(|| shell.interface.clone());
    filled.address = filled.address.or(shell.address);
    filled.syslog = filled.syslog.or_else(|| shell.syslog.map(|server| OrNone(Some(server))));
    let count = shell.storage_networks.and_then(StorageCount::from_number);
    filled.storage_networks = filled.storage_networks.or(count);
    if filled.types.is_empty() && filled.system.is_none() {
        filled.types = shell.types.iter().map(|(host_type, distro)| TypeDistro(*host_type, distro.clone())).collect();
    }
    filled
}

/// Takes away addresses that the new cluster cannot give.
fn fit(cluster: &Cluster, hosts: &mut [ShellHost]) -> Vec<Note> {
    let mut notes = Vec::new();
    for host in hosts {
        let Some(address) = host.address else { continue };
        let refused = match cluster.takes_host(address) {
            Err(why) => Some(why.to_string()),
            Ok(()) => {
                let range = cluster.placement(address).dhcp_range();
                let key = "dhcp_range, which is for unknown machines; give --dhcp-range and --host-range";
                range.contains(address).then(|| format!("it is in {range}, the {key}"))
            }
        };
        if let Some(why) = refused {
            let text = format!("IP {address}: {why}; the host gets another address when it is armed");
            notes.push(Note { file: host.file.clone(), line: 0, fate: Fate::Refused, text });
            host.address = None;
        }
    }
    notes
}

/// Prints what became of everything.
fn report(notes: &mut Vec<Note>, taken: &TakenOver, json: bool) -> anyhow::Result<()> {
    notes.extend(taken.notes().iter().cloned());
    if json {
        program::print_json(&notes)?;
        return Ok(());
    }
    for line in notes_shown::lines(notes) {
        program::print(line)?;
    }
    let count = |fate: Fate| notes.iter().filter(|note| note.fate == fate).count();
    program::print(format_args!(
        "{} hosts; {} values kept, {} changed, {} dropped, {} refused",
        taken.count(),
        count(Fate::Kept),
        count(Fate::Changed),
        count(Fate::Dropped),
        count(Fate::Refused)
    ))?;
    program::print("each of these machines boots its disk until it is armed")?;
    Ok(())
}
