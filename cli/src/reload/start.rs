// SPDX-License-Identifier: GPL-3.0-or-later
//! Starting and ending the services. Before anything is replaced it is asked whether they could start at all.

use super::owed::Owed;
use super::serving;
use crate::layout;
use crate::program::{Ended, Exit, Site};
use hps::config::{Cluster, Dir, HpsConf, ServiceManager};
use hps::exec::services::{self, Plain, Service, ServiceError};
use hps::exec::{AsWhom, NEVER, ip};
use hps::render::lighttpd;
use hps::store::{Store, read_plain};
use std::io::ErrorKind;
use std::net::{Ipv4Addr, TcpListener, UdpSocket};
use std::path::{Path, PathBuf};

/// Where systemd reads units of the administrator.
pub(super) const SYSTEMD_DIR: &str = "/etc/systemd/system";
/// Where Debian's supervisord reads programs.
pub(super) const SUPERVISORD_FILE: &str = "/etc/supervisor/conf.d/hps.conf";
/// The same for what calls the site's command.
pub(super) const SUPERVISORD_NOTIFY_FILE: &str = "/etc/supervisor/conf.d/hps-notify.conf";

/// More than any configuration of a service has.
const LARGEST: u64 = 1 << 20;

/// The files of the services.
#[derive(Debug)]
pub(super) struct ServiceFiles {
    pub(super) dnsmasq: PathBuf,
    pub(super) lighttpd: PathBuf,
    /// The program that calls the site's command.
    pub(super) notify: PathBuf,
    /// For logrotate, where somebody links it.
    pub(super) logrotate: PathBuf,
    pub(super) dnsmasq_pid: PathBuf,
    pub(super) lighttpd_pid: PathBuf,
    notify_pid: PathBuf,
    log: PathBuf,
}

impl ServiceFiles {
    pub(super) fn of(conf: &HpsConf) -> Self {
        let (services, run) = (conf.dir(Dir::Services), conf.dir(Dir::Run));
        Self {
            dnsmasq: services.join("dnsmasq.conf"),
            lighttpd: services.join("lighttpd.conf"),
            notify: services.join("hps-notify"),
            logrotate: services.join("logrotate.conf"),
            dnsmasq_pid: run.join("dnsmasq.pid"),
            lighttpd_pid: run.join("lighttpd.pid"),
            notify_pid: run.join("notify.pid"),
            log: conf.dir(Dir::Log).to_path_buf(),
        }
    }

    /// Whether a service reads this file when it starts.
    pub(super) fn is_read_by(&self, service: Service, file: &str) -> bool {
        let own = self.plain(service).configuration.to_string_lossy();
        let unit = format!("{SYSTEMD_DIR}/{}.service", service.unit());
        let program = if service == Service::Notify { SUPERVISORD_NOTIFY_FILE } else { SUPERVISORD_FILE };
        file == own || file == unit || file == program
    }

    pub(super) fn plain(&self, service: Service) -> Plain<'_> {
        let (configuration, pid_file) = match service {
            Service::Dnsmasq => (&self.dnsmasq, &self.dnsmasq_pid),
            Service::Lighttpd => (&self.lighttpd, &self.lighttpd_pid),
            Service::Notify => (&self.notify, &self.notify_pid),
        };
        Plain { service, configuration, pid_file, log: &self.log }
    }
}

/// What runs before anything is changed, and what should.
#[derive(Debug)]
pub(super) struct Before {
    pub(super) manager: ServiceManager,
    pub(super) running: Vec<Service>,
    wanted: Vec<Service>,
    /// What an earlier run should have started again, and did not.
    pub(super) owed: Vec<Service>,
    /// The configuration that lighttpd has now.
    web: String,
}

impl Before {
    /// What runs now.
    pub(super) fn look(conf: &HpsConf, store: &Store) -> Self {
        let manager = services::detect(conf.service_manager());
        let wanted = wanted(store);
        let mut running = match manager {
            // Nobody starts or ends anything here.
            ServiceManager::Auto | ServiceManager::None => wanted.clone(),
            _ => running(conf, manager),
        };
        // One that its manager still has would be started again some day.
        let file = match manager {
            ServiceManager::Systemd => Some(format!("{SYSTEMD_DIR}/{}.service", Service::Notify.unit())),
            ServiceManager::Supervisord => Some(SUPERVISORD_NOTIFY_FILE.to_owned()),
            _ => None,
        };
        let has_it = file.is_some_and(|file| Path::new(&file).exists());
        if has_it && !wanted.contains(&Service::Notify) && !running.contains(&Service::Notify) {
            running.push(Service::Notify);
        }
        // Without it lighttpd cannot run: nothing is known of its place.
        let web =
            read_plain(ServiceFiles::of(conf).plain(Service::Lighttpd).configuration, LARGEST).unwrap_or_default();
        let web = String::from_utf8_lossy(&web).into_owned();
        Self { manager, running, wanted, owed: Owed::of(conf).services(), web }
    }

    /// Asks whether what does not run could be started: the address must be on the interface, the ports free.
    pub(super) fn check(&self, store: &Store) -> anyhow::Result<()> {
        if self.manager != ServiceManager::None {
            address_is_there(store)?;
        }
        let server = store.cluster.server();
        if !self.running.contains(&Service::Dnsmasq) {
            free("DNS", server, 53, |a| TcpListener::bind(a).map(drop))?;
            free("DNS", server, 53, |a| UdpSocket::bind(a).map(drop))?;
            free("TFTP", server, 69, |a| UdpSocket::bind(a).map(drop))?;
        }
        if !self.running.contains(&Service::Lighttpd) || self.web_moves(&store.cluster) {
            free("HTTP", server, store.cluster.network.http_port, |a| TcpListener::bind(a).map(drop))?;
        }
        Ok(())
    }

    /// Whether lighttpd runs at another address or port than it will. What its configuration does not say plainly, because somebody
    /// edited it, is taken to stay: the port is its own then, and must not be called another program's.
    fn web_moves(&self, cluster: &Cluster) -> bool {
        let says_other = |line: &String| {
            let key = line.split_inclusive(" = ").next().unwrap_or_default();
            self.web.lines().any(|own| own.starts_with(key) && own != line)
        };
        self.manager != ServiceManager::None && lighttpd::place(cluster).iter().any(says_other)
    }

    /// What has to be started, or started again because it reads a file that changed or an earlier run owes it.
    pub(super) fn to_start(&self, conf: &HpsConf, changed: &[String]) -> Vec<Service> {
        let files = ServiceFiles::of(conf);
        let reads_changed = |service: Service| changed.iter().any(|c| files.is_read_by(service, c));
        let needs = |service: &Service| {
            !self.running.contains(service) || self.owed.contains(service) || reads_changed(*service)
        };
        if matches!(self.manager, ServiceManager::Auto | ServiceManager::None) {
            return Vec::new();
        }
        self.wanted.iter().copied().filter(needs).collect()
    }

    /// What runs and should not.
    pub(super) fn to_stop(&self) -> Vec<Service> {
        self.running.iter().copied().filter(|s| !self.wanted.contains(s)).collect()
    }
}

/// The site's command is called only where the cluster names one.
fn wanted(store: &Store) -> Vec<Service> {
    let notify = store.cluster.install.notify.is_some();
    Service::ALL.into_iter().filter(|s| *s != Service::Notify || notify).collect()
}

fn running(conf: &HpsConf, manager: ServiceManager) -> Vec<Service> {
    let files = ServiceFiles::of(conf);
    Service::ALL.into_iter().filter(|service| runs(&files, manager, *service)).collect()
}

/// Whether it runs now.
pub(super) fn runs(files: &ServiceFiles, manager: ServiceManager, service: Service) -> bool {
    match manager {
        ServiceManager::Plain => files.plain(service).running().is_some(),
        ServiceManager::Systemd => services::systemd_runs(service),
        ServiceManager::Supervisord => services::supervisord_runs(service),
        ServiceManager::Auto | ServiceManager::None => false,
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

/// Ends what should not run any more, before its files are removed.
pub(super) fn end_unwanted(conf: &HpsConf, before: &Before) -> anyhow::Result<Vec<Service>> {
    let stop = before.to_stop();
    if stop.is_empty() {
        return Ok(stop);
    }
    match before.manager {
        ServiceManager::Plain => {
            for service in &stop {
                ServiceFiles::of(conf).plain(*service).stop()?;
            }
        }
        ServiceManager::Systemd => services::systemd_disable(&stop)?,
        // It ends what its files do not name any more: see apply.
        ServiceManager::Supervisord => {}
        ServiceManager::Auto | ServiceManager::None => return Ok(Vec::new()),
    }
    Ok(stop)
}

/// Starts what does not run and restarts what reads a file that changed. Returns which those were: each of them serves.
pub(super) fn apply(site: &Site, store: &Store, before: &Before, changed: &[String]) -> anyhow::Result<Vec<Service>> {
    let conf = &site.conf;
    let stopped = before.to_stop();
    match before.manager {
        ServiceManager::Systemd if !stopped.is_empty() => services::systemd_forget()?,
        ServiceManager::Supervisord if !stopped.is_empty() => services::supervisord_forget(&stopped)?,
        _ => {}
    }
    let restart = before.to_start(conf, changed);
    if restart.is_empty() {
        return Ok(restart);
    }
    restart_all(site, before.manager, &restart)?;
    serving::wait(conf, before.manager, &restart, Some(&store.cluster))?;
    Ok(restart)
}

/// Ends each of them, if it runs, and starts it.
pub(super) fn restart_all(site: &Site, manager: ServiceManager, restart: &[Service]) -> anyhow::Result<()> {
    match manager {
        ServiceManager::Plain => {
            let files = ServiceFiles::of(&site.conf);
            let as_whom = AsWhom { conf: &site.path, user: layout::web_user(&NEVER)? };
            for service in restart {
                let plain = files.plain(*service);
                plain.stop()?;
                plain.start(as_whom).map_err(in_use)?;
            }
        }
        ServiceManager::Systemd => services::systemd_restart(restart)?,
        ServiceManager::Supervisord => services::supervisord_restart(restart)?,
        ServiceManager::Auto | ServiceManager::None => {}
    }
    Ok(())
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

/// The services that run.
pub(super) fn running_now(conf: &HpsConf) -> Vec<&'static str> {
    running(conf, services::detect(conf.service_manager())).into_iter().map(Service::program).collect()
}

/// The services that run and that an interrupted run did not start again, and the file that says so.
pub(super) fn owed_now(conf: &HpsConf) -> (PathBuf, Vec<&'static str>) {
    let owed = Owed::of(conf);
    let manager = services::detect(conf.service_manager());
    let files = ServiceFiles::of(conf);
    // One that somebody stopped reads its new configuration when it is started.
    let late = owed.services().into_iter().filter(|service| runs(&files, manager, *service));
    (owed.path().to_path_buf(), late.map(Service::program).collect())
}

/// Ends all services. Returns which of them ran.
pub(super) fn stop(conf: &HpsConf) -> anyhow::Result<Vec<&'static str>> {
    let manager = services::detect(conf.service_manager());
    let running = running(conf, manager);
    let stop = match manager {
        ServiceManager::Systemd => services::systemd_stop,
        ServiceManager::Supervisord => services::supervisord_stop,
        _ => |_: &[Service]| Ok(()),
    };
    if manager == ServiceManager::Plain {
        let files = ServiceFiles::of(conf);
        for service in &running {
            files.plain(*service).stop()?;
        }
    } else if !running.is_empty() {
        stop(&running)?;
    }
    // What is started from now on reads what is there.
    Owed::of(conf).clear()?;
    Ok(running.into_iter().map(Service::program).collect())
}
