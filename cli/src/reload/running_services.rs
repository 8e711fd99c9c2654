// SPDX-License-Identifier: GPL-3.0-or-later
//! The services as they are before `reload` changes anything, and which of them must be started, restarted or ended.

use super::owed::Owed;
use hps::config::{Cluster, HpsConf};
use hps::exec::services::{Service, ServiceFiles, ServiceManager};
use hps::render::{lighttpd, web};
use hps::store::{Store, read_plain};
use std::path::Path;

/// No configuration of a service is longer.
const MAX_CONFIGURATION_BYTES: u64 = 1 << 20;

/// Which services run before the first change, and which should.
#[derive(Debug)]
pub(super) struct RunningServices<'a> {
    manager: Option<Box<dyn ServiceManager + 'a>>,
    files: ServiceFiles<'a>,
    running: Vec<Service>,
    wanted: Vec<Service>,
    /// The services that an earlier run did not start again, although it should.
    owed: Vec<Service>,
    /// The present configuration of lighttpd.
    lighttpd: String,
    /// That of the one in front of hps-web.
    page: String,
}

impl<'a> RunningServices<'a> {
    /// What runs now. Without a service manager HPS starts and ends nothing, so every wanted service counts as running.
    pub(super) fn look(conf: &'a HpsConf, store: &Store, manager: Option<Box<dyn ServiceManager + 'a>>) -> Self {
        let files = ServiceFiles::new(conf);
        let wanted: Vec<Service> = Service::ALL.into_iter().filter(|s| s.is_wanted(&store.cluster)).collect();
        let running = manager.as_deref().map_or_else(|| wanted.clone(), |manager| to_end_or_keep(manager, &wanted));
        // lighttpd cannot run without it, and its address is not known.
        let present = |service| {
            let bytes = read_plain(&files.configuration(service), MAX_CONFIGURATION_BYTES).unwrap_or_default();
            String::from_utf8_lossy(&bytes).into_owned()
        };
        let (lighttpd, page) = (present(Service::Lighttpd), present(Service::WebTls));
        Self { manager, files, running, wanted, owed: Owed::new(conf).services(), lighttpd, page }
    }

    /// What starts and ends the services; `None` if HPS does not.
    pub(super) fn manager(&self) -> Option<&dyn ServiceManager> {
        self.manager.as_deref()
    }

    /// The services that run.
    pub(super) fn running(&self) -> &[Service] {
        &self.running
    }

    /// The services that an earlier run did not start again, although it should.
    pub(super) fn owed(&self) -> &[Service] {
        &self.owed
    }

    /// Whether a service, or its service manager, reads this file when it starts.
    pub(super) fn reads(&self, service: Service, file: &Path) -> bool {
        let definition = self.manager().and_then(|manager| manager.definition(service));
        file == self.files.configuration(service) || definition.is_some_and(|(_, path)| file == path)
    }

    /// Whether lighttpd runs at another address or port than it will. Only lines that were not edited count: otherwise
    /// its own port would be reported as that of another program.
    pub(super) fn lighttpd_moves(&self, cluster: &Cluster) -> bool {
        self.manager.is_some() && lighttpd::place(cluster).iter().any(|line| differs(&self.lighttpd, line))
    }

    /// The same for the lighttpd in front of hps-web.
    pub(super) fn page_moves(&self, cluster: &Cluster) -> bool {
        self.manager.is_some() && web::place(cluster).iter().any(|line| differs(&self.page, line))
    }

    /// The services to start, or to restart because they read a changed file or an earlier run did not start them
    /// again.
    pub(super) fn to_start(&self, changed: &[String]) -> Vec<Service> {
        if self.manager.is_none() {
            return Vec::new();
        }
        let reads_changed = |service: Service| changed.iter().any(|file| self.reads(service, Path::new(file)));
        let needs = |service: &Service| {
            !self.running.contains(service) || self.owed.contains(service) || reads_changed(*service)
        };
        self.wanted.iter().copied().filter(needs).collect()
    }

    /// What runs and should not.
    pub(super) fn to_stop(&self) -> Vec<Service> {
        self.running.iter().copied().filter(|service| !self.wanted.contains(service)).collect()
    }
}

/// Whether a configuration has another value than this line.
fn differs(configuration: &str, line: &str) -> bool {
    let key = line.split_inclusive(" = ").next().unwrap_or_default();
    configuration.lines().any(|own| own.starts_with(key) && own != line)
}

/// What runs; and what should not run but has a definition, because its manager would start it again one day.
fn to_end_or_keep(manager: &dyn ServiceManager, wanted: &[Service]) -> Vec<Service> {
    let is_defined = |service| manager.definition(service).is_some_and(|(_, path)| path.exists());
    let counts =
        |service: &Service| manager.is_running(*service) || (!wanted.contains(service) && is_defined(*service));
    Service::ALL.into_iter().filter(counts).collect()
}
