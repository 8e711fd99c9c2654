// SPDX-License-Identifier: GPL-3.0-or-later
//! What the checks work with, and what an earlier one found.

use super::client::Client;
use super::stop::STOP;
use crate::host_state::check::{Finding, parts};
use crate::other_dhcp::{Heard, listen};
use crate::program::Site;
use crate::reload::drift::{self, LoaderFiles};
use hps::exec::ExecError;
use hps::exec::services::{self, Service, ServiceManager};
use hps::exec::ss::{self, Listener};
use hps::store::Store;
use std::cell::{OnceCell, RefCell};
use std::collections::BTreeSet;
use std::path::Path;
use std::thread::JoinHandle;

/// The node.
pub(super) struct Context {
    pub(super) site: Site,
    pub(super) store: Store,
    /// Checks and services that have a problem.
    broken: RefCell<BTreeSet<&'static str>>,
    loaders: OnceCell<Result<LoaderFiles, String>>,
    registry: OnceCell<Result<Vec<Finding>, String>>,
    listeners: OnceCell<Result<Vec<Listener>, String>>,
    client: OnceCell<Result<Client, String>>,
    wrong_rights: OnceCell<Vec<String>>,
    heard: RefCell<Option<JoinHandle<anyhow::Result<Heard>>>>,
}

impl Context {
    pub(super) fn new(site: Site, store: Store) -> Self {
        Self {
            site,
            store,
            broken: RefCell::default(),
            loaders: OnceCell::new(),
            registry: OnceCell::new(),
            listeners: OnceCell::new(),
            client: OnceCell::new(),
            wrong_rights: OnceCell::new(),
            heard: RefCell::default(),
        }
    }

    /// A service, by its program, or a check has a problem.
    pub(super) fn is_broken_now(&self, name: &'static str) {
        self.broken.borrow_mut().insert(name);
    }

    pub(super) fn is_broken(&self, name: &str) -> bool {
        self.broken.borrow().contains(name)
    }

    /// What starts the services; `None` if HPS does not.
    pub(super) fn manager(&self) -> Option<Box<dyn ServiceManager + '_>> {
        services::detect(&self.site.conf)
    }

    /// Whether a service runs. Without a service manager it counts as running.
    pub(super) fn runs(&self, service: Service) -> bool {
        self.manager().is_none_or(|manager| manager.is_running(service))
    }

    /// The boot loaders, as they should be.
    pub(super) fn loaders(&self) -> anyhow::Result<&LoaderFiles> {
        let read = || drift::loader_files(&self.site, &self.store).map_err(|error| format!("{error:#}"));
        once(self.loaders.get_or_init(read))
    }

    /// Files and folders with wrong owners or modes, a line each, which begins with the path.
    pub(super) fn wrong_rights(&self) -> &[String] {
        self.wrong_rights.get_or_init(|| drift::wrong_rights(&self.site))
    }

    /// Whether a line of [`Context::wrong_rights`] is of a file, or of a folder above it.
    pub(super) fn has_wrong_rights(&self, file: &Path) -> bool {
        let is_of = |line: &String, place: &Path| line.starts_with(&format!("{}: ", place.display()));
        file.ancestors().any(|place| self.wrong_rights().iter().any(|line| is_of(line, place)))
    }

    /// What is wrong with the records.
    pub(super) fn registry(&self) -> anyhow::Result<&[Finding]> {
        let read = || parts::registry(&self.store).map_err(|error| format!("{error:#}"));
        once(self.registry.get_or_init(read)).map(Vec::as_slice)
    }

    /// Which processes have which ports.
    pub(super) fn listeners(&self) -> anyhow::Result<&[Listener]> {
        let read = || ss::listeners(STOP).map_err(|error: ExecError| format!("{:#}", anyhow::Error::from(error)));
        once(self.listeners.get_or_init(read)).map(Vec::as_slice)
    }

    /// Begins to listen for other DHCP servers. It takes 5 seconds, in which the other checks run.
    pub(super) fn begin_to_listen(&self) {
        let interface = self.store.cluster.network.interface.clone();
        let runs = self.runs(Service::Dnsmasq);
        *self.heard.borrow_mut() = Some(std::thread::spawn(move || listen("self-test", &interface, runs)));
    }

    /// What was heard since then.
    pub(super) fn heard(&self) -> anyhow::Result<Heard> {
        let listening = self.heard.borrow_mut().take();
        listening.and_then(|thread| thread.join().ok()).unwrap_or_else(|| anyhow::bail!("nothing was heard"))
    }

    /// The client that asks as a machine does.
    pub(super) fn client(&self) -> anyhow::Result<&Client> {
        let make = || Client::new(&self.store.cluster).map_err(|error| format!("{error:#}"));
        once(self.client.get_or_init(make))
    }
}

fn once<T>(read: &Result<T, String>) -> anyhow::Result<&T> {
    read.as_ref().map_err(|why| anyhow::anyhow!("{why}"))
}
