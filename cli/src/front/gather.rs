// SPDX-License-Identifier: GPL-3.0-or-later
//! Reads how the site stands. It asks nothing of the network, and reads no package list, so that it answers at once.

use super::status::{HostNote, Note, ServiceStatus, Status};
use crate::host_state::describe_stalled;
use crate::program::{self, Site};
use crate::reload::drift;
use hps::exec::ip::{self, LinkState};
use hps::exec::services::{self, Service};
use hps::host::HostState;
use hps::preflight;
use hps::store::Store;
use hps::types::one_line;
use std::collections::BTreeMap;

/// Reads it.
///
/// # Errors
/// When the records cannot be listed.
pub(super) fn gather(site: &Site, store: &Store) -> anyhow::Result<Status> {
    let cluster = &store.cluster;
    let (interface_problem, interface_warning) = interface(store);
    let mut status = Status {
        version: program::VERSION,
        cluster: cluster.name.to_string(),
        interface: cluster.network.interface.to_string(),
        address: cluster.network.address.to_string(),
        interface_problem,
        interface_warning,
        services: running(site, store),
        hosts: BTreeMap::new(),
        failed: Vec::new(),
        stalled: Vec::new(),
        unreadable: Vec::new(),
        unknown_machines: store.pending().list()?.waiting.len(),
        media: Vec::new(),
        attention: false,
    };
    let now = program::now();
    for file in store.hosts().list()? {
        let host = match file.host {
            Ok(host) => host,
            Err(error) if program::is_denied(&error) => return Err(error.into()),
            Err(error) => {
                status.unreadable.push(one_line(&error));
                continue;
            }
        };
        status.count(host.state());
        if host.state() == HostState::Failed {
            let problem = host.reason.as_ref().map(ToString::to_string).unwrap_or_default();
            status.failed.push(HostNote { host: host.label(), problem });
        } else if let Some(stalled) = host.stalled(&cluster.install.stage_limits, now) {
            status.stalled.push(HostNote { host: host.label(), problem: describe_stalled(&stalled) });
        }
    }
    let unpublished = preflight::unpublished(cluster, store.paths.distros());
    status.media =
        unpublished.iter().map(|found| Note { problem: found.problem(), advice: found.advice.clone() }).collect();
    status.attention = status.needs_attention();
    Ok(status)
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
