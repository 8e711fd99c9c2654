// SPDX-License-Identifier: GPL-3.0-or-later
//! What an administrator can do about what a host would be told: one sentence each, with commands that are not refused.

use super::Running;
use crate::boot::Decision;
use crate::boot::identity::Identity;
use crate::boot_context::BootContext;
use crate::host::{Host, HostState, Permission};
use crate::types::Timestamp;

const SWITCH_ON: &str = "Switch it on, with the network first in its boot order.";
const MEND_RECORD: &str = "Mend the record: the file and the line are named above; host-state check reads it again.";

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
            advice.push(format!("To keep it from being installed: host-state disarm {host}"));
        }
        Decision::Enrol(_) => advice.push(format!("{SWITCH_ON} Its disk must be blank.")),
        Decision::LocalBoot(_) => {
            if state == Some(HostState::Failed) {
                advice.push(log);
            }
            match blocked(machine, now) {
                Some(why) => advice.push(why),
                None => advice.push(format!("To install it, with the loss of what is on its disk: {}", arm(machine))),
            }
            if state == Some(HostState::Reinstall) {
                advice.push("Somebody at its console asked for that.".to_owned());
            }
        }
        Decision::Menu(..) | Decision::Wait => {
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
                    "Make the rules tell the machine apart: see the files above, and host-state window list."
                        .to_owned(),
                );
                advice.push(format!("Or name it: {}", arm(machine)));
            }
        },
    }
    advice
}

fn label(machine: &BootContext) -> String {
    machine.known().map_or_else(|| machine.mac.colons(), Host::label)
}

/// It is being installed at this moment, as far as anybody here knows.
fn while_it_runs(decision: &Decision, machine: &BootContext, running: &Running, now: Timestamp) -> Vec<String> {
    let host = label(machine);
    let mut advice = vec![if running.stalled.is_some() {
        format!("It does not go on: look at its console, and at: host-state log {host}")
    } else {
        format!("Leave it running, and follow it: host-state watch {host}")
    }];
    match decision {
        Decision::Install(install) => {
            let begins = format!("a restart of it begins the installer again ({})", install.describe_attempt());
            advice.push(if running.stalled.is_some() {
                format!("To try again, restart it: {begins}. To give up: host-state set {host} state=FAILED")
            } else {
                format!("Do not restart it: {begins}.")
            });
            advice.push(format!("To let this installation end and permit none after it: host-state disarm {host}"));
        }
        Decision::GiveUp { .. } => {
            advice.push(
                "Nothing permits another attempt: where it is restarted before its end, it becomes FAILED.".to_owned(),
            );
            advice.push(try_again(machine));
        }
        Decision::LocalBoot(None) => {
            advice.push("Nothing permits another attempt: where it is restarted before its end, it boots its disk, whatever is on that.".to_owned());
            advice.push(try_again(machine));
        }
        _ => advice.extend(blocked(machine, now)),
    }
    advice
}

fn try_again(machine: &BootContext) -> String {
    format!("To install it anew: host-state set {} state=FAILED, then {}", label(machine), arm(machine))
}

/// What keeps a live permission from being used.
fn blocked(machine: &BootContext, now: Timestamp) -> Option<String> {
    machine.live_permission(now)?;
    match (&machine.source, machine.identity) {
        (_, Identity::Foreign(_) | Identity::Unknown) => Some("Is another machine using the address, or is there a router between it and this node that hides who asks? Only the ticket of an installer proves it then.".to_owned()),
        (Err(_), _) => Some("Mend what is named above; the machine goes on by itself then.".to_owned()),
        (Ok(_), _) => None,
    }
}

/// Which disk a permission takes, and how to name another one.
fn disk(machine: &BootContext, permission: &Permission) -> String {
    let serials: Vec<&str> = permission.wipe.iter().map(|s| s.as_str()).collect();
    if !serials.is_empty() {
        return format!("Its disk must carry nothing, or be one of these, which may be wiped: {}.", serials.join(" "));
    }
    let must = if permission.require_blank {
        "Its disk must be blank, and this permission cannot name one that is not"
    } else {
        "Its disk must carry nothing"
    };
    let (host, becomes) = (label(machine), permission.host_type);
    format!("{must}. For another disk: host-state arm {host} --type {becomes}{}", wipe(machine))
}

/// The command that permits an installation, and is not refused: one that was installed names the disk.
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

/// `--wipe` for each disk that an installation of it is known to have used.
fn wipe(machine: &BootContext) -> String {
    let attempt = machine.known().and_then(|h| h.attempt.as_ref());
    let mut serials = attempt.into_iter().flat_map(|a| &a.disks).filter(|s| s.identifies()).peekable();
    if serials.peek().is_none() {
        return " --wipe SERIAL".to_owned();
    }
    serials.map(|serial| format!(" --wipe {serial}")).collect()
}
