// SPDX-License-Identifier: GPL-3.0-or-later
//! The boot decision: a list of rules; the first one that fits decides.
//!
//! It never changes a state: iPXE asks for the same script several times in one boot.

use super::erase::{Erase, EraseFacts};
use super::identity::{Identity, Proof};
use super::outcome::{Decision, Install, MenuPage};
use super::reasons::{describe_disk, describe_permission, describe_record};
use super::task::{Task, TaskFacts};
use super::{CpuObjection, Source, Subject, Trace};
use crate::config::{Cluster, Enrolment, UnknownMachines};
use crate::host::{Host, HostState, Installed, Permission, PermissionSource};
use crate::types::{FirmwareInfo, Line, MacAddr, Timestamp, one_line};
use std::error::Error;
use std::net::Ipv4Addr;

/// Everything that a decision depends on.
#[derive(Debug)]
pub struct Facts<'a> {
    /// The cluster.
    pub cluster: &'a Cluster,
    /// The machine that asks.
    pub mac: MacAddr,
    /// Its record: none, one, or why the file cannot be used.
    pub host: Result<Option<&'a Host>, &'a (dyn Error + 'static)>,
    /// A permission that was not used, of any age.
    pub permission: Option<&'a Permission>,
    /// Why the rules of the cluster do not give this machine a type: two contradict each other, or cannot be read.
    pub rules_problem: Option<&'a (dyn Error + 'static)>,
    /// Whether any cluster ever installed it.
    pub installed: &'a Installed,
    /// Who sent the request.
    pub identity: Identity,
    /// The address that it came from; `None` if it is not known.
    pub remote: Option<Ipv4Addr>,
    /// What the firmware of the machine reports.
    pub firmware: &'a FirmwareInfo,
    /// What the permission would install from, or why that is missing.
    pub source: Result<&'a Source, &'a (dyn Error + 'static)>,
    /// A task of the node environment that somebody asked for, of any age.
    pub task: Option<TaskFacts<'a>>,
    /// A permission to erase disks of this machine that did not end.
    pub erase: Option<EraseFacts<'a>>,
    /// Now.
    pub now: Timestamp,
}

/// Decides what the machine should do now, and gives the reasons to `trace`.
pub fn decide(facts: &Facts<'_>, trace: &mut Trace) -> Decision {
    let host = match facts.host {
        Ok(host) => host,
        Err(error) => return without_record(facts, &one_line(error), trace),
    };
    trace.found(Subject::Record, || describe_record(host));
    let was_installed = facts.installed.ever();
    trace.found(Subject::EverInstalled, || facts.installed.to_string());

    if let Some(decision) = erase(facts, host, trace) {
        return decision;
    }
    if let Some(task) = live_task(facts, host, trace) {
        trace.settled(Subject::Task, || format!("{}: it comes first, and once", task.request.describe()));
        return Decision::Task(Box::new(task));
    }
    if let Some(permission) = live_permission(facts, host, trace) {
        match may_install(facts, host, permission, trace) {
            Ok(_) if permission.source == PermissionSource::Rule && !host.is_some_and(Host::has_address_and_name) => {
                trace.settled(Subject::Place, || "it has no address and name yet and requests them first".to_owned());
                return Decision::Enrol(permission.given_by.clone());
            }
            Ok(install) => {
                trace.settled(Subject::Permission, || "a live permission gives the installer".to_owned());
                return Decision::Install(Box::new(install));
            }
            Err(No::Attempts(attempts)) if host.is_some_and(|h| h.state() == HostState::Installing) => {
                trace.settled(Subject::Attempts, || {
                    "it booted again after the last attempt: it becomes FAILED".to_owned()
                });
                return Decision::GiveUp { attempts };
            }
            Err(No::Attempts(_)) => {}
            Err(No::Because(why)) if was_installed => return Decision::LocalBoot(Some(why)),
            Err(No::Because(why)) => return Decision::Stop(why),
        }
    }
    if was_installed {
        trace.settled(Subject::EverInstalled, || {
            "a machine that was ever installed boots its disk unless a live permission installs it again".to_owned()
        });
        return Decision::LocalBoot(host.and_then(notice));
    }
    // It may not continue, and a person cannot choose again before it is FAILED.
    if let Some(host) = host.filter(|h| h.state() == HostState::Installing) {
        trace.settled(Subject::State, || {
            "INSTALLING, and no further attempt is permitted: it becomes FAILED at its next netboot".to_owned()
        });
        return Decision::GiveUp { attempts: host.attempt.as_ref().map_or(0, |a| a.of_permission) };
    }
    if let Some(problem) = facts.rules_problem.map(one_line) {
        trace.settled(Subject::Rules, || problem.clone());
        return Decision::Stop(Line::lossy(&problem));
    }
    if facts.cluster.install.enrolment == Enrolment::Armed {
        return without_permission(facts, host, trace);
    }
    let page = match host.map(Host::state) {
        Some(HostState::Configured) => MenuPage::Install,
        _ => MenuPage::Main,
    };
    trace.settled(Subject::Enrolment, || "enrolment is \"menu\": a person at its console may choose".to_owned());
    Decision::Menu(page, host.and_then(notice))
}

/// A machine that was never installed and has no permission, where enrolment is armed. After an attempt its disk may have a part of a
/// system, which nobody should start.
fn without_permission(facts: &Facts<'_>, host: Option<&Host>, trace: &mut Trace) -> Decision {
    let unknown = facts.cluster.boot.unknown;
    let tried = host.is_some_and(|host| host.attempt.is_some());
    let (decision, then) = match unknown {
        UnknownMachines::Local if !tried => (Decision::OwnDisk, "it starts its own disk, if one starts"),
        UnknownMachines::Local => (Decision::Wait, "an installation of it was begun, so it waits for a permission"),
        UnknownMachines::Wait => (Decision::Wait, "it waits for a permission"),
    };
    trace.settled(Subject::Enrolment, || format!("enrolment is \"armed\" and boot.unknown is \"{unknown}\": {then}"));
    decision
}

/// A bad record does not stop a machine that has a system to boot.
fn without_record(facts: &Facts<'_>, problem: &str, trace: &mut Trace) -> Decision {
    if facts.installed.ever() {
        trace.found(Subject::Record, || problem.to_owned());
        trace.settled(Subject::EverInstalled, || format!("{}: it boots its disk", facts.installed));
        return Decision::LocalBoot(Some(Line::lossy("The record of this host cannot be read; it boots its disk.")));
    }
    trace.settled(Subject::Record, || problem.to_owned());
    Decision::Stop(Line::lossy(&format!("The record of this host cannot be read: {problem}")))
}

/// What follows from a permission to erase disks, only for a sender that is proven to be this host; `None` if it does not count, and the machine does what it would do without it.
fn erase(facts: &Facts<'_>, host: Option<&Host>, trace: &mut Trace) -> Option<Decision> {
    let EraseFacts { permission, begun, node } = facts.erase?;
    let host = host?;
    let most = facts.cluster.install.max_attempts;
    let what =
        || format!("{} permits to erase {} until {}", permission.given_by, permission.serials(), permission.expires);
    if let Some(why) = permission.objection(facts.installed, host, facts.firmware, facts.now) {
        trace.found(Subject::Erase, || format!("{}: it {why}", what()));
        return None;
    }
    if begun >= most {
        trace.found(Subject::Erase, || {
            format!("{}: {begun} of {most} attempts were begun, so it does not count", what())
        });
        return None;
    }
    let stop = |why: String| {
        let why = Line::lossy(&why);
        Some(if facts.installed.ever() { Decision::LocalBoot(Some(why)) } else { Decision::Stop(why) })
    };
    match facts.identity {
        Identity::Proven(Proof::Assumed) => trace
            .found(Subject::Sender, || "assumed to be the host itself; --from ADDRESS checks a real sender".to_owned()),
        Identity::Proven(proof) => trace.found(Subject::Sender, || format!("the host itself, known by {proof}")),
        Identity::Foreign(_) | Identity::Unknown => {
            let why = "Erasing is permitted, but it is not proven that this request comes from this host.";
            trace.settled(Subject::Sender, || why.to_owned());
            return stop(why.to_owned());
        }
    }
    let (kernel, initrd) = match node {
        Ok(node) => node,
        Err(error) => {
            let problem = one_line(error);
            trace.settled(Subject::Source, || problem.clone());
            return stop(format!("Erasing is permitted, but the node environment is not published: {problem}"));
        }
    };
    trace.settled(Subject::Erase, || format!("{}; this is attempt {} of {most}", what(), begun + 1));
    let permission = permission.clone();
    let (kernel, initrd) = (kernel.clone(), initrd.clone());
    Some(Decision::Erase(Box::new(Erase { permission, attempt: begun + 1, most, kernel, initrd })))
}

/// A task that may begin now. One that may not never stops a machine: the decision goes on as if it were not there.
fn live_task(facts: &Facts<'_>, host: Option<&Host>, trace: &mut Trace) -> Option<Task> {
    let task = facts.task.as_ref()?;
    let permitted = || {
        let permission = facts.permission?;
        facts.installed.objection(permission, host, facts.now).is_none().then_some(permission)
    };
    match task.objection(facts.installed.ever(), host, permitted().is_some(), facts.identity, facts.now) {
        Some(why) => {
            trace.found(Subject::Task, || format!("{}: {why}", task.request.describe()));
            None
        }
        None => Some(task.begin()?),
    }
}

/// A permission that counts, by [`Installed::objection`].
fn live_permission<'a>(facts: &Facts<'a>, host: Option<&Host>, trace: &mut Trace) -> Option<&'a Permission> {
    let Some(permission) = facts.permission else {
        trace.found(Subject::Permission, || "there is none".to_owned());
        return None;
    };
    match facts.installed.objection(permission, host, facts.now) {
        Some(why) => {
            trace.found(Subject::Permission, || format!("{}: it {why}", describe_permission(permission)));
            None
        }
        None => {
            trace.found(Subject::Permission, || {
                let disk = describe_disk(permission);
                format!("{}, {disk}, live until {}", describe_permission(permission), permission.expires)
            });
            Some(permission)
        }
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
    trace.found(Subject::Attempts, || format!("{begun} of the {most} attempts of this permission were begun"));
    if begun >= most {
        return Err(No::Attempts(begun));
    }
    match facts.identity {
        Identity::Proven(Proof::Assumed) => trace
            .found(Subject::Sender, || "assumed to be the host itself; --from ADDRESS checks a real sender".to_owned()),
        Identity::Proven(proof) => trace.found(Subject::Sender, || format!("the host itself, known by {proof}")),
        Identity::Foreign(mac) => {
            let why = format!("The installation is permitted, but this request comes from the address of {mac}.");
            trace.settled(Subject::Sender, || why.clone());
            return Err(No::Because(Line::lossy(&why)));
        }
        Identity::Unknown => {
            let why = "The installation is permitted, but it is not proven that this request comes from this host: its address has no reservation, neighbour entry or lease.";
            trace.settled(Subject::Sender, || why.to_owned());
            return Err(No::Because(Line::lossy(why)));
        }
    }
    let label = host.map_or_else(|| facts.mac.colons(), Host::label);
    if let Some(why) = misplaced(facts, host, &label) {
        trace.settled(Subject::Place, || why.clone());
        return Err(No::Because(Line::lossy(&why)));
    }
    let macs = host.map_or(1, |host| host.macs().count());
    if let Err(why) = facts.cluster.has_cards(permission.host_type, host.and_then(|host| host.address), &label, macs) {
        let why = why.to_string();
        trace.settled(Subject::Record, || why.clone());
        return Err(No::Because(Line::lossy(&why)));
    }
    if let Some(objection) = CpuObjection::find(&permission.distro, facts.firmware, host.and_then(|host| host.cpu)) {
        let why = format!("{objection}; {}", objection.remedy(&label));
        trace.settled(Subject::Processor, || why.clone());
        return Err(No::Because(Line::lossy(&why)));
    }
    let source = match facts.source {
        Ok(source) => source,
        Err(error) => {
            let problem = one_line(error);
            trace.settled(Subject::Source, || problem.clone());
            return Err(No::Because(Line::lossy(&problem)));
        }
    };
    trace.found(Subject::Source, || match source {
        Source::Image { build, .. } => format!("{} build {build}", permission.distro),
        Source::Tree { path } => format!("tree {path}"),
    });
    Ok(Install {
        permission: permission.clone(),
        attempt: host.map_or(1, Host::next_attempt),
        of_permission: begun + 1,
        most,
        source: source.clone(),
    })
}

/// Why a host cannot be installed with the address of its record: it asks from another network, where that address does
/// not work.
fn misplaced(facts: &Facts<'_>, host: Option<&Host>, label: &str) -> Option<String> {
    let (address, remote) = (host?.address?, facts.remote?);
    let (recorded, asked) = (facts.cluster.placement(address), facts.cluster.placement(remote));
    (recorded != asked).then(|| {
        format!(
            "{label} asks from {asked}, but its address {address} is of {recorded}; give it one of {}: host-state set {label} address=ADDRESS",
            asked.host_range()
        )
    })
}

/// What a person at the console should know: before another choice, or about the system on the disk.
fn notice(host: &Host) -> Option<Line> {
    let reason = host.reason.as_ref().map_or("no reason was reported", Line::as_str);
    let what = if reason.starts_with("the erase ") { "This host" } else { "The last installation" };
    (host.state() == HostState::Failed).then(|| Line::lossy(&format!("{what} FAILED: {reason}")))
}

#[cfg(test)]
#[path = "decision_tests.rs"]
mod tests;
