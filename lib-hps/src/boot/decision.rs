// SPDX-License-Identifier: GPL-3.0-or-later
//! The boot decision: a ladder of rules, the first that fits decides.
//!
//! It never moves a state: iPXE asks for the same script several times in one boot.

use super::identity::{Identity, Proof};
use super::{Source, Subject, Trace};
use crate::config::{Cluster, Enrolment};
use crate::host::{Host, HostState, Installed, Permission, PermissionSource};
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
    /// Why the rules of the cluster do not say what this machine is to become: two contradict each other, or cannot be read.
    pub rules_problem: Option<&'a str>,
    /// Whether any cluster ever installed it.
    pub installed: &'a Installed,
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
    /// This rule or window permits the installation of a machine that has no address and name yet: it asks for them first.
    Enrol(Line),
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
    /// How many the permission gives.
    pub most: u32,
    /// Where it comes from.
    pub source: Source,
}

impl Install {
    /// The attempt by both its numbers, the same on the screen, in the log and for people: the first is the one that
    /// `host-state log --install` takes.
    pub fn attempt_in_words(&self) -> String {
        format!("attempt {}, {} of {} of its permission", self.attempt, self.of_permission, self.most)
    }
}

/// A page of the menu.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MenuPage {
    /// What can be done with this machine.
    Main,
    /// What it can become.
    Install,
}

/// Decides what the machine should do now, and says to `trace` why.
pub fn decide(facts: &Facts<'_>, trace: &mut Trace) -> Decision {
    let host = match facts.host {
        Ok(host) => host,
        Err(problem) => return without_record(facts, problem, trace),
    };
    trace.found(Subject::Record, || record_in_words(host));
    let was_installed = facts.installed.ever();
    trace.found(Subject::EverInstalled, || facts.installed.in_words());

    if let Some(permission) = live_permission(facts, host, trace) {
        match may_install(facts, host, permission, trace) {
            Ok(_) if permission.source == PermissionSource::Rule && !host.is_some_and(Host::has_place) => {
                trace.settled(Subject::Place, || "it has no address and name yet, and asks for them first".to_owned());
                return Decision::Enrol(permission.given_by.clone());
            }
            Ok(install) => {
                trace.settled(Subject::Permission, || "a live permission gives the installer".to_owned());
                return Decision::Install(Box::new(install));
            }
            Err(No::Attempts(attempts)) if host.is_some_and(|h| h.state() == HostState::Installing) => {
                trace
                    .settled(Subject::Attempts, || "it came back after the last attempt: it becomes FAILED".to_owned());
                return Decision::GiveUp { attempts };
            }
            Err(No::Attempts(_)) => {}
            Err(No::Because(why)) if was_installed => return Decision::LocalBoot(Some(why)),
            Err(No::Because(why)) => return Decision::Stop(why),
        }
    }
    if was_installed {
        trace.settled(Subject::EverInstalled, || {
            "a machine that was ever installed boots its disk where no live permission says otherwise".to_owned()
        });
        return Decision::LocalBoot(host.and_then(notice));
    }
    // Nothing permits it to go on, and until it is FAILED nobody can choose again.
    if let Some(host) = host.filter(|h| h.state() == HostState::Installing) {
        trace.settled(Subject::State, || {
            "INSTALLING, and nothing permits another attempt: it becomes FAILED when it comes back".to_owned()
        });
        return Decision::GiveUp { attempts: host.attempt.as_ref().map_or(0, |a| a.of_permission) };
    }
    if let Some(problem) = facts.rules_problem {
        trace.settled(Subject::Rules, || problem.to_owned());
        return Decision::Stop(Line::lossy(problem));
    }
    if facts.cluster.install.enrolment == Enrolment::Armed {
        trace.settled(Subject::Enrolment, || "enrolment is \"armed\": it waits for a permission".to_owned());
        return Decision::Wait;
    }
    let page = match host.map(Host::state) {
        Some(HostState::Configured) => MenuPage::Install,
        _ => MenuPage::Main,
    };
    trace.settled(Subject::Enrolment, || "enrolment is \"menu\": a person at its console may choose".to_owned());
    Decision::Menu(page, host.and_then(notice))
}

/// One bad record stops nobody who has a system to boot.
fn without_record(facts: &Facts<'_>, problem: &str, trace: &mut Trace) -> Decision {
    if facts.installed.ever() {
        trace.found(Subject::Record, || problem.to_owned());
        trace.settled(Subject::EverInstalled, || format!("{}: it boots its disk", facts.installed.in_words()));
        return Decision::LocalBoot(Some(Line::lossy("The record of this host cannot be read; it boots its disk.")));
    }
    trace.settled(Subject::Record, || problem.to_owned());
    Decision::Stop(Line::lossy(&format!("The record of this host cannot be read: {problem}")))
}

fn record_in_words(host: Option<&Host>) -> String {
    let Some(host) = host else { return "there is none".to_owned() };
    let mut words = format!("{} is {}", host.label(), host.state());
    if let Some(host_type) = host.host_type {
        words.push_str(&format!(", {host_type}{}", host.profile.map_or_else(String::new, |p| format!(" {p}"))));
    }
    if let Some(address) = host.address {
        words.push_str(&format!(", {address}"));
    }
    if let Some(reason) = &host.reason {
        words.push_str(&format!(": {reason}"));
    }
    words
}

/// A permission that counts, by [`Installed::objection`].
fn live_permission<'a>(facts: &Facts<'a>, host: Option<&Host>, trace: &mut Trace) -> Option<&'a Permission> {
    let Some(permission) = facts.permission else {
        trace.found(Subject::Permission, || "there is none".to_owned());
        return None;
    };
    match facts.installed.objection(permission, host, facts.now) {
        Some(why) => {
            trace.found(Subject::Permission, || format!("{}: it {why}", permission_in_words(permission)));
            None
        }
        None => {
            trace.found(Subject::Permission, || {
                let disk = disk_in_words(permission);
                format!("{}, {disk}, live until {}", permission_in_words(permission), permission.expires)
            });
            Some(permission)
        }
    }
}

/// Who gave a permission, when, why and for what.
pub(crate) fn permission_in_words(permission: &Permission) -> String {
    let reason = permission.reason.as_str();
    let why = if reason.is_empty() { String::new() } else { format!(" ({reason})") };
    let given = match permission.source {
        PermissionSource::Operator => format!("given by {} at {}{why}", permission.given_by, permission.given_at),
        PermissionSource::Rule => format!("given by {}{why}", permission.given_by),
        PermissionSource::Menu => format!("chosen at the console at {}, {}", permission.given_at, permission.given_by),
    };
    let profile = permission.profile.map_or_else(String::new, |profile| format!(" {profile}"));
    format!("{given} for {}{profile} with {}", permission.host_type, permission.distro)
}

/// Which disk it may be.
fn disk_in_words(permission: &Permission) -> String {
    if permission.require_blank {
        return "on a blank disk alone".to_owned();
    }
    let serials: Vec<&str> = permission.wipe.iter().map(|s| s.as_str()).collect();
    if serials.is_empty() {
        "on a disk that carries nothing".to_owned()
    } else {
        format!("may wipe {}", serials.join(" "))
    }
}

enum No {
    Attempts(u32),
    Because(Line),
}

fn may_install(
    facts: &Facts<'_>,
    host: Option<&Host>,
    permission: &Permission,
    trace: &mut Trace,
) -> Result<Install, No> {
    let begun = host.map_or(0, |h| h.attempts_of(&permission.id));
    let most = facts.cluster.install.max_attempts;
    trace.found(Subject::Attempts, || format!("{begun} of {most} that this permission gives were begun"));
    if begun >= most {
        return Err(No::Attempts(begun));
    }
    match facts.identity {
        Identity::Proven(proof) => trace.found(Subject::Sender, || proof_in_words(proof).to_owned()),
        Identity::Foreign(mac) => {
            let why = format!("Permission to install is given, but this request comes from the address of {mac}.");
            trace.settled(Subject::Sender, || why.clone());
            return Err(No::Because(Line::lossy(&why)));
        }
        Identity::Unknown => {
            let why = "Permission to install is given, but nothing proves that this request comes from this host (no reservation, neighbour or lease for its address).";
            trace.settled(Subject::Sender, || why.to_owned());
            return Err(No::Because(Line::lossy(why)));
        }
    }
    let label = host.map_or_else(|| facts.mac.colons(), Host::label);
    let macs = host.map_or(1, |host| host.macs().count());
    if let Err(why) = facts.cluster.has_cards(permission.host_type, &label, macs) {
        let why = why.to_string();
        trace.settled(Subject::Record, || why.clone());
        return Err(No::Because(Line::lossy(&why)));
    }
    let source = match &facts.source {
        Ok(source) => source.clone(),
        Err(problem) => {
            trace.settled(Subject::Source, || problem.clone());
            return Err(No::Because(Line::lossy(problem)));
        }
    };
    trace.found(Subject::Source, || match &source {
        Source::Image { build, .. } => format!("{} build {build}", permission.distro),
        Source::Tree { path } => format!("tree {path}"),
    });
    Ok(Install {
        permission: permission.clone(),
        attempt: host.map_or(1, Host::next_attempt),
        of_permission: begun + 1,
        most,
        source,
    })
}

fn proof_in_words(proof: Proof) -> &'static str {
    match proof {
        Proof::ReservedAddress => "the host itself, by its reserved address",
        Proof::Neighbour => "the host itself, by the kernel's neighbour table",
        Proof::Lease => "the host itself, by its lease",
        Proof::Assumed => "taken to be the host itself; --from ADDRESS looks at a real sender",
    }
}

/// What a person at the console should know: before choosing again, or of the system that the disk still holds.
fn notice(host: &Host) -> Option<Line> {
    let reason = host.reason.as_ref().map_or("no reason was reported", Line::as_str);
    (host.state() == HostState::Failed).then(|| Line::lossy(&format!("The last installation FAILED: {reason}")))
}

#[cfg(test)]
#[path = "decision_tests.rs"]
mod tests;
