// SPDX-License-Identifier: GPL-3.0-or-later
//! Why a host would be served what it would be served now, in words for a person who has never seen the code.

use super::advice::advice;
use super::commands::boot::in_words;
use crate::boot::{Decision, Source, Step, Subject, Trace, permission_in_words};
use crate::config::PoolPlace;
use crate::host::{HostState, PermissionSource, StageTime, Stalled};
use crate::situation::{Situation, site_profiles};
use crate::store::Store;
use crate::types::{Claims, Distro, MacAddr, Timestamp};
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
    /// The installation that runs, where one does.
    pub running: Option<Running>,
    /// What was looked at, in this order.
    pub steps: Vec<Finding>,
    /// Which disks its installer would choose, where it would be told to install: the rules, which only the machine can follow.
    pub disks: Option<String>,
    /// What an administrator can do now, one sentence each.
    pub advice: Vec<String>,
}

/// An installation that runs, as it reports itself.
#[derive(Debug, Serialize)]
pub struct Running {
    /// The number of its attempt.
    pub attempt: u32,
    /// That number among those of its permission.
    pub of_permission: u32,
    /// How many a permission gives.
    pub most: u32,
    /// What is installed.
    pub distro: Distro,
    /// When its answer file was fetched.
    pub since: Timestamp,
    /// The newest stage that it reported, and when.
    pub stage: Option<StageTime>,
    /// Where it stands for too long, if it does.
    pub stalled: Option<Stalled>,
}

/// One step of the decision, with the files that it rests on.
#[derive(Debug, Serialize)]
pub struct Finding {
    /// What was looked at and found.
    #[serde(flatten)]
    pub step: Step,
    /// The files that say so, where any do.
    pub files: Vec<PathBuf>,
}

/// Explains it.
pub fn explain(store: &Store, situation: &Situation, now: Timestamp) -> Explanation {
    let mut trace = Trace::on();
    let decision = situation.decide_traced(store, now, &mut trace);
    let host = situation.known().map_or_else(|| situation.mac.colons(), crate::host::Host::label);
    let running = running(store, situation, now);
    let mut advice = advice(&decision, situation, running.as_ref(), now);
    // What is wrong with the record stands in its step.
    let troubles = situation.troubles.iter().filter(|t| situation.host.as_ref().err() != Some(t));
    advice.extend(troubles.map(|t| format!("Look at this, which could not be read: {t}")));
    if let Ok(count @ 1..) = store.refusals(situation.mac) {
        let most = store.cluster.install.max_refusals;
        advice.push(format!(
            "{count} of at most {most} requests with a bad ticket or token were counted; host-state log {host} says from where."
        ));
    }
    if let Some(what) = situation.known().and_then(|host| host.attempt.as_ref()?.contradicted.as_ref()) {
        advice.push(format!(
            "Somebody with the token of its attempt contradicted what that had reported first, and was refused: {what}. Look at host-state log {host}; if that was not the machine itself, install it again."
        ));
    }
    Explanation {
        mac: situation.mac,
        answer: word(&decision),
        in_words: sentence(&decision),
        running,
        disks: disks(store, situation, &decision),
        steps: trace.into_steps().into_iter().map(|step| finding(store, situation, step)).collect(),
        advice,
        host,
    }
}

fn disks(store: &Store, situation: &Situation, decision: &Decision) -> Option<String> {
    let Decision::Install(install) = decision else { return None };
    let permission = &install.permission;
    // What cannot be read or followed is among the reasons.
    let profiles = site_profiles(store, permission, situation.mac, situation.known()).ok()?;
    let settings = store.cluster.disks(permission.host_type, &profiles).ok()?;
    let place = PoolPlace::of(permission.host_type, permission.profile, &settings);
    Some(settings.in_words(place, store.cluster.install.disk_min_gib, permission.distro.method()))
}

fn word(decision: &Decision) -> &'static str {
    match decision {
        Decision::Install(_) => "install",
        Decision::Enrol(_) => "enrol",
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
        Decision::Enrol(by) => {
            format!("ask for an address and a name, which {by} permits, and then start the installer")
        }
        Decision::LocalBoot(None) => "boot from its own disk".to_owned(),
        Decision::LocalBoot(Some(why)) => format!("boot from its own disk, with this on the screen: {why}"),
        Decision::Menu(_, None) => "show the menu".to_owned(),
        Decision::Menu(_, Some(notice)) => format!("show the menu, with this on the screen: {notice}"),
        Decision::Wait => "wait, and ask again every half minute".to_owned(),
        Decision::GiveUp { .. } => "give up: it becomes FAILED when it comes back".to_owned(),
        // The step that decides says it.
        Decision::Stop(_) => "stop, and ask again every half minute, with the reason on its screen".to_owned(),
    }
}

fn running(store: &Store, situation: &Situation, now: Timestamp) -> Option<Running> {
    let host = situation.known().filter(|h| h.state() == HostState::Installing)?;
    let attempt = host.attempt.as_ref()?;
    Some(Running {
        attempt: attempt.number,
        of_permission: attempt.of_permission,
        most: store.cluster.install.max_attempts,
        distro: attempt.distro.clone(),
        since: attempt.since,
        stage: attempt.stage().cloned(),
        stalled: host.stalled(&store.cluster.install.stage_limits, now),
    })
}

fn finding(store: &Store, situation: &Situation, mut step: Step) -> Finding {
    let mut files = files_of(store, situation, step.subject);
    if step.subject == Subject::Permission && situation.permission.is_none() {
        let used_up = used_up(store, situation);
        if !used_up.is_empty() {
            step.finding = used_up.iter().map(|(words, _)| words.as_str()).collect::<Vec<_>>().join("; ");
            files = used_up.into_iter().flat_map(|(_, files)| files).collect();
        } else if let Some((at, why)) = store.removed_permission(situation.mac).ok().flatten() {
            step.finding = format!("{}; the last one was removed at {at}: {why}", step.finding);
            files.push(store.paths.history(situation.mac));
        }
    }
    Finding { step, files }
}

/// Permissions that once counted, why they no longer do, and where both stand.
fn used_up(store: &Store, situation: &Situation) -> Vec<(String, Vec<PathBuf>)> {
    let (paths, mac) = (&store.paths, situation.mac);
    let written =
        [(PermissionSource::Operator, paths.permission(mac)), (PermissionSource::Menu, paths.menu_permission(mac))];
    let written = written.into_iter().filter_map(|(source, key)| {
        // What cannot be read is among the troubles.
        let permission = store.permission_in(mac, source).ok().flatten()?;
        Some((permission, vec![key.path().to_path_buf()]))
    });
    let by_rule = situation.used_up.clone().map(|permission| (permission, situation.rule_files.clone()));
    let closed = closed_windows(store, situation);
    written
        .chain(by_rule)
        .filter_map(|(permission, mut files)| {
            // What cannot be read is among the troubles.
            let why = store.ended_why(&permission).ok().flatten()?;
            let decides =
                [paths.spent(&permission.id), paths.old_spent(&permission.id), paths.refusals(permission.mac)];
            files.extend(
                decides.iter().map(|key| key.path().to_path_buf()).find(|path| path.symlink_metadata().is_ok()),
            );
            Some((format!("{}: it is used up ({why})", permission_in_words(&permission)), files))
        })
        .chain(closed)
        .collect()
}

/// Windows that mean this machine and were closed, although their files are there.
fn closed_windows(store: &Store, situation: &Situation) -> Vec<(String, Vec<PathBuf>)> {
    let none = Claims::default();
    let claims = situation.known().map_or(&none, |host| &host.claims);
    // What cannot be read is among the troubles.
    let closed = store.closed_windows().unwrap_or_default().into_iter();
    closed
        .filter(|(window, _)| window.rule.matches(situation.mac, claims))
        .map(|(window, why)| {
            let files = [store.paths.window(&window.id), store.paths.spent(&window.id)];
            let words = format!("window {} of {}: it was closed ({why})", window.rule.name, window.opened_by);
            (words, files.iter().map(|key| key.path().to_path_buf()).collect())
        })
        .collect()
}

/// The files that a subject rests on.
fn files_of(store: &Store, situation: &Situation, subject: Subject) -> Vec<PathBuf> {
    let (paths, mac) = (&store.paths, situation.mac);
    let file = match subject {
        Subject::Record | Subject::State | Subject::Place => Some(paths.host(mac).path().to_path_buf()),
        Subject::EverInstalled => {
            situation.installed.is_marked().then(|| paths.ever_installed(mac).path().to_path_buf())
        }
        Subject::Permission | Subject::Attempts => match situation.permission.as_ref().map(|p| p.source) {
            Some(PermissionSource::Operator) => Some(paths.permission(mac).path().to_path_buf()),
            Some(PermissionSource::Menu) => Some(paths.menu_permission(mac).path().to_path_buf()),
            Some(PermissionSource::Rule) => return situation.rule_files.clone(),
            None => None,
        },
        Subject::Rules if !situation.rule_files.is_empty() => return situation.rule_files.clone(),
        Subject::Rules | Subject::Enrolment => Some(paths.cluster_file()),
        Subject::Sender => None,
        Subject::Source => match (&situation.source, situation.permission.as_ref()) {
            (Ok(Source::Tree { path }), _) => Some(paths.distros().join(path.as_str())),
            (_, permission) => permission.map(|p| paths.distros().join(p.distro.as_str())),
        },
    };
    file.into_iter().collect()
}
