// SPDX-License-Identifier: GPL-3.0-or-later
//! Whether services that were started serve; and the way back, if one of them does not.
//!
//! A check of a configuration proves little: dnsmasq accepts options that fail when it opens its sockets. So a service counts as
//! started when it listens and is still there a moment later. Otherwise every service gets its old configuration back, and those that ran
//! before run with it: machines boot by them.

use super::owed::Owed;
use super::plan::Plan;
use super::start::{Before, ServiceFiles, restart_all, runs};
use crate::program::{Ended, Site, exit_of};
use hps::config::{Cluster, HpsConf, ServiceManager};
use hps::exec::services::{self, Service};
use std::io::ErrorKind;
use std::net::{SocketAddr, TcpStream};
use std::path::Path;
use std::time::{Duration, Instant};

/// How long a service may take until it listens.
const PATIENCE: Duration = Duration::from_secs(10);
/// What is wrong with a service shows in this time.
const A_MOMENT: Duration = Duration::from_millis(500);
const PAUSE: Duration = Duration::from_millis(50);

/// Waits until each of them serves what the cluster says. Without a cluster: until it is there a moment later.
///
/// # Errors
/// One line for the first that does not.
pub(super) fn wait(
    conf: &HpsConf,
    manager: ServiceManager,
    services: &[Service],
    cluster: Option<&Cluster>,
) -> anyhow::Result<()> {
    if matches!(manager, ServiceManager::Auto | ServiceManager::None) {
        return Ok(());
    }
    let files = ServiceFiles::of(conf);
    let is_there = |service: Service| {
        if runs(&files, manager, service) {
            return Ok(());
        }
        let program = service.program();
        let log = match manager {
            ServiceManager::Systemd => format!("journalctl -u {}", service.unit()),
            ServiceManager::Supervisord => format!("supervisorctl tail {}", service.unit()),
            _ => format!("ls {}", files.plain(service).log.display()),
        };
        anyhow::bail!("{program} was started and ended at once; see its log: {log}")
    };
    for service in services {
        let Some(address) = cluster.and_then(|cluster| listens_at(*service, cluster)) else { continue };
        let begun = Instant::now();
        while is_refused(address) {
            is_there(*service)?;
            if begun.elapsed() > PATIENCE {
                let (program, seconds) = (service.program(), PATIENCE.as_secs());
                anyhow::bail!("{program} was started and does not listen at {address} after {seconds} seconds");
            }
            std::thread::sleep(PAUSE);
        }
    }
    std::thread::sleep(A_MOMENT);
    services.iter().try_for_each(|service| is_there(*service))
}

/// Where it takes connections. dnsmasq opens all its sockets before it goes into the background, and that of DNS is one that can be asked.
fn listens_at(service: Service, cluster: &Cluster) -> Option<SocketAddr> {
    let server = cluster.server();
    match service {
        Service::Dnsmasq => Some((server, 53).into()),
        Service::Lighttpd => Some((server, cluster.network.http_port).into()),
        Service::Notify => None,
    }
}

/// Whether nobody listens there. Where a firewall drops the question there is no answer, and the process is what counts.
fn is_refused(address: SocketAddr) -> bool {
    TcpStream::connect_timeout(&address, Duration::from_secs(1))
        .is_err_and(|e| e.kind() == ErrorKind::ConnectionRefused)
}

/// Puts the old configuration of the services back and starts those that ran with it. The error says what failed, and what runs now.
pub(super) fn go_back(
    site: &Site,
    plan: &Plan,
    before: &Before,
    changed: &[String],
    error: &anyhow::Error,
) -> anyhow::Error {
    let files = ServiceFiles::of(&site.conf);
    let is_of_a_service = |path: &Path| {
        let path = path.to_string_lossy();
        changed.iter().any(|c| *c == path) && Service::ALL.iter().any(|s| files.is_read_by(*s, &path))
    };
    // While its unit is there.
    let ended = end_new(site, before, plan, changed);
    let mut undone = Vec::new();
    for change in plan.changes().filter(|change| is_of_a_service(change.path())) {
        if let Err(problem) = change.undo() {
            let line = format!("{error:#}; and the old configuration cannot be put back: {problem:#}");
            return Ended::error(exit_of(error), line);
        }
        undone.push(change.path().to_string_lossy().into_owned());
    }
    // What did not run before has nothing to go back to, nor has what reads nothing that changed and goes on.
    let again: Vec<Service> = before
        .running
        .iter()
        .copied()
        .filter(|s| undone.iter().any(|path| files.is_read_by(*s, path)) || !runs(&files, before.manager, *s))
        .collect();
    let line = if undone.is_empty() && again.is_empty() {
        format!("{error:#}")
    } else {
        let names: Vec<&str> = again.iter().map(|s| s.program()).collect();
        // Each by itself: one that does not start keeps no other one down.
        let starts = again.iter().map(|service| {
            let one = std::slice::from_ref(service);
            restart_all(site, before.manager, one).and_then(|()| wait(&site.conf, before.manager, one, None))
        });
        let back: anyhow::Result<()> = starts.collect::<Vec<_>>().into_iter().collect();
        match (back, names.join(" and ")) {
            (Ok(()), names) if names.is_empty() => format!("{error:#}; the old configuration is back"),
            (Ok(()), names) => format!("{error:#}; the old configuration is back, and {names} runs with it"),
            (Err(why), _) => format!("{error:#}; the old configuration is back, and does not start either: {why:#}"),
        }
    };
    let line = match ended.and_then(|new| forget(before, &new)) {
        Ok(()) => line,
        Err(why) => format!("{line}; {why:#}"),
    };
    // Files and services agree again, but for what an earlier run left and this one did not start.
    let left: Vec<Service> = before.owed.iter().copied().filter(|service| !again.contains(service)).collect();
    let line = match Owed::of(&site.conf).settle(&left) {
        Ok(()) => line,
        Err(why) => format!("{line}; {why:#}"),
    };
    Ended::error(exit_of(error), line)
}

/// Ends what did not run before and was started with a file that goes: it would run on by a configuration that is no more, or be started
/// again by its manager for ever. Returns what that manager must forget.
fn end_new(site: &Site, before: &Before, plan: &Plan, changed: &[String]) -> anyhow::Result<Vec<Service>> {
    let files = ServiceFiles::of(&site.conf);
    let is_new = |service: &Service| {
        let mut goes =
            plan.changes().filter(|change| !change.was_there()).map(|change| change.path().to_string_lossy());
        !before.running.contains(service)
            && goes.any(|path| changed.contains(&path.to_string()) && files.is_read_by(*service, &path))
    };
    let new: Vec<Service> = before.to_start(&site.conf, changed).into_iter().filter(is_new).collect();
    match before.manager {
        ServiceManager::Plain => {
            for service in &new {
                files.plain(*service).stop()?;
            }
        }
        ServiceManager::Systemd if !new.is_empty() => services::systemd_disable(&new)?,
        _ => {}
    }
    Ok(new)
}

fn forget(before: &Before, new: &[Service]) -> anyhow::Result<()> {
    match before.manager {
        ServiceManager::Systemd if !new.is_empty() => services::systemd_forget()?,
        ServiceManager::Supervisord if !new.is_empty() => services::supervisord_forget(new)?,
        _ => {}
    }
    Ok(())
}
