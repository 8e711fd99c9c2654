// SPDX-License-Identifier: GPL-3.0-or-later
//! Everything that the decision about one machine rests on, gathered from the files.
//!
//! It reads only what it needs, starts no program, and its cost does not grow with the number of hosts.
//!
//! What could not be read never gives the installer ([`Situation`]), and never counts as ended ([`Permitted`]).

use crate::boot::identity::{Identity, Proof};
use crate::boot::token::SiteKey;
use crate::boot::{Arming, Decision, Facts, Source, Trace, choose, decide};
use crate::config::SiteProfile;
use crate::host::{Host, Installed, Permission};
use crate::media::{self, Units, Wanted, builds};
use crate::render::scripts::Scene;
use crate::render::system::{Becoming, system};
use crate::store::{Store, StoreError};
use crate::types::{Claims, Distro, HostType, MacAddr, PackageName, Timestamp};
use std::net::Ipv4Addr;
use std::path::PathBuf;

/// One machine, as this node sees it now.
#[derive(Debug)]
pub struct Situation {
    /// The machine; where it has several interfaces and a record, the one that names the record.
    pub mac: MacAddr,
    /// The interface that it boots from.
    pub interface: MacAddr,
    /// Its record: none, one, or the line that says why the file is not taken.
    pub host: Result<Option<Host>, String>,
    /// Its permission that is not spent, of whatever age.
    pub permission: Option<Permission>,
    /// Why the rules do not say what it is to become.
    pub rules_problem: Option<String>,
    /// The files that the rule or window which means it stands in; where two contradict each other, those of both.
    pub rule_files: Vec<PathBuf>,
    /// The permission of the rule or window that means it, where that is used up.
    pub used_up: Option<Permission>,
    /// Whether any cluster ever installed it; yes, where that cannot be told.
    pub installed: Installed,
    /// Who asks.
    pub identity: Identity,
    /// What the permission installs from.
    pub source: Result<Source, String>,
    /// What went wrong while reading and does not show in the decision, for the log.
    pub troubles: Vec<String>,
}

impl Situation {
    /// Gathers it. Whatever cannot be read is taken in the way that wipes no disk. `claims` are those of the request; where it
    /// has none, those that the record keeps count.
    pub fn gather(store: &Store, mac: MacAddr, remote: Option<Ipv4Addr>, claims: &Claims, now: Timestamp) -> Self {
        let mut troubles = Vec::new();
        let host = store.host(mac).map_err(|error| trouble(&mut troubles, &error));
        let known = host.as_ref().ok().and_then(Option::as_ref);
        let interface = mac;
        let mac = known.map_or(mac, Host::mac);
        let installed = store.installed(mac, known).unwrap_or_else(|error| {
            trouble(&mut troubles, &error);
            Installed::of(None, known)
        });
        let mut permission = store.permission(mac, now).unwrap_or_else(|error| {
            trouble(&mut troubles, &error);
            None
        });
        let mut rules = ByRule::default();
        if !installed.ever() && host.is_ok() && !permission.as_ref().is_some_and(|p| p.is_current(now)) {
            let claims = if claims.is_empty() { known.map_or(claims, |h| &h.claims) } else { claims };
            rules = by_rule(store, mac, claims, now);
            permission = rules.permission.take().or(permission);
        }
        let identity = store.identify(remote, interface, known);
        let source = match &permission {
            Some(p) => media::source(store.paths.distros(), &p.distro, p.host_type, None)
                .map_err(|e| e.to_string())
                .and_then(|source| {
                    let profiles = site_profiles(store, p, mac, known)?;
                    // One small file more, one more where profiles name packages, and only for who may be installed now.
                    if installed.objection(p, known, now).is_none() {
                        suited(store, &p.distro, p.host_type, &source, &profiles)?;
                    }
                    Ok(source)
                }),
            None => Err("no permission names a system".to_owned()),
        };
        Self {
            mac,
            interface,
            host,
            permission,
            rules_problem: rules.problem,
            rule_files: rules.files,
            used_up: rules.used_up,
            installed,
            identity,
            source,
            troubles,
        }
    }

    /// The same, taken to be asked by the host itself: for an operator who asks what that would be told.
    #[must_use]
    pub fn assumed(self) -> Self {
        Self { identity: Identity::Proven(Proof::Assumed), ..self }
    }

    /// The record, where there is one that can be read.
    pub fn known(&self) -> Option<&Host> {
        self.host.as_ref().ok().and_then(Option::as_ref)
    }

    /// Whether the machine was ever installed, by the mark or by its record.
    pub fn was_installed(&self) -> bool {
        self.installed.ever()
    }

    /// Its permission, if that counts now.
    pub fn live_permission(&self, now: Timestamp) -> Option<&Permission> {
        self.permission.as_ref().filter(|p| self.installed.objection(p, self.known(), now).is_none())
    }

    /// What scripts are about.
    pub fn scene<'a>(&'a self, store: &'a Store) -> Scene<'a> {
        Scene {
            cluster: &store.cluster,
            mac: self.interface,
            host: self.known(),
            was_installed: self.was_installed(),
            has_storage: store.has_storage(),
        }
    }

    /// What the machine should do.
    pub fn decide(&self, store: &Store, now: Timestamp) -> Decision {
        self.decide_traced(store, now, &mut Trace::off())
    }

    /// The same, with the way to it.
    pub fn decide_traced(&self, store: &Store, now: Timestamp, trace: &mut Trace) -> Decision {
        let facts = Facts {
            cluster: &store.cluster,
            mac: self.mac,
            host: self.host.as_ref().map(Option::as_ref).map_err(String::as_str),
            permission: self.permission.as_ref(),
            rules_problem: self.rules_problem.as_deref(),
            installed: &self.installed,
            identity: self.identity,
            source: self.source.clone(),
            now,
        };
        decide(&facts, trace)
    }
}

/// Everything that permits the installation of a machine and is not used up, of whatever age and whether or not it would count now:
/// for whoever ends it.
#[derive(Debug, Default)]
pub struct Permitted {
    /// The files of both folders, then rules and windows.
    pub permissions: Vec<Permission>,
    /// Why there may be more: what could not be read, in one line each. While there is one, nobody may say that nothing is left.
    pub problems: Vec<String>,
}

impl Permitted {
    /// Gathers it for a machine that says this of itself. `mac` names the record, where there is one.
    pub fn gather(store: &Store, mac: MacAddr, claims: &Claims, now: Timestamp) -> Self {
        let (mut permissions, unreadable) = store.unspent_and_unreadable(mac);
        let mut problems: Vec<String> = unreadable.iter().map(|error| one_line(error)).collect();
        match permitted_by_rules(store, mac, claims, now) {
            Ok(ruled) => permissions.extend(ruled),
            Err(why) => problems.push(why),
        }
        Self { permissions, problems }
    }

    /// All of it, or why that is not known.
    ///
    /// # Errors
    /// The first of the problems.
    pub fn all(self) -> Result<Vec<Permission>, String> {
        self.problems.into_iter().next().map_or(Ok(self.permissions), Err)
    }
}

/// Everything that rules and windows permit a MAC and that is not used up, the narrower and the wider: where the narrowest one is
/// ended, the next would count.
///
/// # Errors
/// What cannot be read, or what this cluster does not install, in one line.
pub fn permitted_by_rules(
    store: &Store,
    mac: MacAddr,
    claims: &Claims,
    now: Timestamp,
) -> Result<Vec<Permission>, String> {
    permitted_with(store, || store.paths.read_site_key().map_err(|e| one_line(&e)), mac, claims, now)
}

/// The same with the site key that this function gives, where there is anything: ids follow from the key.
///
/// # Errors
/// Those of [`permitted_by_rules`].
pub fn permitted_with(
    store: &Store,
    key: impl FnOnce() -> Result<SiteKey, String>,
    mac: MacAddr,
    claims: &Claims,
    now: Timestamp,
) -> Result<Vec<Permission>, String> {
    let windows = store.windows().map_err(|e| one_line(&e))?;
    let fitting = crate::boot::fitting(&store.cluster.rules, &windows, mac, claims, now);
    if fitting.is_empty() {
        return Ok(Vec::new());
    }
    let key = key()?;
    let mut permissions: Vec<Permission> = Vec::new();
    for arming in fitting {
        let permission = arming.permission(&key, &store.cluster, mac, now)?;
        let known = permissions.iter().any(|p| p.id == permission.id);
        if !known && !store.is_spent(&permission.id).map_err(|e| one_line(&e))? {
            permissions.push(permission);
        }
    }
    Ok(permissions)
}

/// The site profiles that a host has which is installed by this permission.
///
/// # Errors
/// One line: one cannot be read or taken, or this host cannot be given it.
pub fn site_profiles(
    store: &Store,
    permission: &Permission,
    mac: MacAddr,
    host: Option<&Host>,
) -> Result<Vec<SiteProfile>, String> {
    let macs: Vec<MacAddr> = host.map_or_else(|| vec![mac], |host| host.macs().collect());
    let name = host.and_then(|host| host.name.as_ref());
    let profiles = store.site_profiles_of(permission.host_type, name, &macs).map_err(|e| one_line(&e))?;
    for profile in &profiles {
        profile.fits(permission.host_type, &permission.distro).map_err(|error| error.to_string())?;
    }
    store.cluster.disks(permission.host_type, &profiles).map_err(|error| error.to_string())?;
    // All that an answer file could fail by is found before an installer is started.
    if let Some(becoming) = host.and_then(|host| Becoming::new(&store.cluster, host, permission, &profiles)) {
        system(&becoming)?;
    }
    Ok(profiles)
}

/// Whether the system that a permission installs takes what the cluster file says of every host, and has what its site profiles name.
///
/// # Errors
/// One line with the cluster file, the key, the value and the image; or with the package that the image lacks.
pub fn suited(
    store: &Store,
    distro: &Distro,
    host_type: HostType,
    source: &Source,
    profiles: &[SiteProfile],
) -> Result<(), String> {
    suited_for(store, distro, host_type, source)?;
    let of_host: Vec<&SiteProfile> = profiles.iter().collect();
    for profile in profiles {
        let units = profile.units_of_system(&of_host);
        let units = media::has_units(store.paths.distros(), distro, host_type, source, &units);
        // What is not known stops nobody.
        if let Units::Lacks(unit) = units.map_err(|why| why.to_string())? {
            return Err(lacks_unit(host_type, distro, source, profile, &unit));
        }
    }
    let packages: Vec<&str> = profiles.iter().flat_map(|profile| &profile.packages).map(PackageName::as_str).collect();
    let Source::Image { build, .. } = source else { return Ok(()) };
    if packages.is_empty() {
        return Ok(());
    }
    let place = store.paths.distros().join(distro.as_str()).join(build.as_str());
    let list = place.join(builds::package_list(host_type));
    let installed = builds::packages_in_image(&place, host_type).map_err(|error| {
        format!(
            "{}: cannot be read ({error}); make another build: build-image --distro {distro} --force",
            list.display()
        )
    })?;
    match packages.into_iter().find(|name| !installed.contains(*name)) {
        Some(name) => Err(format!(
            "the image {host_type} of {distro}, build {build}, lacks the package {name} of a site profile; make a new build: build-image --distro {distro}"
        )),
        None => Ok(()),
    }
}

/// One line about a unit that an image lacks.
fn lacks_unit(host_type: HostType, distro: &Distro, source: &Source, profile: &SiteProfile, unit: &str) -> String {
    let (build, label) = (source.build(), profile.label());
    format!(
        "the image {host_type} of {distro}, build {build}, lacks the unit {unit} of the site profile {label}; add its package to packages of that profile, or the unit as a [[file]], then make a new build: build-image --distro {distro}"
    )
}

/// The same for a system and a type.
///
/// # Errors
/// As [`suited`].
pub fn suited_for(store: &Store, distro: &Distro, host_type: HostType, source: &Source) -> Result<(), String> {
    let install = &store.cluster.install;
    let wanted = Wanted { admin_user: install.admin_user.as_str(), timezone: install.timezone.as_str() };
    match media::suits(store.paths.distros(), distro, host_type, source, wanted) {
        Ok(_) => Ok(()),
        Err(why) if why.key.is_some() => Err(format!("{}: {why}", store.paths.cluster_file().display())),
        Err(why) => Err(why.to_string()),
    }
}

fn trouble(troubles: &mut Vec<String>, error: &StoreError) -> String {
    let line = one_line(error);
    troubles.push(line.clone());
    line
}

/// What rules and windows say of a machine.
#[derive(Debug, Default)]
struct ByRule {
    permission: Option<Permission>,
    used_up: Option<Permission>,
    files: Vec<PathBuf>,
    problem: Option<String>,
}

/// The permission that a rule or a window gives, unless it is used up.
fn by_rule(store: &Store, mac: MacAddr, claims: &Claims, now: Timestamp) -> ByRule {
    let mut found = ByRule::default();
    let mut ask = || -> Result<(), String> {
        let windows = store.windows().map_err(|e| {
            found.files.push(store.paths.windows_dir());
            one_line(&e)
        })?;
        let chosen = choose(&store.cluster.rules, &windows, mac, claims, now).map_err(|tie| {
            found.files = vec![file_of(store, &tie.0), file_of(store, &tie.1)];
            found.files.dedup();
            tie.to_string()
        })?;
        let Some(arming) = chosen else { return Ok(()) };
        found.files.push(file_of(store, &arming));
        let key = store.paths.read_site_key().map_err(|e| one_line(&e))?;
        let permission = arming.permission(&key, &store.cluster, mac, now)?;
        let spent = store.is_ended(&permission).map_err(|e| one_line(&e))?;
        *(if spent { &mut found.used_up } else { &mut found.permission }) = Some(permission);
        Ok(())
    };
    if let Err(problem) = ask() {
        found.problem = Some(problem);
    }
    found
}

fn file_of(store: &Store, arming: &Arming<'_>) -> PathBuf {
    arming.window().map_or_else(|| store.paths.cluster_file(), |id| store.paths.window(id).path().to_path_buf())
}

/// An error and its causes in one line.
pub fn one_line(error: &(dyn std::error::Error + 'static)) -> String {
    let causes = std::iter::successors(Some(error), |e| e.source());
    causes.map(ToString::to_string).collect::<Vec<_>>().join(": ").replace('\n', " ")
}
