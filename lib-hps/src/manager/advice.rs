// SPDX-License-Identifier: GPL-3.0-or-later
//! Advice for the administrator about what a host would be served: one sentence each, with a command that HPS accepts.

use super::Running;
use crate::boot::Decision;
use crate::boot::identity::Identity;
use crate::boot_context::BootContext;
use crate::host::{Host, HostState, Permission, TaskSource};
use crate::types::Timestamp;

const SWITCH_ON: &str = "Switch it on, with the network first in its boot order.";
const MEND_RECORD: &str = "Correct the record: the file and the line are named above. Then check it: host-state check";

pub(super) fn advice(
    decision: &Decision,
    machine: &BootContext,
    running: Option<&Running>,
    now: Timestamp,
) -> Vec<String> {
    if machine.host.is_err() {
        return vec![MEND_RECORD.to_owned()];
    }
    let host = label(machine);
    let state = machine.known().map(Host::state);
    let log = format!("Why it failed: host-state log {host}");
    if let Some(running) = running {
        return while_it_runs(decision, machine, running, now);
    }
    let mut advice = Vec::new();
    match decision {
        Decision::Install(install) => {
            advice.push(format!("{SWITCH_ON} {}", disk(machine, &install.permission)));
            advice.push(format!("To prevent the installation: host-state disarm {host}"));
        }
        Decision::Task(task) => {
            advice.push(SWITCH_ON.to_owned());
            advice.push(match task.request.source {
                TaskSource::Operator => {
                    format!("To prevent it: host-state {} {host} --cancel", task.request.task.kind())
                }
                TaskSource::Window => "To prevent it: host-state discover --window NAME --close".to_owned(),
            });
        }
        Decision::Erase(_) => {
            advice.push(format!("Start it from the network: host-power boot-once {host} --now"));
            advice.push(format!("To prevent the erase: host-state erase {host} --cancel"));
        }
        Decision::Enrol(_) => advice.push(format!("{SWITCH_ON} Its disk must be blank.")),
        Decision::LocalBoot(_) => {
            if state == Some(HostState::Failed) {
                advice.push(log);
            }
            match blocked(machine, now) {
                Some(why) => advice.push(why),
                None if machine.known().is_some_and(|host| host.retired.is_some()) => {
                    advice.push(format!("If it is used again: host-state retire {} --undo", label(machine)));
                }
                None => advice.push(format!("To install it and lose what is on its disk: {}", arm(machine))),
            }
            if state == Some(HostState::Reinstall) {
                advice.push("A person at its console requested a new installation.".to_owned());
            }
        }
        Decision::Menu(..) | Decision::OwnDisk | Decision::Wait => {
            if state == Some(HostState::Failed) {
                advice.push(log);
            }
            advice.push(format!("To install it without a key-press: {}", arm(machine)));
        }
        // INSTALLING without an attempt, as after an edit by hand.
        Decision::GiveUp { .. } => advice.push(try_again(machine)),
        Decision::Stop(_) => match blocked(machine, now) {
            Some(why) => advice.push(why),
            None => {
                advice.push(
                    "Change the rules so that one of them fits better: see the files above, and host-state window list."
                        .to_owned(),
                );
                advice.push(format!("Or permit this host by name: {}", arm(machine)));
            }
        },
    }
    advice
}

fn label(machine: &BootContext) -> String {
    machine.known().map_or_else(|| machine.mac.colons(), Host::label)
}

/// The host is being installed now, as far as this node knows.
fn while_it_runs(decision: &Decision, machine: &BootContext, running: &Running, now: Timestamp) -> Vec<String> {
    let host = label(machine);
    let mut advice = vec![if running.stalled.is_some() {
        format!("It makes no progress: look at its console, and at: host-state log {host}")
    } else {
        format!("Leave it running and follow it: host-state watch {host}")
    }];
    match decision {
        Decision::Install(install) => {
            let begins = format!("a restart begins the installer again ({})", install.describe_attempt());
            advice.push(if running.stalled.is_some() {
                format!("To try again, restart it: {begins}. To give up: host-state set {host} state=FAILED")
            } else {
                format!("Do not restart it: {begins}.")
            });
            advice.push(format!("To let this attempt end and permit no further one: host-state disarm {host}"));
        }
        Decision::GiveUp { .. } => {
            advice
                .push("No further attempt is permitted: if it restarts before the end, it becomes FAILED.".to_owned());
            advice.push(try_again(machine));
        }
        Decision::LocalBoot(None) => {
            advice.push("No further attempt is permitted: if it restarts before the end, it boots its disk, even if the system on it is incomplete.".to_owned());
            advice.push(try_again(machine));
        }
        _ => advice.extend(blocked(machine, now)),
    }
    advice
}

fn try_again(machine: &BootContext) -> String {
    format!("To install it again: host-state set {} state=FAILED, then {}", label(machine), arm(machine))
}

/// What prevents the use of a live permission.
fn blocked(machine: &BootContext, now: Timestamp) -> Option<String> {
    machine.live_permission(now)?;
    match (&machine.source, machine.identity) {
        (_, Identity::Foreign(_) | Identity::Unknown) => Some("Check whether another machine uses the address. A router between the host and this node also hides the sender; then only the ticket of an installer proves the host.".to_owned()),
        (Err(_), _) => Some("Correct what is named above; the machine then continues by itself.".to_owned()),
        (Ok(_), _) => None,
    }
}

/// Which disk a permission accepts, and how to name another one.
fn disk(machine: &BootContext, permission: &Permission) -> String {
    let serials: Vec<&str> = permission.wipe.iter().map(|s| s.as_str()).collect();
    if !serials.is_empty() {
        return format!("Its disk must be empty, or be one of these, which may be wiped: {}.", serials.join(" "));
    }
    let must = if permission.require_blank {
        "Its disk must be blank, and this permission cannot name one that is not"
    } else {
        "Its disk must be empty"
    };
    let (host, becomes) = (label(machine), permission.host_type);
    format!("{must}. For another disk: host-state arm {host} --type {becomes}{}", wipe(machine))
}

/// The command that permits an installation and that HPS accepts: for an installed machine it names the disk.
fn arm(machine: &BootContext) -> String {
    let host = label(machine);
    let becomes = machine.known().and_then(|h| h.host_type);
    match (becomes, machine.was_installed()) {
        (Some(_), true) => format!("host-state reinstall {host}{}", wipe(machine)),
        (None, true) => format!("host-state arm {host} --type TYPE{}", wipe(machine)),
        (Some(becomes), false) => format!("host-state arm {host} --type {becomes}"),
        (None, false) => format!("host-state arm {host} --type TYPE"),
    }
}

/// `--wipe` for each disk that an installation of the host is known to have used.
fn wipe(machine: &BootContext) -> String {
    let attempt = machine.known().and_then(|h| h.attempt.as_ref());
    let mut serials = attempt.into_iter().flat_map(|a| &a.disks).filter(|s| s.identifies()).peekable();
    if serials.peek().is_none() {
        return " --wipe SERIAL".to_owned();
    }
    serials.map(|serial| format!(" --wipe {serial}")).collect()
}
