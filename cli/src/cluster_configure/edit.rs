// SPDX-License-Identifier: GPL-3.0-or-later
//! `cluster-configure edit`: a copy is edited, and replaces the file only if it has no mistakes, as visudo(8) does.

use super::list::named_or_active;
use super::remove::backup;
use super::run::note_settings;
use super::used_types::keep_used_types;
use crate::audit;
use crate::change::Change;
use crate::program::terminal;
use crate::program::{self, Ended, Exit, Site};
use crate::reload;
use anyhow::Context as _;
use hps::config::{Cluster, Dir, HpsConf};
use hps::exec::editor;
use hps::files::{Access, Lock, LockError, LockKind, write_atomic};
use hps::host::Who;
use hps::store::{Paths, StoreError, active_name, cluster_text};
use hps::types::ClusterName;
use std::io::Write as _;
use std::path::Path;
use std::time::Duration;

/// What an editor needs of the environment.
const ENVIRONMENT: [&str; 8] = ["TERM", "HOME", "LANG", "LC_ALL", "LC_CTYPE", "USER", "LOGNAME", "COLORTERM"];

/// Edits a cluster file.
///
/// # Errors
/// [`Exit::Failed`] if there are mistakes at the end, [`Exit::Busy`] if somebody else edits it, [`Exit::Refused`] if the
/// file was changed meanwhile. The file is unchanged then.
pub(super) fn edit(site: &Site, name: Option<&ClusterName>, dry_run: bool) -> anyhow::Result<Exit> {
    let conf = &site.conf;
    let name = named_or_active(conf, name)?;
    let paths = Paths::new(conf.clone(), name.clone());
    let file = paths.cluster_file();
    let lock = conf.dir(Dir::Run).join(format!("edit-{name}.lock"));
    let _editing = match Lock::wait_and(&lock, LockKind::Root, Duration::ZERO, |_| {}) {
        Err(LockError::Busy { owner, .. }) => {
            let owner = owner.unwrap_or_else(|| "another program".to_owned());
            return Err(Ended::error(Exit::Busy, format!("{owner} edits {} already", file.display())));
        }
        locked => locked?,
    };
    // From here on Ctrl-C is the editor's, and the copy is removed in any case.
    let interrupted = program::interrupted()?;
    let before = cluster_text(conf, &name)?;
    // In the folder of the locks, which only root can write: the file may have the hash of a password.
    let mut copy = tempfile::Builder::new()
        .prefix(&format!("{name}."))
        .suffix(".cluster")
        .tempfile_in(conf.dir(Dir::Run))
        .context("the copy cannot be made")?;
    copy.write_all(before.as_bytes()).context("the copy cannot be written")?;
    let after = loop {
        open(copy.path())?;
        let after = program::read_input(copy.path(), program::MAX_INPUT_BYTES)?;
        if after == before {
            program::eprint("cluster-configure: nothing was changed");
            return Ok(Exit::Done);
        }
        match check(conf, (&before, &after), &name, &file) {
            Ok(()) => break after,
            Err(error) if program::can_ask() && !interrupted.load(std::sync::atomic::Ordering::Relaxed) => {
                for line in program::error_lines(&error) {
                    program::eprint(format_args!("cluster-configure: {line}"));
                }
                if !edit_again()? {
                    return Err(Ended::error(Exit::Failed, format!("{} is unchanged", file.display())));
                }
            }
            Err(error) => return Err(error),
        }
    };
    save(site, &paths, &name, (&before, &after), dry_run)
}

fn open(copy: &Path) -> anyhow::Result<()> {
    let variable = |name: &str| std::env::var(name).ok().filter(|value| !value.trim().is_empty());
    let named = variable("VISUAL").or_else(|| variable("EDITOR"));
    let environment: Vec<_> = ENVIRONMENT.iter().filter_map(|name| Some((*name, variable(name)?))).collect();
    Ok(editor::edit(named.as_deref(), copy, &environment)?)
}

/// All mistakes, under the name of the file and not of its copy.
fn check(conf: &HpsConf, texts: (&str, &str), name: &ClusterName, file: &Path) -> anyhow::Result<()> {
    let (before, text) = texts;
    let cluster = Cluster::parse(text).map_err(|error| StoreError::of_cluster(file, error))?;
    if cluster.name != *name {
        let line =
            format!("{}: name is {}; to rename the cluster: cluster-configure rename", file.display(), cluster.name);
        return Err(Ended::error(Exit::Failed, line));
    }
    // What was no cluster file defined no type.
    if let Ok(before) = Cluster::parse(before) {
        keep_used_types(conf, &before, &cluster)?;
    }
    reload::check_settings(&cluster, file, Some(text))
}

fn edit_again() -> anyhow::Result<bool> {
    loop {
        let answer = terminal::ask("Edit again, or drop the changes? edit or drop", Some("edit"))?;
        match answer.trim().to_ascii_lowercase().as_str() {
            "" | "e" | "edit" => return Ok(true),
            "d" | "drop" | "q" | "quit" => return Ok(false),
            _ => terminal::tell("", "Type edit or drop."),
        }
    }
}

fn save(site: &Site, paths: &Paths, name: &ClusterName, texts: (&str, &str), dry_run: bool) -> anyhow::Result<Exit> {
    let (before, after) = texts;
    let file = paths.cluster_file();
    let change = Change::new(file.clone(), after.as_bytes().to_vec(), Access::GroupRead)?;
    if dry_run {
        program::print_text(change.diff().trim_end())?;
        return Ok(Exit::WouldChange);
    }
    let _lock = reload::ReloadLock::wait(&site.conf, "cluster-configure", reload::LOCK_TIMEOUT)?;
    if cluster_text(&site.conf, name)? != before {
        let line = format!("{} was changed by another program meanwhile; edit it again", file.display());
        return Err(Ended::error(Exit::Refused, line));
    }
    // What was edited by hand before is not a change of this run.
    note_settings(site, &Who::by_hand(), "edited");
    write_atomic(&backup(paths), before.as_bytes(), Access::GroupRead)?;
    change.apply()?;
    note_settings(site, &audit::who("cluster-configure"), "edited");
    if active_name(&site.conf)?.as_ref() == Some(name) {
        program::eprint(format_args!("cluster-configure: {} is saved; next: reload", file.display()));
    }
    Ok(Exit::Done)
}
