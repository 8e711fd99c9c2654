// SPDX-License-Identifier: GPL-3.0-or-later
//! What a run would write, and what happens to the services.

use super::cluster_source::ClusterSource;
use super::intent::Intent;
use super::renumber::Renumber;
use super::switch::Switch;
use super::{back, long_names, next_steps, summary};
use crate::audit;
use crate::change::Change;
use crate::layout;
use crate::program::terminal;
use crate::program::{self, Exit, Site};
use crate::reload;
use hps::files::Access;
use hps::host::Who;
use hps::store::{Paths, Store, activate};
use std::path::Path;

/// What this run would write, and what happens to the services.
pub(super) struct Run {
    site: Site,
    store: Store,
    switch: Switch,
    conf_file: Change,
    cluster_file: Change,
    pub(super) renumber: Renumber,
    intent: Intent,
}

impl Run {
    pub(super) fn plan(site: &Site, source: &ClusterSource, intent: Intent) -> anyhow::Result<Self> {
        let site = site.clone();
        let switch = match intent.only_prepare {
            true => Switch::stays(&source.cluster.name),
            false => Switch::new(&site.conf, &source.cluster.name)?,
        };
        let paths = Paths::new(site.conf.clone(), source.cluster.name.clone());
        let conf_file = Change::new(site.path.clone(), site.conf.to_text().into_bytes(), Access::World)?;
        let text = source.text(&site.conf, &paths.cluster_file())?;
        let cluster_file = Change::new(paths.cluster_file(), text.into_bytes(), Access::GroupRead)?;
        let store = Store::new(paths, source.cluster.clone());
        long_names::refuse(&store)?;
        let renumber = Renumber::plan(&store, intent.renumber)?;
        Ok(Self { site, store, switch, conf_file, cluster_file, renumber, intent })
    }

    /// What would be written and started, in words.
    ///
    /// # Errors
    /// When stdout is closed.
    pub(super) fn summarise(&self) -> anyhow::Result<()> {
        program::eprint("");
        let is_new = if self.cluster_file.was_there() { "" } else { " (new)" };
        terminal::tell("", &format!("Summary of cluster {}{is_new}", self.store.cluster.name));
        for (label, value) in summary::settings(&self.store.cluster) {
            terminal::tell(&format!("  {label:<14} "), &value);
        }
        for change in [&self.conf_file, &self.cluster_file] {
            let how = match (change.is_needed(), change.was_there()) {
                (true, true) => "changed",
                (true, false) => "new",
                (false, _) => "unchanged",
            };
            terminal::tell("  file           ", &format!("{} ({how})", change.path().display()));
        }
        let network = &self.store.cluster.network;
        let services = match self.intent.no_reload {
            true => "none is started or restarted".to_owned(),
            false => format!("dnsmasq and lighttpd serve {} on port {}", network.interface, network.http_port),
        };
        terminal::tell("  services       ", &services);
        if let Some(line) = self.switch.describe("would be", "would no longer be active") {
            terminal::tell("  active         ", &line);
        }
        self.show_hosts()
    }

    /// Shows what would change.
    pub(super) fn show(&self) -> anyhow::Result<Exit> {
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

    /// Refuses new addresses of hosts that nobody agreed to, or that cannot be given.
    pub(super) fn refuse_renumbering(&self, ask: bool) -> anyhow::Result<()> {
        self.renumber.may_be(self.intent.renumber, ask)?;
        self.renumber.refuse_used(&self.store.cluster)
    }

    /// Refuses another active cluster that nobody agreed to.
    pub(super) fn refuse_switch(&self, ask: bool) -> anyhow::Result<()> {
        if self.intent.activate { Ok(()) } else { self.switch.may_be(ask) }
    }

    /// The cluster that is served now, if it is another one.
    pub(super) fn other(&self) -> Option<&hps::types::ClusterName> {
        self.switch.before()
    }

    /// Reports hosts that are in no network of the cluster, which is a problem of a run that is otherwise done.
    fn warn_of_left(&self, exit: Exit) -> Exit {
        let Some(line) = self.renumber.left(&self.store.cluster) else { return exit };
        print_lines(&[line]);
        if exit == Exit::Done { Exit::Failed } else { exit }
    }

    /// Shows the hosts that would get another address.
    pub(super) fn show_hosts(&self) -> anyhow::Result<()> {
        for line in self.renumber.lines(&self.store.cluster) {
            program::print(line)?;
        }
        Ok(())
    }

    /// The way back of a run that failed: addresses first, since the old services need the old ones.
    fn put_back(&self, former: &back::Former, error: &anyhow::Error) -> anyhow::Error {
        let addresses = self.renumber.undo(&self.store);
        let line = former.put_back(&self.site.path, &[&self.conf_file, &self.cluster_file], error);
        note_settings(&self.site, &audit::who("cluster-configure"), "put back");
        match addresses {
            Ok(()) => {
                self.renumber.end_undone(&self.store);
                line
            }
            Err(why) => line.context(format!("hosts keep their new addresses ({why:#})")),
        }
    }

    /// Writes the files, makes the cluster the active one, and starts the services. `heard` is the result of
    /// [`Self::check`], if it was called already.
    pub(super) fn write(&self, heard: Option<reload::WireLook>) -> anyhow::Result<Exit> {
        let Self { site, store, switch, intent, .. } = self;
        let group = layout::web_group()?;
        layout::make_open(site.path.parent().unwrap_or(Path::new("/")))?;
        print_lines(&layout::make(&site.conf, store, group)?);
        // Before the first write: a cluster that cannot be served must not become the active one.
        let heard = match heard {
            Some(heard) => heard,
            None => self.check()?,
        };
        let former = back::Former::load(&site.conf)?;
        // What was edited by hand before is not a change of this run.
        note_settings(site, &Who::by_hand(), "edited");
        self.renumber.begin(store)?;
        self.conf_file.apply()?;
        self.cluster_file.apply()?;
        if !intent.only_prepare {
            activate(&site.conf, &store.cluster.name)?;
        }
        note_settings(site, &audit::who("cluster-configure"), "written");
        // After the file: if this process dies here, the same command with --renumber finishes it.
        let renumbered = self.renumber.apply(store).map_err(|error| {
            let line = former.put_back(&site.path, &[&self.conf_file, &self.cluster_file], &error);
            note_settings(site, &audit::who("cluster-configure"), "put back");
            self.renumber.end_undone(store);
            line
        })?;
        if let Some(line) = switch.describe("is", "is no longer active") {
            audit::note("cluster-configure", &site.conf, &audit::line("cluster-configure", &line));
            program::eprint(format_args!("cluster-configure: {line}"));
            if intent.no_reload {
                program::eprint("cluster-configure: the services still serve the old cluster; to change that: reload");
            }
        }
        let exit = if intent.no_reload {
            correct_permissions(site)
        } else {
            reload::apply(site, store, false, Some(heard)).map_err(|error| self.put_back(&former, &error))?
        };
        Renumber::end(store);
        if program::on_terminal() {
            next_steps::print(site, store, *intent);
        }
        Ok(self.warn_of_left(if exit == Exit::Done { renumbered } else { exit }))
    }

    /// Whether the services could serve it.
    pub(super) fn check(&self) -> anyhow::Result<reload::WireLook> {
        if self.intent.no_reload { Ok(reload::WireLook::default()) } else { reload::check(&self.site, &self.store) }
    }
}

/// Notes what changed in settings since HPS looked last; that it cannot be noted is printed.
pub(super) fn note_settings(site: &Site, who: &Who, what: &str) {
    if let Err(error) = audit::note_settings(&site.path, &site.conf, who, what) {
        program::eprint(format_args!("cluster-configure: not in the audit: {error:#}"));
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
