// SPDX-License-Identifier: GPL-3.0-or-later
//! What permits the installation of a host, in words: a file of its own, a rule of the cluster, or an open window.

use super::elapsed::{ago, elapsed};
use hps::boot_context::BootContext;
use hps::host::{Dead, Host, Installed, Permission, PermissionSource};
use hps::store::{Store, StoreError};
use hps::types::{DiskName, FirmwareInfo, Timestamp, one_line};

/// The permission of one host that was not used, of any age; why it does not count; and why the rules do not give one.
#[derive(Debug, Default, Clone)]
pub(super) struct EffectivePermission {
    pub(super) permission: Option<Permission>,
    pub(super) dead: Option<Dead>,
    pub(super) problem: Option<String>,
}

/// Whether there is anything besides the files of permissions; checked once for many hosts.
pub(super) fn has_rules(store: &Store) -> Result<bool, StoreError> {
    Ok(!store.cluster.rules.is_empty() || !store.windows().not_closed()?.is_empty())
}

impl EffectivePermission {
    /// As the boot manager would find it. `rules` tells whether there are any.
    pub(super) fn load(store: &Store, host: &Host, rules: bool, now: Timestamp) -> Result<Self, StoreError> {
        let installed = store.installed_marks().installed_host(host)?;
        let objection = |permission: &Option<Permission>| {
            permission.as_ref().and_then(|permission| installed.objection(permission, Some(host), now))
        };
        let own = store.permissions().get(host.mac(), now)?;
        if !rules || own.as_ref().is_some_and(|p| p.is_current(now)) {
            return Ok(Self { dead: objection(&own), permission: own, problem: None });
        }
        let machine = BootContext::load(store, host.mac(), None, &FirmwareInfo::default(), now);
        // A rule's permission that ended since is none; there is no mark of it if the state was set by hand.
        let over = |p: &Permission| {
            p.source == PermissionSource::Rule && installed.objection(p, Some(host), now) == Some(Dead::Ended)
        };
        let problem = machine.rules_problem.as_ref().map(|problem| one_line(problem));
        let permission = if machine.permission.as_ref().is_some_and(over) { own } else { machine.permission };
        Ok(Self { dead: objection(&permission), permission, problem })
    }

    /// The same at another time. That a permission expires is all that time alone changes.
    pub(super) fn at(&self, installed: &Installed, host: &Host, now: Timestamp) -> Self {
        let dead = self.permission.as_ref().and_then(|permission| installed.objection(permission, Some(host), now));
        Self { dead, ..self.clone() }
    }

    /// What counts now.
    pub(super) fn current(&self) -> Option<&Permission> {
        self.permission.as_ref().filter(|_| self.dead.is_none())
    }

    /// All of it, for `show`.
    pub(super) fn describe(&self, now: Timestamp) -> String {
        let none = || self.problem.as_ref().map_or_else(|| "none".to_owned(), |why| format!("none: {why}"));
        self.permission.as_ref().map_or_else(none, |p| match &self.dead {
            None | Some(Dead::Expired(_)) => describe(p, now),
            Some(dead) => format!("none: {}; it {dead}", describe(p, now)),
        })
    }

    /// A few words, for the note of a list: `armed for 23h`, `armed by rule rack7`, `permission expired 3h ago`.
    pub(super) fn summary(&self, now: Timestamp) -> String {
        let Some(p) = &self.permission else {
            return self.problem.as_ref().map_or_else(String::new, |_| "rules conflict, see show".to_owned());
        };
        match &self.dead {
            None => {}
            Some(Dead::Expired(at)) => return format!("permission expired {}", ago(now.since(*at))),
            Some(_) => return "permission does not count, see explain".to_owned(),
        }
        let by = given_by(p).map_or_else(String::new, |by| format!(" by {by}"));
        // A rule has no end; each time it is asked, its day begins again.
        let until = if is_rule(p) { String::new() } else { format!(" for {}", elapsed(p.expires.since(now))) };
        let wipe = describe_wipe(&p.wipe).map_or_else(String::new, |wipe| format!(", {wipe}"));
        format!("armed{by}{until}{wipe}")
    }
}

/// `may wipe S3Z8`.
pub(super) fn describe_wipe(wipe: &[DiskName]) -> Option<String> {
    let serials: Vec<&str> = wipe.iter().map(DiskName::as_str).collect();
    (!serials.is_empty()).then(|| format!("may wipe {}", serials.join(" ")))
}

fn describe(p: &Permission, now: Timestamp) -> String {
    let profile = p.profile.map_or_else(String::new, |p| format!(" {p}"));
    let until = if is_rule(p) {
        "once".to_owned()
    } else if p.is_current(now) {
        format!("until {}", p.expires)
    } else {
        format!("expired at {}", p.expires)
    };
    let wipe = describe_wipe(&p.wipe).map_or_else(String::new, |wipe| format!(", {wipe}"));
    let reason = if p.reason.as_str().is_empty() { String::new() } else { format!(": {}", p.reason) };
    format!("{}{profile} with {}, {until}{wipe}, given by {}{reason}", p.host_type, p.distro, p.given_by)
}

/// `rule rack7`, `window rack7`; empty for a person, whom `show` names.
fn given_by(p: &Permission) -> Option<String> {
    let by = p.given_by.as_str();
    (p.source == PermissionSource::Rule).then(|| match by.split_once(" of ") {
        // The person and the reason are too long for a list.
        Some((window, _)) if by.starts_with("window ") => window.to_owned(),
        _ => by.to_owned(),
    })
}

fn is_rule(p: &Permission) -> bool {
    p.source == PermissionSource::Rule && !p.given_by.as_str().starts_with("window ")
}

/// One word for JSON.
pub(super) fn source(p: &Permission) -> &'static str {
    match p.source {
        PermissionSource::Rule if !is_rule(p) => "window",
        source => source.as_str(),
    }
}
