// SPDX-License-Identifier: GPL-3.0-or-later
//! The facts that one boot decision needs, loaded from the files.
//!
//! It reads only what it needs and starts no program. Its cost grows with the number of hosts only for a sender that
//! is proven, if a rule names it by serial or UUID or it is an unknown machine. It decides nothing: [`decide`](crate::boot::decide) does.

use crate::answer::{PublishedSystem, Unsuitable, check_profiles};
use crate::boot::identity::{Identity, Proof};
use crate::boot::token::derived_permission_id;
use crate::boot::{CpuObjection, Decision, EraseFacts, Facts, Fetched, Source, TaskFacts, Trace, decide};
use crate::config::{Cluster, SiteProfile};
use crate::host::{ErasePermission, Host, HostState, Installed, Permission, TaskRequest};
use crate::media::{self, SourceError};
use crate::permitted::{PermittedError, RuleMatch};
use crate::store::{SharedValue, Store, StoreError};
use crate::types::{Distro, FirmwareInfo, MacAddr, Timestamp};
use std::error::Error;
use std::net::Ipv4Addr;
use std::path::PathBuf;

/// One machine, as this node sees it now.
#[derive(Debug)]
pub struct BootContext {
    /// The machine. If it has several interfaces and a record, the MAC that names the record.
    pub mac: MacAddr,
    /// The interface that it boots from.
    pub interface: MacAddr,
    /// Its record: none, one, or why the file cannot be used.
    pub host: Result<Option<Host>, StoreError>,
    /// Its permission that was not used, of any age.
    pub permission: Option<Permission>,
    /// Why the rules do not give it a type.
    pub rules_problem: Option<PermittedError>,
    /// The file of the rule or window that fits it; both files, if two contradict each other.
    pub rule_files: Vec<PathBuf>,
    /// Values of its firmware that a rule names, and that another machine reports too.
    pub shared_values: Vec<SharedValue>,
    /// That it probably is a known host, if there is no record with its card: a sentence without a full stop.
    pub probable_host: Option<String>,
    /// The permission of the rule or window that fits it, if that was used.
    pub used_up: Option<Permission>,
    /// Whether any cluster ever installed it; also yes if that cannot be read.
    pub installed: Installed,
    /// Who sent the request.
    pub identity: Identity,
    /// The address that it came from; `None` if it is not known.
    pub remote: Option<Ipv4Addr>,
    /// The line of releases whose shim DHCP offers this card since the last `reload`; `None` for the loader of the others.
    pub offered_shim: Option<Distro>,
    /// What its firmware reports: in the request, otherwise in the record.
    pub firmware: FirmwareInfo,
    /// What the permission installs from.
    pub source: Result<Source, NoSource>,
    /// A task of the node environment that somebody asked for.
    pub task: Option<AskedTask>,
    /// A permission to erase disks of it that did not end.
    pub erase: Option<PermittedErase>,
    /// What else could not be read. The decision does not show it, so it goes to the log.
    pub warnings: Vec<StoreError>,
}

/// A task of the node environment that somebody asked for, of any age.
#[derive(Debug)]
pub struct AskedTask {
    /// The request.
    pub request: TaskRequest,
    /// Why it counts no more.
    pub ended: Option<String>,
    /// Kernel and initrd of the node environment.
    pub node: Result<(Fetched, Fetched), NoNode>,
}

/// A permission to erase disks of a machine, and how that would be done.
#[derive(Debug)]
pub struct PermittedErase {
    /// The permission.
    pub permission: ErasePermission,
    /// How many attempts were begun.
    pub begun: u32,
    /// Kernel and initrd of the node environment.
    pub node: Result<(Fetched, Fetched), NoNode>,
}

/// Why there is no node environment for a machine.
#[derive(Debug, thiserror::Error)]
pub enum NoNode {
    /// None is published.
    #[error(transparent)]
    Source(#[from] SourceError),
    /// The published ones are for other processors.
    #[error("no node environment is for this machine: {0}")]
    Processor(CpuObjection),
}

/// Why the system of a permission cannot be installed now.
#[derive(Debug, thiserror::Error)]
pub enum NoSource {
    /// There is no permission.
    #[error("no permission names a system")]
    NoPermission,
    /// The system is not published.
    #[error(transparent)]
    Source(#[from] SourceError),
    /// The site profiles could not be read.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The host cannot become what the permission names.
    #[error(transparent)]
    Unsuitable(#[from] Unsuitable),
}

impl BootContext {
    /// Loads it. What cannot be read is replaced by the value that wipes no disk. `firmware` is that of the request; if
    /// it is empty, that of the record counts.
    pub fn load(
        store: &Store,
        mac: MacAddr,
        remote: Option<Ipv4Addr>,
        firmware: &FirmwareInfo,
        now: Timestamp,
    ) -> Self {
        let mut warnings = Vec::new();
        let host = store.hosts().find(mac);
        let known = host.as_ref().ok().and_then(Option::as_ref);
        let interface = mac;
        let mac = known.map_or(mac, Host::mac);
        let installed = store.installed_marks().installed(mac, known).unwrap_or_else(|error| {
            warnings.push(error);
            Installed::new(None, known)
        });
        let mut permission = store.permissions().get(mac, now).unwrap_or_else(|error| {
            warnings.push(error);
            None
        });
        let identity = store.senders().identify(remote, interface, known, now);
        let mut rules = RuleMatch::default();
        let firmware = if firmware.is_empty() { known.map_or(firmware, |h| &h.firmware) } else { firmware };
        if !installed.ever() && host.is_ok() && !permission.as_ref().is_some_and(|p| p.is_current(now)) {
            // An administrator who asks has no address.
            let asks_others = remote.is_none() || identity.is_proven();
            rules = RuleMatch::find(store, mac, known, firmware, asks_others, now);
            permission = rules.permission.take().or(permission);
        }
        let source = match &permission {
            Some(permission) => {
                let counts = installed.objection(permission, known, now).is_none();
                source(store, permission, mac, known, counts)
            }
            None => Err(NoSource::NoPermission),
        };
        let is_unknown = !installed.ever()
            && host.as_ref().is_ok_and(|host| host.as_ref().is_none_or(|host| host.state() == HostState::Unconfigured));
        let task = asked_task(store, mac, known, firmware, is_unknown, now).unwrap_or_else(|error| {
            warnings.push(error);
            None
        });
        let erase = known.and_then(|host| {
            permitted_erase(store, host, firmware).unwrap_or_else(|error| {
                warnings.push(error);
                None
            })
        });
        let firmware = firmware.clone();
        let offered_shim = store.host_shims().offered(interface).unwrap_or_else(|error| {
            warnings.push(error);
            None
        });
        Self {
            mac,
            interface,
            firmware,
            host,
            permission,
            rules_problem: rules.problem,
            rule_files: rules.files,
            shared_values: rules.shared,
            probable_host: None,
            used_up: rules.used_up,
            installed,
            identity,
            remote,
            offered_shim,
            source,
            task,
            erase,
            warnings,
        }
    }

    /// The same, and whether an unknown machine probably is a known host. That reads all records, so only a program that
    /// shows it asks.
    #[must_use]
    pub fn with_probable_host(mut self, store: &Store) -> Self {
        let firmware = &self.firmware;
        if matches!(self.host, Ok(None)) && (firmware.uuid.is_some() || firmware.serial.is_some()) {
            match store.same_firmware_as(firmware) {
                Ok(all) => self.probable_host = all.probable_host(self.mac, firmware).map(|host| host.to_string()),
                Err(error) => self.warnings.push(error),
            }
        }
        self
    }

    /// The same, as if the host itself sent the request: for an administrator who asks what the host would be served.
    #[must_use]
    pub fn assumed(self) -> Self {
        Self { identity: Identity::Proven(Proof::Assumed), remote: None, ..self }
    }

    /// The record, where there is one that can be read.
    pub fn known(&self) -> Option<&Host> {
        self.host.as_ref().ok().and_then(Option::as_ref)
    }

    /// Whether the machine was ever installed, by the mark or by its record.
    pub fn was_installed(&self) -> bool {
        self.installed.ever()
    }

    /// The line of releases whose shim a known host is to be offered, if a published tree has one: that of its next
    /// installation, otherwise of the one that began last. `None` is the boot loader of the others.
    pub fn wanted_shim(&self, store: &Store, now: Timestamp) -> Option<Distro> {
        let host = self.known()?;
        let macs: Vec<MacAddr> = host.macs().collect();
        if !store.cluster.starts_grub(&macs, host.name.as_ref(), host.firmware.product.as_ref()) {
            return None;
        }
        let last = host.attempt.as_ref().map(|attempt| &attempt.distro);
        let line = self.live_permission(now).map(|permission| &permission.distro).or(last)?.shim_line()?;
        // A folder that cannot be read is an error of the source, which is reported.
        media::tree_shim::has_shim(store.paths.distros(), &line).unwrap_or(true).then_some(line)
    }

    /// Its permission, if that counts now.
    pub fn live_permission(&self, now: Timestamp) -> Option<&Permission> {
        self.permission.as_ref().filter(|p| self.installed.objection(p, self.known(), now).is_none())
    }

    /// The facts for [`decide`].
    pub fn facts<'a>(&'a self, cluster: &'a Cluster, now: Timestamp) -> Facts<'a> {
        Facts {
            cluster,
            mac: self.mac,
            host: self.host.as_ref().map(Option::as_ref).map_err(|error| error as &(dyn Error + 'static)),
            permission: self.permission.as_ref(),
            rules_problem: self.rules_problem.as_ref().map(|problem| problem as &(dyn Error + 'static)),
            installed: &self.installed,
            identity: self.identity,
            remote: self.remote,
            firmware: &self.firmware,
            source: self.source.as_ref().map_err(|error| error as &(dyn Error + 'static)),
            task: self.task.as_ref().map(|task| TaskFacts {
                request: &task.request,
                ended: task.ended.as_deref(),
                node: task.node.as_ref().map_err(|error| error as &(dyn Error + 'static)),
            }),
            erase: self.erase.as_ref().map(|erase| EraseFacts {
                permission: &erase.permission,
                begun: erase.begun,
                node: erase
                    .node
                    .as_ref()
                    .map(|(kernel, initrd)| (kernel, initrd))
                    .map_err(|error| error as &(dyn Error + 'static)),
            }),
            now,
        }
    }

    /// What the machine should do.
    pub fn decide(&self, cluster: &Cluster, now: Timestamp) -> Decision {
        decide(&self.facts(cluster, now), &mut Trace::off())
    }
}

/// What permits to erase disks of a host.
fn permitted_erase(store: &Store, host: &Host, firmware: &FirmwareInfo) -> Result<Option<PermittedErase>, StoreError> {
    let Some(permission) = store.erasures().open_permission(host.mac())? else { return Ok(None) };
    let begun = store.erasures().protocol(host.mac())?.erasure(&permission.id).map_or(0, |erasure| erasure.attempts);
    Ok(Some(PermittedErase { permission, begun, node: node_environment(store, Some(host), firmware) }))
}

/// The task that was asked for last. The node environment of one that ended is not looked for.
fn asked_task(
    store: &Store,
    mac: MacAddr,
    host: Option<&Host>,
    firmware: &FirmwareInfo,
    is_unknown: bool,
    now: Timestamp,
) -> Result<Option<AskedTask>, StoreError> {
    let tasks = store.tasks();
    let mut asked = match tasks.asked(mac)? {
        Some(request) => Some((tasks.ended_why(&request.id)?, request)),
        None => None,
    };
    let is_over = asked.as_ref().is_none_or(|(ended, request)| ended.is_some() || !request.is_current(now));
    if is_unknown
        && is_over
        && let Some(window) = tasks.windows()?.into_iter().rev().find(|window| window.is_open(now) && window.fits(mac))
    {
        let scope = format!("discover|{}", window.id);
        let id = derived_permission_id(&store.site_key().read()?, &store.cluster.name, &scope, mac);
        // The request that an operator made last is shown if the window has been served.
        let ended = tasks.ended_why(&id)?;
        if asked.is_none() || ended.is_none() || tasks.is_running(mac, &id)? {
            asked = Some((ended, TaskRequest::from_window(&window, id, mac)));
        }
    }
    let Some((ended, request)) = asked else { return Ok(None) };
    let node = match ended {
        Some(_) => Err(NoNode::Source(SourceError::NoNodeEnvironment)),
        None => node_environment(store, host, firmware),
    };
    Ok(Some(AskedTask { request, ended, node }))
}

/// Kernel and initrd of a node environment that starts on a machine.
///
/// # Errors
/// If none is published for its processor.
pub fn node_environment(
    store: &Store,
    host: Option<&Host>,
    firmware: &FirmwareInfo,
) -> Result<(Fetched, Fetched), NoNode> {
    let cpu = host.and_then(|host| host.cpu);
    let objection = |system: &Distro| CpuObjection::find(system, firmware, cpu);
    let all = || store.cluster.types.values().map(|settings| &settings.distro);
    let systems: Vec<&Distro> = all().filter(|system| objection(system).is_none()).collect();
    if let Some(objection) = all().find_map(objection).filter(|_| systems.is_empty()) {
        return Err(NoNode::Processor(objection));
    }
    Ok(media::node_environment(store.paths.distros(), systems)?)
}

/// What a permission installs from. If the permission counts, the system is checked too: that reads one or two small
/// files.
fn source(
    store: &Store,
    permission: &Permission,
    mac: MacAddr,
    host: Option<&Host>,
    counts: bool,
) -> Result<Source, NoSource> {
    let source = media::source(store.paths.distros(), &permission.distro, permission.host_type, None)?;
    let profiles = site_profiles(store, permission, mac, host)?;
    if counts {
        check_system(store, permission, &source, &profiles)?;
    }
    Ok(source)
}

/// The site profiles of a host that this permission installs.
///
/// # Errors
/// If one cannot be read, or this host cannot have it.
pub fn site_profiles(
    store: &Store,
    permission: &Permission,
    mac: MacAddr,
    host: Option<&Host>,
) -> Result<Vec<SiteProfile>, NoSource> {
    let macs: Vec<MacAddr> = host.map_or_else(|| vec![mac], |host| host.macs().collect());
    let name = host.and_then(|host| host.name.as_ref());
    let profiles = store.site_profiles().of_host(permission.host_type, name, &macs)?;
    check_profiles(&store.cluster, permission, host, &profiles)?;
    Ok(profiles)
}

/// Whether the published system suits the cluster file and these site profiles.
///
/// # Errors
/// The first thing that does not suit.
pub fn check_system(
    store: &Store,
    permission: &Permission,
    source: &Source,
    profiles: &[SiteProfile],
) -> Result<(), Unsuitable> {
    let (distro, host_type) = (&permission.distro, permission.host_type);
    PublishedSystem { distros: store.paths.distros(), distro, host_type, source }.check(
        &store.cluster,
        &store.paths.cluster_file(),
        profiles,
    )
}
