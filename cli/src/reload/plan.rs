// SPDX-License-Identifier: GPL-3.0-or-later
//! The files that `reload` would write, rendered in memory, and the checks of the real programs on them.

use super::definitions::{definitions, optional};
use super::host_entries::HostEntries;
use super::{page, served_loaders};
use crate::change::{self, Change};
use crate::layout::{self, upload_dir};
use crate::program::{Ended, Exit, Site, node_name};
use anyhow::Context as _;
use hps::config::Dir;
use hps::exec::services::{Service, ServiceFiles, ServiceManager};
use hps::exec::{self, NEVER, site_command};
use hps::files::{self, Access};
use hps::media::work_folder::sheet;
use hps::render::{chrony, dnsmasq, lighttpd, units};
use hps::store::{EntryKind, Store};
use std::path::{Path, PathBuf};

/// All files of one `reload`.
#[derive(Debug)]
pub(super) struct Plan {
    dnsmasq: Change,
    lighttpd: Change,
    /// Only if this node is a time server, or was one.
    chrony: Option<Change>,
    /// The lighttpd in front of hps-web, only if the page is served, or was.
    page: Option<Change>,
    others: Vec<Change>,
    /// The boot loaders, as dnsmasq offers them.
    served: Vec<dnsmasq::BootLoader>,
    /// Entries of removed hosts.
    old_entries: Vec<PathBuf>,
    warnings: Vec<String>,
    notes: Vec<String>,
}

impl Plan {
    /// Renders all of it. `manager` starts the services, if HPS does that.
    pub(super) fn make(site: &Site, store: &Store, manager: Option<&dyn ServiceManager>) -> anyhow::Result<Self> {
        let (conf, cluster) = (&site.conf, &store.cluster);
        let files = ServiceFiles::new(conf);
        let [dnsmasq_conf, lighttpd_conf, chrony_conf, notifier, web, web_conf, helper] =
            Service::ALL.map(|service| files.configuration(service));
        let mut others = Vec::new();
        let mut warnings = Vec::new();
        let served = served_loaders::plan(conf, store, &mut others, &mut warnings)?;
        others.push(program_beside("boot_manager", conf.dir(Dir::HttpCgi).join("boot_manager"))?);
        let notify = cluster.install.notify.as_ref();
        others.extend(optional(notify.is_some(), notifier.clone(), |path| program_beside("host-state", path))?);
        others.extend(optional(cluster.web.server, web.clone(), |path| program_beside("hps-web", path))?);
        let has_helper = Service::WebChanges.is_wanted(cluster);
        others.extend(optional(has_helper, helper.clone(), |path| program_beside("hps-web", path))?);
        let HostEntries { changes, old: old_entries, names: taken, warnings: of_hosts } = HostEntries::new(store)?;
        others.extend(changes);
        warnings.extend(of_hosts);
        let (leases, upload) = (store.paths.leases(), upload_dir(conf));
        let [hosts, names] = [EntryKind::Reservation, EntryKind::Names].map(|kind| store.paths.host_entries_dir(kind));
        // A disaster recovery host that became the provisioning node has its name in the registry.
        let node = node_name().filter(|node| !taken.contains(node));
        let text = dnsmasq::configuration(
            cluster,
            &served,
            &dnsmasq::Places {
                tftp: conf.dir(Dir::Tftp),
                hosts: &hosts,
                names: &names,
                leases: &leases,
                log: &store.paths.dnsmasq_log(),
                pid: &files.pid_file(Service::Dnsmasq),
            },
            node.as_ref(),
        );
        let dnsmasq = Change::new(dnsmasq_conf.clone(), text.into_bytes(), Access::World)?;
        let text = lighttpd::configuration(
            cluster,
            &lighttpd::Places {
                root: conf.dir(Dir::HttpStatic),
                cgi: conf.dir(Dir::HttpCgi),
                distros: conf.dir(Dir::Distros),
                packages: conf.dir(Dir::Packages),
                tftp: conf.dir(Dir::Tftp),
                log: &store.paths.web_log_dir(),
                pid: &files.pid_file(Service::Lighttpd),
                upload: &upload,
                conf: &site.path,
            },
        );
        let lighttpd = Change::new(lighttpd_conf.clone(), text.into_bytes(), Access::World)?;
        let pid = files.pid_file(Service::Chronyd);
        let text = chrony::configuration(cluster, &chrony::Places { pid: &pid });
        let chrony = optional(cluster.time.server, chrony_conf.clone(), |path| {
            Change::new(path, text.into_bytes(), Access::World)
        })?;
        let page = page::configuration(site, store)?;
        let folders: Vec<&Path> = conf.dirs().map(|(_, path)| path).collect();
        let written = |dir: &Dir| matches!(dir, Dir::Log | Dir::Clusters | Dir::Services | Dir::State | Dir::Run);
        let writable: Vec<&Path> = conf.dirs().filter(|(dir, _)| written(dir)).map(|(_, path)| path).collect();
        let interface_unit = manager.and_then(|manager| manager.interface_unit(&cluster.network.interface));
        let (secrets, socket, folder) = (page::secrets(site), files.page_socket(), files.page_folder());
        let changes_socket = files.changes_socket();
        let secrets: Vec<&Path> = secrets.iter().map(PathBuf::as_path).collect();
        let services = units::Services {
            page: units::PagePlaces {
                program: &web,
                lighttpd: &web_conf,
                folder: &folder,
                socket: &socket,
                helper: &helper,
                changes: &changes_socket,
                log: &store.paths.web_log_dir(),
                secrets: &secrets,
            },
            chrony: &chrony_conf,
            dnsmasq: &dnsmasq_conf,
            lighttpd: &lighttpd_conf,
            run: conf.dir(Dir::Run),
            notify: &notifier,
            conf: &site.path,
            folders: &folders,
            writable: &writable,
            interface_unit: interface_unit.as_deref(),
        };
        let text = units::logrotate(&store.paths.web_log_dir(), &store.paths.dnsmasq_log());
        others.push(Change::new(files.logrotate(), text.into_bytes(), Access::World)?);
        if let Some(manager) = manager {
            others.extend(definitions(manager, cluster, services)?);
        }
        let notes = page::missing(store);
        let mut plan = Self { dnsmasq, lighttpd, chrony, page, others, served, old_entries, warnings, notes };
        plan.warnings.extend(notify.and_then(|command| why_not_called(Path::new(command.as_str()))));
        Ok(plan)
    }

    /// The boot loaders, as dnsmasq offers them.
    pub(super) fn served(&self) -> &[dnsmasq::BootLoader] {
        &self.served
    }

    /// The files that would be written.
    pub(super) fn files_to_write(&self) -> Vec<String> {
        self.changes().filter(|c| c.is_needed()).map(|c| c.path().display().to_string()).collect()
    }

    pub(super) fn changes(&self) -> impl Iterator<Item = &Change> {
        self.others.iter().chain([&self.dnsmasq, &self.lighttpd]).chain(&self.chrony).chain(&self.page)
    }

    /// Whether anything would be written or removed.
    pub(super) fn would_change(&self) -> bool {
        !self.old_entries.is_empty() || self.changes().any(Change::is_needed)
    }

    /// One more problem for a person.
    pub(super) fn add_warning(&mut self, line: String) {
        self.warnings.push(line);
    }

    /// One more note.
    pub(super) fn add_note(&mut self, line: String) {
        self.notes.push(line);
    }

    /// The notes.
    pub(super) fn notes(&self) -> &[String] {
        &self.notes
    }

    /// The problems of single hosts, or of published media, a line each.
    pub(super) fn warnings(&self) -> &[String] {
        &self.warnings
    }

    /// Entries of removed hosts.
    pub(super) fn old_entries(&self) -> impl Iterator<Item = &Path> {
        self.old_entries.iter().map(PathBuf::as_path)
    }

    pub(super) fn remove_old_entries(&self) -> anyhow::Result<bool> {
        for path in &self.old_entries {
            let folder = path.symlink_metadata().is_ok_and(|m| m.is_dir());
            let removed = if folder { std::fs::remove_dir_all(path) } else { std::fs::remove_file(path) };
            removed.with_context(|| format!("{}: cannot remove", path.display()))?;
        }
        Ok(!self.old_entries.is_empty())
    }

    /// Our own check, and those of dnsmasq and lighttpd, on temporary files.
    pub(super) fn check(&self, store: &Store) -> anyhow::Result<()> {
        let whole =
            |change: &Change, complete: fn(&str) -> bool| std::str::from_utf8(change.after()).is_ok_and(complete);
        if !whole(&self.dnsmasq, dnsmasq::is_complete) || !whole(&self.lighttpd, lighttpd::is_complete) {
            return Err(Ended::error(Exit::Failed, "a rendered configuration is incomplete; nothing was changed"));
        }
        let file = sheet(self.dnsmasq.after())?;
        exec::dnsmasq::check(file.path())
            .context("dnsmasq does not accept its rendered configuration; nothing was changed")?;
        let file = sheet(self.lighttpd.after())?;
        exec::lighttpd::check(file.path())
            .context("lighttpd does not accept its rendered configuration; nothing was changed")?;
        page::check(store, self.page.as_ref())?;
        let Some(chrony) = self.chrony.as_ref().filter(|chrony| !chrony.after().is_empty()) else { return Ok(()) };
        if !whole(chrony, chrony::is_complete) {
            return Err(Ended::error(Exit::Failed, "a rendered configuration is incomplete; nothing was changed"));
        }
        let file = sheet(chrony.after())?;
        exec::chronyd::check(file.path())
            .context("chronyd does not accept its rendered configuration; nothing was changed")
    }
}

/// The site's command may be installed later. Until then no notification is sent, and a person should know that.
fn why_not_called(command: &Path) -> Option<String> {
    // Before the first run this user does not exist.
    let why = site_command::check(command, layout::web_user(&NEVER).ok()).err()?;
    Some(format!("install.notify: {} cannot be called: {why}", command.display()))
}

/// A copy of a program from the folder of this one, at a place that the web server's user can read.
fn program_beside(name: &str, place: PathBuf) -> anyhow::Result<Change> {
    let here = std::env::current_exe().context("the path of this program is not known")?;
    let source = here.with_file_name(name);
    let bytes = files::read_input(&source, change::MAX_FILE_BYTES).with_context(|| {
        format!("{}: cannot be read; it should be in the same folder as {}", source.display(), here.display())
    })?;
    Ok(Change::new(place, bytes, Access::World)?.executable())
}
