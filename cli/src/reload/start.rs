// SPDX-License-Identifier: GPL-3.0-or-later
//! Starting and ending the services.

use super::owed::Owed;
use super::running_services::RunningServices;
use super::serving;
use super::stale_leases::end_stale;
use crate::program::{Ended, Exit, Site};
use hps::config::HpsConf;
use hps::exec::services::{AtBoot, RunAs, Service, ServiceError, ServiceManager, detect};
use hps::render::lighttpd::USER;
use hps::store::Store;
use std::path::PathBuf;

/// Ends services that should not run any more, before their files are removed. Returns them.
pub(super) fn end_unwanted(before: &RunningServices<'_>) -> anyhow::Result<Vec<Service>> {
    let stop = before.to_stop();
    if let Some(manager) = before.manager() {
        manager.retire(&stop)?;
    }
    Ok(stop)
}

/// Starts services that do not run, and restarts those that read a changed file. Returns them: each of them serves.
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

/// A port that another program uses has an exit code of its own.
fn with_exit(error: ServiceError) -> anyhow::Error {
    let text = error.to_string();
    if text.to_ascii_lowercase().contains("address already in use") {
        Ended::error(Exit::Busy, format!("{text}; to see which program has the port: ss -lntup"))
    } else {
        error.into()
    }
}

/// Makes dnsmasq read the reservations of hosts again.
pub(super) fn reread_hosts(store: &Store) -> anyhow::Result<()> {
    detect(store.paths.conf()).map_or(Ok(()), |manager| reread_by(manager.as_ref(), store))
}

/// The same with a known service manager. dnsmasq sees new files by itself, but a changed or removed one only after
/// this (dnsmasq(8), `dhcp-hostsdir`).
pub(super) fn reread_by(manager: &dyn ServiceManager, store: &Store) -> anyhow::Result<()> {
    manager.reread(Service::Dnsmasq)?;
    if manager.is_running(Service::Dnsmasq) { end_stale(store) } else { Ok(()) }
}

/// The services without which no machine boots, where they do not run.
pub(super) fn down_now(conf: &HpsConf) -> Vec<&'static str> {
    let needed = [Service::Dnsmasq, Service::Lighttpd];
    detect(conf).map_or_else(Vec::new, |manager| {
        programs(&needed.into_iter().filter(|service| !manager.is_running(*service)).collect::<Vec<_>>())
    })
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
        // A stopped service reads its new configuration when it is started.
        services.retain(|service| manager.as_ref().is_some_and(|manager| manager.is_running(*service)));
    }
    (owed.path().to_path_buf(), programs(&services))
}

/// Ends all services, also for the next start of the machine. Returns those that ran, and what a person must know.
pub(super) fn stop(conf: &HpsConf) -> anyhow::Result<(Vec<&'static str>, Vec<String>)> {
    let (mut stopped, mut notes) = (Vec::new(), Vec::new());
    if let Some(manager) = detect(conf) {
        stopped = running(manager.as_ref());
        let is_defined = |service| manager.definition(service).is_some_and(|(_, path)| path.exists());
        let known: Vec<Service> =
            Service::ALL.into_iter().filter(|service| stopped.contains(service) || is_defined(*service)).collect();
        manager.stop(&known)?;
        if manager.at_boot() == AtBoot::Defined && !known.is_empty() {
            notes.push("supervisord starts the services again when it starts".to_owned());
        }
    }
    // A service that starts from now on reads the present files.
    Owed::new(conf).clear()?;
    Ok((programs(&stopped), notes))
}

/// What a person must know who started services.
pub(super) fn note_for_boot(manager: &dyn ServiceManager) -> Option<String> {
    (manager.at_boot() == AtBoot::Nothing).then(|| {
        "nothing starts the services when this machine starts, because neither systemd nor supervisord does it; \
         run after each start: reload"
            .to_owned()
    })
}

fn running(manager: &dyn ServiceManager) -> Vec<Service> {
    Service::ALL.into_iter().filter(|service| manager.is_running(*service)).collect()
}

/// The names of the programs.
pub(super) fn programs(services: &[Service]) -> Vec<&'static str> {
    services.iter().map(|service| service.program()).collect()
}
