// SPDX-License-Identifier: GPL-3.0-or-later
//! What the checks work with, and what an earlier one found.

use super::client::Client;
use super::found::{Found, Status};
use super::list::Check;
use crate::host_state::check::{Finding, parts};
use crate::program::Site;
use crate::reload::drift::{self, LoaderFiles};
use hps::exec::services::{self, Service, ServiceManager};
use hps::exec::ss::{self, Listener};
use hps::exec::{ExecError, NEVER};
use hps::store::Store;
use std::cell::{OnceCell, RefCell};
use std::collections::BTreeSet;
use std::sync::atomic::AtomicBool;

/// Why a check did not run.
pub(super) const NEEDS_ROOT: &str = "only root can check this";

/// This program has no handlers for signals.
pub(super) const STOP: &AtomicBool = &NEVER;

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
        }
    }

    /// Runs a check, unless something else explains what it would find.
    pub(super) fn run(&self, check: &Check) -> Vec<Found> {
        if check.root && !rustix::process::geteuid().is_root() {
            return vec![Found::unchecked(NEEDS_ROOT, "")];
        }
        if let Some(cause) = check.needs.iter().find(|needed| self.is_broken(needed)) {
            return vec![Found::unchecked(format!("first correct the problem of {cause}"), "")];
        }
        let mut found = (check.run)(self).unwrap_or_else(|error| vec![Found::problem(format!("{error:#}"), "")]);
        if found.iter().any(|one| one.status == Status::Problem) {
            self.is_broken_now(check.name);
        }
        if found.is_empty() {
            found.push(Found::ok(check.about));
        }
        found
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

    /// The client that asks as a machine does.
    pub(super) fn client(&self) -> anyhow::Result<&Client> {
        let make = || Client::new(&self.store.cluster).map_err(|error| format!("{error:#}"));
        once(self.client.get_or_init(make))
    }
}

fn once<T>(read: &Result<T, String>) -> anyhow::Result<&T> {
    read.as_ref().map_err(|why| anyhow::anyhow!("{why}"))
}
