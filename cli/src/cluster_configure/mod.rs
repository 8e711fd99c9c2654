// SPDX-License-Identifier: GPL-3.0-or-later
//! `cluster-configure`: makes the folders and `hps.conf` where they are missing, writes a cluster file, makes the cluster
//! the active one, and runs `reload`.

mod arguments;
mod back;
mod cluster_source;
mod draft;
mod keys;
mod long_names;
mod networks_before;
mod next_steps;
mod questions;
mod renumber;
mod site;
mod storage_count;
mod switch;

pub use arguments::Arguments;

use crate::change::Change;
use crate::layout;
use crate::program::{self, Exit, Site};
use crate::reload;
use cluster_source::ClusterSource;
use hps::files::Access;
use hps::store::{Paths, Store, activate};
use renumber::Renumber;
use std::path::Path;
use switch::Switch;

/// What this run would write, and what happens to the services.
struct Run {
    site: Site,
    store: Store,
    switch: Switch,
    conf_file: Change,
    cluster_file: Change,
    renumber: Renumber,
    /// Whether the services stay unchanged.
    no_reload: bool,
}

/// Runs the program.
///
/// # Errors
/// What prevents the run, a line for each mistake of a file.
pub fn run(arguments: Arguments) -> anyhow::Result<Exit> {
    if !arguments.dry_run {
        program::need_root()?;
    }
    let site = site::site(&arguments)?;
    let source = ClusterSource::from_arguments(&arguments, &site.conf)?;
    let switch = Switch::new(&site.conf, &source.cluster.name)?;
    if !arguments.dry_run && !arguments.activate {
        switch.may_be(true)?;
    }
    let _lock = match arguments.dry_run {
        true => None,
        false => Some(reload::ReloadLock::wait(&site.conf, "cluster-configure", reload::LOCK_TIMEOUT)?),
    };
    let paths = Paths::new(site.conf.clone(), source.cluster.name.clone());
    let conf_file = Change::new(site.path.clone(), site.conf.to_text().into_bytes(), Access::World)?;
    let text = source.text(&site.conf, &paths.cluster_file())?;
    let cluster_file = Change::new(paths.cluster_file(), text.into_bytes(), Access::GroupRead)?;
    let store = Store::new(paths, source.cluster);
    long_names::refuse(&store)?;
    let renumber = Renumber::plan(&store, arguments.renumber)?;
    let run = Run { site, store, switch, conf_file, cluster_file, renumber, no_reload: arguments.no_reload };
    if !arguments.dry_run {
        run.show_hosts()?;
        run.renumber.may_be(arguments.renumber, true)?;
        run.renumber.refuse_used(&run.store.cluster)?;
        return run.write();
    }
    let exit = run.show()?;
    run.renumber.may_be(arguments.renumber, false)?;
    run.renumber.refuse_used(&run.store.cluster)?;
    if !arguments.activate {
        run.switch.may_be(false)?;
    }
    Ok(exit)
}

impl Run {
    /// Shows what would change.
    fn show(&self) -> anyhow::Result<Exit> {
        let mut exit = if self.switch.is_needed() { Exit::WouldChange } else { Exit::Done };
        for change in [&self.conf_file, &self.cluster_file].into_iter().filter(|change| change.is_needed()) {
            program::print_text(change.diff().trim_end())?;
            exit = Exit::WouldChange;
        }
        if let Some(line) = self.switch.describe("would be", "would no longer be active") {
            program::print(line)?;
        }
        self.show_hosts()?;
        if self.renumber.is_needed() {
            exit = Exit::WouldChange;
        }
        self.check()?.print("cluster-configure");
        Ok(self.warn_of_left(exit))
    }

    /// Reports hosts that are in no network of the cluster, which is a problem of a run that is otherwise done.
    fn warn_of_left(&self, exit: Exit) -> Exit {
        let Some(line) = self.renumber.left(&self.store.cluster) else { return exit };
        print_lines(&[line]);
        if exit == Exit::Done { Exit::Failed } else { exit }
    }

    /// Shows the hosts that would get another address.
    fn show_hosts(&self) -> anyhow::Result<()> {
        for line in self.renumber.lines(&self.store.cluster) {
            program::print(line)?;
        }
        Ok(())
    }

    /// The way back of a run that failed: addresses first, since the old services need the old ones.
    fn put_back(&self, former: &back::Former, error: &anyhow::Error) -> anyhow::Error {
        let addresses = self.renumber.undo(&self.store);
        let line = former.put_back(&self.site.path, &[&self.conf_file, &self.cluster_file], error);
        match addresses {
            Ok(()) => {
                self.renumber.end_undone(&self.store);
                line
            }
            Err(why) => line.context(format!("hosts keep their new addresses ({why:#})")),
        }
    }

    /// Writes the files, makes the cluster the active one, and starts the services.
    fn write(&self) -> anyhow::Result<Exit> {
        let Self { site, store, switch, .. } = self;
        let group = layout::web_group()?;
        layout::make_open(site.path.parent().unwrap_or(Path::new("/")))?;
        print_lines(&layout::make(&site.conf, store, group)?);
        // Before the first write: a cluster that cannot be served must not become the active one.
        let heard = self.check()?;
        let former = back::Former::load(&site.conf)?;
        self.renumber.begin(store)?;
        self.conf_file.apply()?;
        self.cluster_file.apply()?;
        activate(&site.conf, &store.cluster.name)?;
        // After the file: if this process dies here, the same command with --renumber finishes it.
        let renumbered = self.renumber.apply(store).map_err(|error| {
            let line = former.put_back(&site.path, &[&self.conf_file, &self.cluster_file], &error);
            self.renumber.end_undone(store);
            line
        })?;
        if let Some(line) = switch.describe("is", "is no longer active") {
            program::eprint(format_args!("cluster-configure: {line}"));
            if self.no_reload {
                program::eprint("cluster-configure: the services still serve the old cluster; to change that: reload");
            }
        }
        let exit = if self.no_reload {
            correct_permissions(site)
        } else {
            reload::apply(site, store, false, Some(heard)).map_err(|error| self.put_back(&former, &error))?
        };
        Renumber::end(store);
        if program::on_terminal() {
            next_steps::print(site, store, self.no_reload);
        }
        Ok(self.warn_of_left(if exit == Exit::Done { renumbered } else { exit }))
    }

    /// Whether the services could serve it.
    fn check(&self) -> anyhow::Result<reload::WireLook> {
        if self.no_reload { Ok(reload::WireLook::default()) } else { reload::check(&self.site, &self.store) }
    }
}

/// The repairs of file permissions that `reload` would make, for runs without it.
fn correct_permissions(site: &Site) -> Exit {
    let problems = reload::repair_permissions(site).problems;
    print_lines(&problems);
    if problems.is_empty() { Exit::Done } else { Exit::Failed }
}

fn print_lines(lines: &[String]) {
    lines.iter().for_each(|line| program::eprint(format_args!("cluster-configure: {line}")));
}
