// SPDX-License-Identifier: GPL-3.0-or-later
//! Reads how the site stands. It asks nothing of the network, and reads no package list, so that it answers at once.

use super::status::{HostNote, Note, ServiceStatus, Status};
use crate::host_state::describe_stalled;
use crate::program::{self, Site};
use crate::reload::drift;
use hps::exec::ip::{self, LinkState};
use hps::exec::services::{self, Service};
use hps::host::{Host, HostState};
use hps::preflight;
use hps::store::Store;
use hps::types::one_line;
use std::collections::BTreeMap;

/// Reads it.
///
/// # Errors
/// When the records cannot be listed.
pub(super) fn gather(site: &Site, store: &Store) -> anyhow::Result<Status> {
    let surroundings = Surroundings::look(site, store);
    let unknown_machines = store.pending().list()?.waiting.len();
    let mut hosts = Vec::new();
    let mut unreadable = Vec::new();
    for file in store.hosts().list()? {
        match file.host {
            Ok(host) => hosts.push(host),
            Err(error) if program::is_denied(&error) => return Err(error.into()),
            Err(error) => unreadable.push(one_line(&error)),
        }
    }
    Ok(Status { unreadable, ..status(store, &surroundings, &hosts, unknown_machines) }.judged())
}

/// What is around the hosts. To look at it starts programs and reads what is published.
#[derive(Debug, Clone, Default)]
pub(crate) struct Surroundings {
    interface_problem: Option<Note>,
    interface_warning: Option<Note>,
    pub(crate) services: Vec<ServiceStatus>,
    media: Vec<Note>,
}

impl Surroundings {
    /// Looks at it.
    pub(crate) fn look(site: &Site, store: &Store) -> Self {
        let (interface_problem, interface_warning) = interface(store);
        let unpublished = preflight::unpublished(&store.cluster, store.paths.distros());
        let media =
            unpublished.iter().map(|found| Note { problem: found.problem(), advice: found.advice.clone() }).collect();
        Self { interface_problem, interface_warning, services: running(site, store), media }
    }
}

/// The status of a site with these hosts, before [`Status::judged`].
pub(crate) fn status<'a>(
    store: &Store,
    surroundings: &Surroundings,
    hosts: impl IntoIterator<Item = &'a Host>,
    unknown_machines: usize,
) -> Status {
    let cluster = &store.cluster;
    let around = surroundings.clone();
    let mut status = Status {
        version: program::VERSION,
        cluster: cluster.name.to_string(),
        interface: cluster.network.interface.to_string(),
        address: cluster.network.address.to_string(),
        interface_problem: around.interface_problem,
        interface_warning: around.interface_warning,
        services: around.services,
        hosts: BTreeMap::new(),
        failed: Vec::new(),
        stalled: Vec::new(),
        unreadable: Vec::new(),
        unknown_machines,
        media: around.media,
        attention: false,
    };
    let now = program::now();
    for host in hosts {
        status.count(host.state());
        if host.state() == HostState::Failed {
            let problem = host.reason.as_ref().map(ToString::to_string).unwrap_or_default();
            status.failed.push(HostNote { host: host.label(), problem });
        } else if let Some(stalled) = host.stalled(&cluster.install.stage_limits, now) {
            status.stalled.push(HostNote { host: host.label(), problem: describe_stalled(&stalled) });
        }
    }
    status
}

fn running(site: &Site, store: &Store) -> Vec<ServiceStatus> {
    let Some(manager) = services::detect(&site.conf) else { return Vec::new() };
    let wanted = Service::ALL.into_iter().filter(|service| service.is_wanted(&store.cluster));
    wanted.map(|service| ServiceStatus { name: service.program(), runs: manager.is_running(service) }).collect()
}

/// What keeps machines from reaching it, and what may be meant so (decision 147).
fn interface(store: &Store) -> (Option<Note>, Option<Note>) {
    let interface = &store.cluster.network.interface;
    let note = |problem: String, advice: String| Some(Note { problem, advice });
    if let Err(error) = drift::check_address(store) {
        let line = format!("{error:#}");
        let (problem, advice) = line.split_once("; ").unwrap_or((&line, "self-test"));
        return (note(problem.to_owned(), advice.to_owned()), None);
    }
    match ip::link_state(interface) {
        Ok(LinkState::Up) => (None, None),
        Ok(LinkState::NoCarrier) => {
            (None, note(format!("nothing is connected to {interface}"), "check the cable and the switch".to_owned()))
        }
        Ok(LinkState::Down | LinkState::Missing) => {
            (note(format!("{interface} is down"), format!("ip link set {interface} up")), None)
        }
        Err(error) => (note(one_line(&error), "self-test".to_owned()), None),
    }
}
