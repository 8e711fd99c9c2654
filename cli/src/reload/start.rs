// SPDX-License-Identifier: GPL-3.0-or-later
//! Starting and ending the services.

use super::owed::Owed;
use super::running_services::RunningServices;
use super::serving;
use crate::program::{Ended, Exit, Site};
use hps::config::HpsConf;
use hps::exec::services::{RunAs, Service, ServiceError, ServiceManager, detect};
use hps::render::lighttpd::USER;
use hps::store::Store;
use std::path::PathBuf;

/// Ends what should not run any more, before its files are removed. Returns which services those were.
pub(super) fn end_unwanted(before: &RunningServices<'_>) -> anyhow::Result<Vec<Service>> {
    let stop = before.to_stop();
    if let Some(manager) = before.manager() {
        manager.retire(&stop)?;
    }
    Ok(stop)
}

/// Starts what does not run and restarts what reads a file that changed. Returns which those were: each of them serves.
pub(super) fn apply(
    site: &Site,
    store: &Store,
    before: &RunningServices<'_>,
    changed: &[String],
) -> anyhow::Result<Vec<Service>> {
    let Some(manager) = before.manager() else { return Ok(Vec::new()) };
    manager.forget(&before.to_stop())?;
    let services = before.to_start(changed);
    if !services.is_empty() {
        restart(site, manager, &services)?;
        serving::wait(manager, &services, Some(&store.cluster))?;
    }
    Ok(services)
}

/// Starts each of them; one that runs is ended first.
pub(super) fn restart(site: &Site, manager: &dyn ServiceManager, services: &[Service]) -> anyhow::Result<()> {
    manager.restart(services, RunAs { conf: &site.path, user: USER }).map_err(with_exit)
}

/// A port that another program took has an exit code of its own.
fn with_exit(error: ServiceError) -> anyhow::Error {
    let text = error.to_string();
    if text.to_ascii_lowercase().contains("address already in use") {
        Ended::error(Exit::Busy, format!("{text}; see who has the port with: ss -lntup"))
    } else {
        error.into()
    }
}

/// Makes dnsmasq read the reservations of hosts again.
pub(super) fn reread_hosts(conf: &HpsConf) -> anyhow::Result<()> {
    detect(conf).map_or(Ok(()), |manager| reread_by(manager.as_ref()))
}

/// The same with a service manager that is known. dnsmasq sees new files by itself, but a changed or removed one only then (dnsmasq(8),
/// `dhcp-hostsdir`).
pub(super) fn reread_by(manager: &dyn ServiceManager) -> anyhow::Result<()> {
    Ok(manager.reread(Service::Dnsmasq)?)
}

/// The services that run.
pub(super) fn running_now(conf: &HpsConf) -> Vec<&'static str> {
    detect(conf).map_or_else(Vec::new, |manager| programs(&running(manager.as_ref())))
}

/// The services that run and that an interrupted run did not start again, and the file that names them.
pub(super) fn owed_now(conf: &HpsConf) -> (PathBuf, Vec<&'static str>) {
    let owed = Owed::new(conf);
    let mut services = owed.services();
    if !services.is_empty() {
        let manager = detect(conf);
        // A service that somebody stopped reads its new configuration when it is started.
        services.retain(|service| manager.as_ref().is_some_and(|manager| manager.is_running(*service)));
    }
    (owed.path().to_path_buf(), programs(&services))
}

/// Ends all services. Returns which of them ran.
pub(super) fn stop(conf: &HpsConf) -> anyhow::Result<Vec<&'static str>> {
    let mut stopped = Vec::new();
    if let Some(manager) = detect(conf) {
        stopped = running(manager.as_ref());
        manager.stop(&stopped)?;
    }
    // A service that is started from now on reads the files that are there.
    Owed::new(conf).clear()?;
    Ok(programs(&stopped))
}

fn running(manager: &dyn ServiceManager) -> Vec<Service> {
    Service::ALL.into_iter().filter(|service| manager.is_running(*service)).collect()
}

/// The names of the programs.
pub(super) fn programs(services: &[Service]) -> Vec<&'static str> {
    services.iter().map(|service| service.program()).collect()
}
