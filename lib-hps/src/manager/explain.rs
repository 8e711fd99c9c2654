// SPDX-License-Identifier: GPL-3.0-or-later
//! Why a host would be served what it would be served now, in words for a person who has never seen the code.

use super::commands::boot::in_words;
use crate::boot::identity::Identity;
use crate::boot::{Decision, Step, Subject, Trace};
use crate::host::{HostState, PermissionSource};
use crate::situation::Situation;
use crate::store::Store;
use crate::types::{MacAddr, Timestamp};
use serde::Serialize;
use std::path::PathBuf;

/// An explanation.
#[derive(Debug, Serialize)]
pub struct Explanation {
    /// Name or MAC.
    pub host: String,
    /// Its MAC.
    pub mac: MacAddr,
    /// One word: `install`, `enrol`, `local_boot`, `menu`, `wait`, `give_up` or `stop`.
    pub answer: &'static str,
    /// The same in a sentence.
    pub in_words: String,
    /// What was looked at, in this order.
    pub steps: Vec<Finding>,
    /// What an administrator can do now, one sentence each.
    pub advice: Vec<String>,
}

/// One step of the decision, with the file that it rests on.
#[derive(Debug, Serialize)]
pub struct Finding {
    /// What was looked at and found.
    #[serde(flatten)]
    pub step: Step,
    /// The file that says so, where one does.
    pub file: Option<PathBuf>,
}

/// Explains it.
pub fn explain(store: &Store, situation: &Situation, now: Timestamp) -> Explanation {
    let mut trace = Trace::on();
    let decision = situation.decide_traced(store, now, &mut trace);
    let host = situation.known().map_or_else(|| situation.mac.colons(), crate::host::Host::label);
    let mut advice = advice(&decision, situation, &host);
    // It is said once, even where it was found while reading.
    advice.extend(situation.troubles.iter().map(|t| format!("Look at this, which could not be read: {t}")));
    if let Ok(count @ 1..) = store.refusals(situation.mac) {
        let most = store.cluster.install.max_refusals;
        advice.push(format!(
            "{count} of at most {most} requests with a bad ticket or token were counted; host-state log {host} says from where."
        ));
    }
    Explanation {
        mac: situation.mac,
        answer: word(&decision),
        in_words: sentence(&decision),
        steps: trace
            .into_steps()
            .into_iter()
            .map(|step| Finding { file: file_of(store, situation, step.subject), step })
            .collect(),
        advice,
        host,
    }
}

fn word(decision: &Decision) -> &'static str {
    match decision {
        Decision::Install(_) => "install",
        Decision::Enrol => "enrol",
        Decision::LocalBoot(_) => "local_boot",
        Decision::Menu(..) => "menu",
        Decision::Wait => "wait",
        Decision::GiveUp { .. } => "give_up",
        Decision::Stop(_) => "stop",
    }
}

fn sentence(decision: &Decision) -> String {
    match decision {
        Decision::Install(_) => format!("start the {}", in_words(decision)),
        Decision::Enrol => {
            "ask for an address and a name, which a rule permits, and then start the installer".to_owned()
        }
        Decision::LocalBoot(None) => "boot from its own disk".to_owned(),
        Decision::LocalBoot(Some(why)) => format!("boot from its own disk, with this on the screen: {why}"),
        Decision::Menu(_, None) => "show the menu".to_owned(),
        Decision::Menu(_, Some(notice)) => format!("show the menu, with this on the screen: {notice}"),
        Decision::Wait => "wait, and ask again every half minute".to_owned(),
        Decision::GiveUp { .. } => "give up: it becomes FAILED when it comes back".to_owned(),
        Decision::Stop(why) => format!("stop, and ask again every half minute, with this on the screen: {why}"),
    }
}

/// The file that a subject rests on.
fn file_of(store: &Store, situation: &Situation, subject: Subject) -> Option<PathBuf> {
    let (paths, mac) = (&store.paths, situation.mac);
    let cluster_file = || Some(paths.cluster_file());
    match subject {
        Subject::Record | Subject::State | Subject::Place => Some(paths.host(mac).path().to_path_buf()),
        Subject::EverInstalled => situation.ever_installed.map(|_| paths.ever_installed(mac).path().to_path_buf()),
        Subject::Permission | Subject::Attempts => match situation.permission.as_ref().map(|p| p.source) {
            Some(PermissionSource::Operator) => Some(paths.permission(mac).path().to_path_buf()),
            Some(PermissionSource::Menu) => Some(paths.menu_permission(mac).path().to_path_buf()),
            Some(PermissionSource::Rule) => cluster_file(),
            None => None,
        },
        Subject::Rules | Subject::Enrolment => cluster_file(),
        Subject::Sender => None,
        Subject::Source => situation.permission.as_ref().map(|p| paths.distros().join(p.distro.as_str())),
    }
}

fn advice(decision: &Decision, situation: &Situation, host: &str) -> Vec<String> {
    let known = situation.known();
    let arm = match known.and_then(|h| h.host_type) {
        Some(host_type) => format!("host-state arm {host} --type {host_type}"),
        None => format!("host-state arm {host} --type TYPE"),
    };
    let mut advice = Vec::new();
    match decision {
        Decision::Install(_) => {
            advice.push("Switch it on, with the network first in its boot order. Its disk must be empty, or named with --wipe.".to_owned());
            advice.push(format!("To keep it from being installed: host-state disarm {host}"));
        }
        Decision::Enrol => advice.push("Switch it on, with the network first in its boot order.".to_owned()),
        Decision::LocalBoot(_) if situation.host.is_err() => {
            advice.push("Mend the record: the file and the line are named above; host-state check reads it again.".to_owned());
        }
        Decision::LocalBoot(_) => {
            advice.push(format!("To install it again, with the loss of what is on its disk: host-state reinstall {host}"));
            if known.is_some_and(|h| h.state() == HostState::Reinstall) {
                advice.push("Somebody at its console asked for that.".to_owned());
            }
        }
        Decision::Menu(..) | Decision::Wait => {
            advice.push(format!("To install it without a key-press: {arm}"));
            if known.is_some_and(|h| h.state() == HostState::Failed) {
                advice.push(format!("Why it failed: host-state log {host}"));
            }
        }
        Decision::GiveUp { .. } => {
            advice.push(format!("Why it did not reach its end: host-state log {host}"));
            advice.push(format!("To try again: host-state set {host} state=FAILED, then {arm}"));
        }
        Decision::Stop(_) if situation.host.is_err() => {
            advice.push("Mend the record: the file and the line are named above; host-state check reads it again.".to_owned());
        }
        Decision::Stop(_) if situation.rules_problem.is_some() => {
            advice.push("Make the rules tell the machine apart: see the cluster file, and host-state window list.".to_owned());
            advice.push(format!("Or name it: {arm}"));
        }
        Decision::Stop(_) => match situation.identity {
            Identity::Proven(_) => advice.push("Mend what is named above; the machine goes on by itself then.".to_owned()),
            _ => advice.push("Is another machine using the address, or is there a router between it and this node that hides who asks? Only the ticket of an installer proves it then.".to_owned()),
        },
    }
    advice
}
