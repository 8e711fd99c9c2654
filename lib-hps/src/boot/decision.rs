// SPDX-License-Identifier: GPL-3.0-or-later
//! The boot decision: a ladder of rules, the first that fits decides.
//!
//! It never moves a state: iPXE asks for the same script several times in one boot.

use super::Source;
use super::identity::Identity;
use crate::config::{Cluster, Enrolment};
use crate::host::{Host, HostState, Permission, PermissionSource};
use crate::types::{Line, MacAddr, Timestamp};

/// Everything that a decision rests on.
#[derive(Debug)]
pub struct Facts<'a> {
    /// The cluster.
    pub cluster: &'a Cluster,
    /// The machine that asks.
    pub mac: MacAddr,
    /// Its record: none, one, or why the file is not taken.
    pub host: Result<Option<&'a Host>, &'a str>,
    /// A permission that is not spent, of whatever age.
    pub permission: Option<&'a Permission>,
    /// When any cluster last reported it installed.
    pub ever_installed: Option<Timestamp>,
    /// Who asks.
    pub identity: Identity,
    /// What the permission would install from, or why that is not there.
    pub source: Result<Source, String>,
    /// Now.
    pub now: Timestamp,
}

/// What the machine should do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Decision {
    /// Start an installer.
    Install(Box<Install>),
    /// Boot its own disk. The notice is shown for a moment.
    LocalBoot(Option<Line>),
    /// Let the person at the console choose.
    Menu(MenuPage, Option<Line>),
    /// Nobody allowed anything: wait and ask again.
    Wait,
    /// The installation did not report its end, and nothing permits another attempt: say so to this service, then to the
    /// person.
    GiveUp {
        /// How many there were.
        attempts: u32,
    },
    /// It cannot go on until somebody mends what the line names: show it, wait, ask again.
    Stop(Line),
}

/// What an installer needs beyond host and cluster.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Install {
    /// The permission it runs under.
    pub permission: Permission,
    /// The number of the attempt that this boot begins.
    pub attempt: u32,
    /// That number among those of the permission.
    pub of_permission: u32,
    /// Where it comes from.
    pub source: Source,
}

/// A page of the menu.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MenuPage {
    /// What can be done with this machine.
    Main,
    /// What it can become.
    Install,
}

/// Decides what the machine should do now.
pub fn decide(facts: &Facts<'_>) -> Decision {
    let host = match facts.host {
        Ok(host) => host,
        // One bad record stops nobody who has a system to boot.
        Err(_) if facts.ever_installed.is_some() => {
            return Decision::LocalBoot(Some(Line::lossy(
                "The record of this host cannot be read; it boots its disk.",
            )));
        }
        Err(problem) => {
            return Decision::Stop(Line::lossy(&format!("The record of this host cannot be read: {problem}")));
        }
    };
    let was_installed = facts.ever_installed.is_some() || host.is_some_and(|h| h.state().has_system());

    if let Some(permission) = live_permission(facts, host, was_installed) {
        match may_install(facts, host, permission) {
            Ok(install) => return Decision::Install(Box::new(install)),
            Err(No::Attempts(attempts)) if host.is_some_and(|h| h.state() == HostState::Installing) => {
                return Decision::GiveUp { attempts };
            }
            Err(No::Attempts(_)) => {}
            Err(No::Because(why)) if was_installed => return Decision::LocalBoot(Some(why)),
            Err(No::Because(why)) => return Decision::Stop(why),
        }
    }
    if was_installed {
        return Decision::LocalBoot(None);
    }
    // Nothing permits it to go on, and until it is FAILED nobody can choose again.
    if let Some(host) = host.filter(|h| h.state() == HostState::Installing) {
        return Decision::GiveUp { attempts: host.attempt.as_ref().map_or(0, |a| a.of_permission) };
    }
    if facts.cluster.install.enrolment == Enrolment::Armed {
        return Decision::Wait;
    }
    let page = match host.map(Host::state) {
        Some(HostState::Configured) => MenuPage::Install,
        _ => MenuPage::Main,
    };
    Decision::Menu(page, host.and_then(notice))
}

/// A permission that counts: current, not behind an installation that ended, and not one from the menu for a host that
/// was ever installed.
fn live_permission<'a>(facts: &Facts<'a>, host: Option<&Host>, was_installed: bool) -> Option<&'a Permission> {
    facts
        .permission
        .filter(|p| p.is_current(facts.now))
        .filter(|p| !(was_installed && p.source == PermissionSource::Menu))
        .filter(|p| !host.is_some_and(|h| h.has_ended(p, facts.ever_installed)))
}

enum No {
    Attempts(u32),
    Because(Line),
}

fn may_install(facts: &Facts<'_>, host: Option<&Host>, permission: &Permission) -> Result<Install, No> {
    let begun = host.map_or(0, |h| h.attempts_of(&permission.id));
    if begun >= facts.cluster.install.max_attempts {
        return Err(No::Attempts(begun));
    }
    match facts.identity {
        Identity::Proven(_) => {}
        Identity::Foreign(mac) => {
            return Err(No::Because(Line::lossy(&format!(
                "Permission to install is given, but this request comes from the address of {mac}."
            ))));
        }
        Identity::Unknown => {
            return Err(No::Because(Line::lossy(
                "Permission to install is given, but nothing proves that this request comes from this host (no reservation, neighbour or lease for its address).",
            )));
        }
    }
    let source = facts.source.clone().map_err(|problem| No::Because(Line::lossy(&problem)))?;
    Ok(Install {
        permission: permission.clone(),
        attempt: host.map_or(1, Host::next_attempt),
        of_permission: begun + 1,
        source,
    })
}

/// What a person at the console should know before choosing again.
fn notice(host: &Host) -> Option<Line> {
    let reason = host.reason.as_ref().map_or("no reason was reported", Line::as_str);
    (host.state() == HostState::Failed).then(|| Line::lossy(&format!("The last installation FAILED: {reason}")))
}

#[cfg(test)]
#[path = "decision_tests.rs"]
mod tests;
