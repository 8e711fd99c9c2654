// SPDX-License-Identifier: GPL-3.0-or-later
//! Starting and ending the services. Before anything is replaced it is asked whether they could start at all.

use crate::program::{Ended, Exit};
use hps::config::{Dir, HpsConf, ServiceManager};
use hps::exec::ip;
use hps::exec::services::{self, Plain, Service, ServiceError};
use hps::store::Store;
use std::io::ErrorKind;
use std::net::{Ipv4Addr, TcpListener, UdpSocket};
use std::path::PathBuf;

/// Where systemd reads units of the administrator.
pub(super) const SYSTEMD_DIR: &str = "/etc/systemd/system";
/// Where Debian's supervisord reads programs.
pub(super) const SUPERVISORD_FILE: &str = "/etc/supervisor/conf.d/hps.conf";

/// The files of the two services.
#[derive(Debug)]
pub(super) struct ServiceFiles {
    pub(super) dnsmasq: PathBuf,
    pub(super) lighttpd: PathBuf,
    pub(super) dnsmasq_pid: PathBuf,
    pub(super) lighttpd_pid: PathBuf,
    log: PathBuf,
}

impl ServiceFiles {
    pub(super) fn of(conf: &HpsConf) -> Self {
        let (services, run) = (conf.dir(Dir::Services), conf.dir(Dir::Run));
        Self {
            dnsmasq: services.join("dnsmasq.conf"),
            lighttpd: services.join("lighttpd.conf"),
            dnsmasq_pid: run.join("dnsmasq.pid"),
            lighttpd_pid: run.join("lighttpd.pid"),
            log: conf.dir(Dir::Log).to_path_buf(),
        }
    }

    fn plain(&self, service: Service) -> Plain<'_> {
        let (configuration, pid_file) = match service {
            Service::Dnsmasq => (&self.dnsmasq, &self.dnsmasq_pid),
            Service::Lighttpd => (&self.lighttpd, &self.lighttpd_pid),
        };
        Plain { service, configuration, pid_file, log: &self.log }
    }
}

/// What ran before anything was changed.
#[derive(Debug)]
pub(super) struct Before {
    manager: ServiceManager,
    running: Vec<Service>,
}

impl Before {
    /// Looks, and asks whether what does not run could be started: the address must be on the interface, the ports free.
    pub(super) fn look(conf: &HpsConf, store: &Store) -> anyhow::Result<Self> {
        let manager = services::detect(conf.service_manager());
        let files = ServiceFiles::of(conf);
        let runs = |service: Service| match manager {
            ServiceManager::Plain => files.plain(service).running().is_some(),
            ServiceManager::Systemd => services::systemd_runs(service),
            ServiceManager::Supervisord => services::supervisord_runs(service),
            ServiceManager::Auto | ServiceManager::None => true,
        };
        let running: Vec<Service> = Service::ALL.into_iter().filter(|s| runs(*s)).collect();
        if manager != ServiceManager::None {
            address_is_there(store)?;
        }
        let server = store.cluster.server();
        if !running.contains(&Service::Dnsmasq) {
            free("DNS", server, 53, |a| TcpListener::bind(a).map(drop))?;
            free("DNS", server, 53, |a| UdpSocket::bind(a).map(drop))?;
            free("TFTP", server, 69, |a| UdpSocket::bind(a).map(drop))?;
        }
        if !running.contains(&Service::Lighttpd) {
            free("HTTP", server, store.cluster.network.http_port, |a| TcpListener::bind(a).map(drop))?;
        }
        Ok(Self { manager, running })
    }
}

fn address_is_there(store: &Store) -> anyhow::Result<()> {
    let network = &store.cluster.network;
    let interfaces = ip::interfaces()?;
    let Some(interface) = interfaces.iter().find(|i| i.name == network.interface) else {
        return Err(Ended::error(
            Exit::NotFound,
            format!(
                "interface {} of cluster {} is not on this machine; see: ip address",
                network.interface, store.cluster.name
            ),
        ));
    };
    if interface.addresses.contains(&network.address) {
        return Ok(());
    }
    Err(Ended::error(
        Exit::NotFound,
        format!(
            "{} has no address {}; add it with: ip address add {} dev {}",
            interface.name, network.address, network.address, interface.name
        ),
    ))
}

fn free(
    what: &str,
    server: Ipv4Addr,
    port: u16,
    bind: impl Fn((Ipv4Addr, u16)) -> std::io::Result<()>,
) -> anyhow::Result<()> {
    match bind((server, port)) {
        Err(error) if error.kind() == ErrorKind::AddrInUse => Err(Ended::error(
            Exit::Busy,
            format!(
                "port {port} ({what}) of {server} is in use by another program; nothing was changed; see who has it with: ss -lntup"
            ),
        )),
        _ => Ok(()),
    }
}

/// Starts what does not run and restarts what reads a file that changed. Returns which those were.
pub(super) fn apply(conf: &HpsConf, before: Before, changed: &[String]) -> anyhow::Result<Vec<Service>> {
    let files = ServiceFiles::of(conf);
    let reads_changed = |service: Service| {
        let plain = files.plain(service);
        let unit = format!("{SYSTEMD_DIR}/{}.service", service.unit());
        changed.iter().any(|c| *c == plain.configuration.to_string_lossy() || *c == unit || c == SUPERVISORD_FILE)
    };
    let restart: Vec<Service> =
        Service::ALL.into_iter().filter(|s| !before.running.contains(s) || reads_changed(*s)).collect();
    if restart.is_empty() {
        return Ok(restart);
    }
    match before.manager {
        ServiceManager::Plain => {
            for service in &restart {
                let plain = files.plain(*service);
                plain.stop()?;
                plain.start().map_err(in_use)?;
            }
        }
        ServiceManager::Systemd => services::systemd_restart(&restart)?,
        ServiceManager::Supervisord => services::supervisord_restart(&restart)?,
        ServiceManager::Auto | ServiceManager::None => return Ok(Vec::new()),
    }
    Ok(restart)
}

/// A port that another program took is told by its own exit code.
fn in_use(error: ServiceError) -> anyhow::Error {
    let text = error.to_string();
    if text.to_ascii_lowercase().contains("address already in use") {
        Ended::error(Exit::Busy, format!("{text}; see who has the port with: ss -lntup"))
    } else {
        error.into()
    }
}

/// Makes dnsmasq read the reservations of hosts again.
pub(super) fn reread_hosts(conf: &HpsConf) -> anyhow::Result<()> {
    let files = ServiceFiles::of(conf);
    services::reread_hosts(services::detect(conf.service_manager()), &files.plain(Service::Dnsmasq))?;
    Ok(())
}

/// Ends both services. Returns which of them ran.
pub(super) fn stop(conf: &HpsConf) -> anyhow::Result<Vec<&'static str>> {
    let files = ServiceFiles::of(conf);
    match services::detect(conf.service_manager()) {
        ServiceManager::Plain => {
            let mut stopped = Vec::new();
            for service in Service::ALL {
                if files.plain(service).stop()? {
                    stopped.push(service.program());
                }
            }
            return Ok(stopped);
        }
        ServiceManager::Systemd => services::systemd_stop()?,
        ServiceManager::Supervisord => services::supervisord_stop()?,
        ServiceManager::Auto | ServiceManager::None => return Ok(Vec::new()),
    }
    Ok(Service::ALL.into_iter().map(Service::program).collect())
}
