// SPDX-License-Identifier: GPL-3.0-or-later
//! Why a host would be served what it would be served now, in words for a person who does not know the code.

use super::advice::advice;
use super::expected_disks::{ExpectedDisk, expected};
use super::running::Running;
use super::shim_offered::needs_reload_for_shim;
use crate::boot::{Decision, Source, Step, Subject, Trace, decide, describe_permission};
use crate::boot_context::{BootContext, site_profiles};
use crate::config::{DiskSettings, PoolPlace};
use crate::host::{PermissionSource, TaskSource};
use crate::store::Store;
use crate::types::{FirmwareInfo, Method, Timestamp, one_line};
use serde::Serialize;
use std::path::PathBuf;

/// An explanation.
#[derive(Debug, Serialize)]
pub struct Explanation {
    /// Name or MAC.
    pub host: String,
    /// Its MAC, with colons.
    pub mac: String,
    /// One word: `install`, `task`, `enrol`, `local_boot`, `menu`, `wait`, `give_up` or `stop`.
    pub answer: &'static str,
    /// The same in a sentence.
    pub instruction: String,
    /// The installation that runs, if there is one.
    pub running: Option<Running>,
    /// The steps of the decision, in their order.
    pub steps: Vec<Finding>,
    /// Which disks its installer would choose, if it would be installed: the rules, which only the machine can follow.
    pub disks: Option<String>,
    /// The same for the disks of the last hardware record: what the machine would take of them.
    pub expected_disks: Vec<ExpectedDisk>,
    /// What an administrator can do now, one sentence each.
    pub advice: Vec<String>,
}

/// One step of the decision, with the files that it depends on.
#[derive(Debug, Serialize)]
pub struct Finding {
    /// What this step found.
    #[serde(flatten)]
    pub step: Step,
    /// The files that it comes from, if any.
    pub files: Vec<PathBuf>,
}

/// Explains it.
pub fn explain(store: &Store, machine: &BootContext, now: Timestamp) -> Explanation {
    let mut trace = Trace::on();
    let decision = decide(&machine.facts(&store.cluster, now), &mut trace);
    let host = machine.known().map_or_else(|| machine.mac.colons(), crate::host::Host::label);
    let running = Running::find(store, machine, now);
    let mut advice = advice(&decision, machine, running.as_ref(), now);
    advice.extend(
        machine.warnings.iter().map(|error| format!("This could not be read, so check it: {}", one_line(error))),
    );
    advice.extend(needs_reload_for_shim(store, machine, now).map(|why| format!("{why}. Run: reload")));
    let seen = machine.probable_host.iter().map(|host| format!("By its firmware {host}"));
    let shared = machine
        .shared_values
        .iter()
        .map(|shared| format!("No rule or window fits by its {}: {shared}. Permit it by its MAC.", shared.key));
    advice.extend(seen.chain(shared));
    if let Ok(count @ 1..) = store.refusals().number(machine.mac) {
        let most = store.cluster.install.max_refusals;
        advice.push(format!(
            "{count} of at most {most} requests with a bad ticket or token were counted; for the senders: host-state log {host}"
        ));
    }
    if let Some(what) = machine.known().and_then(|host| host.attempt.as_ref()?.contradicted.as_ref()) {
        advice.push(format!(
            "A report with the token of its attempt contradicted an earlier report and was refused: {what}. If the machine did not send it, install it again. Look at: host-state log {host}"
        ));
    }
    Explanation {
        mac: machine.mac.colons(),
        answer: decision.word(),
        instruction: decision.instruction(),
        running,
        disks: disk_choice(store, machine, &decision).map(|choice| choice.describe(store)),
        expected_disks: expected_disks(store, machine, &decision),
        steps: trace.into_steps().into_iter().map(|step| finding(store, machine, step)).collect(),
        advice,
        host,
    }
}

/// The settings for the disks of an installation.
struct DiskChoice {
    settings: DiskSettings,
    place: PoolPlace,
    method: Method,
}

impl DiskChoice {
    fn describe(&self, store: &Store) -> String {
        self.settings.describe(self.place, store.cluster.install.disk_min_gib, self.method)
    }
}

fn expected_disks(store: &Store, machine: &BootContext, decision: &Decision) -> Vec<ExpectedDisk> {
    // A record that cannot be read is the task of `check`.
    let (Some(choice), Ok(Some(record))) = (disk_choice(store, machine, decision), store.hardware().get(machine.mac))
    else {
        return Vec::new();
    };
    let least = u64::from(store.cluster.install.disk_min_gib) << 30;
    expected(&record.now, &choice.settings, choice.place, least)
}

fn disk_choice(store: &Store, machine: &BootContext, decision: &Decision) -> Option<DiskChoice> {
    let Decision::Install(install) = decision else { return None };
    let permission = &install.permission;
    // What cannot be read or followed is in the reasons.
    let profiles = site_profiles(store, permission, machine.mac, machine.known()).ok()?;
    let settings = store.cluster.disks(permission.host_type, &profiles).ok()?;
    let place = PoolPlace::for_host(store.cluster.pool_use(permission.host_type), permission.profile, &settings);
    Some(DiskChoice { settings, place, method: permission.distro.method() })
}

fn finding(store: &Store, machine: &BootContext, mut step: Step) -> Finding {
    let mut files = files_of(store, machine, step.subject);
    if step.subject == Subject::Permission && machine.permission.is_none() {
        let used_up = used_up(store, machine);
        if !used_up.is_empty() {
            step.finding = used_up.iter().map(|(words, _)| words.as_str()).collect::<Vec<_>>().join("; ");
            files = used_up.into_iter().flat_map(|(_, files)| files).collect();
        } else if let Some((at, why)) = store.permissions().last_pruned(machine.mac).ok().flatten() {
            step.finding = format!("{}; the last one was removed at {at}: {why}", step.finding);
            files.push(store.paths.history(machine.mac));
        }
    }
    Finding { step, files }
}

/// Permissions that no longer count, why they do not, and where file and mark are.
fn used_up(store: &Store, machine: &BootContext) -> Vec<(String, Vec<PathBuf>)> {
    let (paths, mac) = (&store.paths, machine.mac);
    let written =
        [(PermissionSource::Operator, paths.permission(mac)), (PermissionSource::Menu, paths.menu_permission(mac))];
    let written = written.into_iter().filter_map(|(source, key)| {
        // What cannot be read is in the warnings.
        let permission = store.permissions().from_source(mac, source).ok().flatten()?;
        Some((permission, vec![key.path().to_path_buf()]))
    });
    let by_rule = machine.used_up.clone().map(|permission| (permission, machine.rule_files.clone()));
    let closed = closed_windows(store, machine);
    written
        .chain(by_rule)
        .filter_map(|(permission, mut files)| {
            // What cannot be read is in the warnings.
            let why = store.permissions().ended_why(&permission).ok().flatten()?;
            let decides =
                [paths.spent(&permission.id), paths.old_spent(&permission.id), paths.refusals(permission.mac)];
            files.extend(
                decides.iter().map(|key| key.path().to_path_buf()).find(|path| path.symlink_metadata().is_ok()),
            );
            Some((format!("{}: it ended ({why})", describe_permission(&permission)), files))
        })
        .chain(closed)
        .collect()
}

/// Windows that fit this machine and were closed, although their files still exist.
fn closed_windows(store: &Store, machine: &BootContext) -> Vec<(String, Vec<PathBuf>)> {
    let none = FirmwareInfo::default();
    let firmware = machine.known().map_or(&none, |host| &host.firmware);
    // What cannot be read is in the warnings.
    let closed = store.windows().closed().unwrap_or_default().into_iter();
    closed
        .filter(|(window, _)| window.rule.matches(machine.mac, firmware))
        .map(|(window, why)| {
            let files = [store.paths.window(&window.id), store.paths.spent(&window.id)];
            let words = format!("window {} of {}: it was closed ({why})", window.rule.name, window.opened_by);
            (words, files.iter().map(|key| key.path().to_path_buf()).collect())
        })
        .collect()
}

/// The files that a subject depends on.
fn files_of(store: &Store, machine: &BootContext, subject: Subject) -> Vec<PathBuf> {
    let (paths, mac) = (&store.paths, machine.mac);
    let file = match subject {
        Subject::Record | Subject::State | Subject::Place | Subject::Processor => {
            Some(paths.host(mac).path().to_path_buf())
        }
        Subject::EverInstalled => machine.installed.is_marked().then(|| paths.ever_installed(mac).path().to_path_buf()),
        Subject::Erase => Some(paths.erase_permission(mac).path().to_path_buf()),
        Subject::Permission | Subject::Attempts => match machine.permission.as_ref().map(|p| p.source) {
            Some(PermissionSource::Operator) => Some(paths.permission(mac).path().to_path_buf()),
            Some(PermissionSource::Menu) => Some(paths.menu_permission(mac).path().to_path_buf()),
            Some(PermissionSource::Rule) => return machine.rule_files.clone(),
            None => None,
        },
        Subject::Task => match machine.task.as_ref().map(|task| task.request.source) {
            Some(TaskSource::Window) => Some(paths.discovery_windows_dir()),
            _ => Some(paths.task(mac).path().to_path_buf()),
        },
        Subject::Rules if !machine.rule_files.is_empty() => return machine.rule_files.clone(),
        Subject::Rules | Subject::Enrolment => Some(paths.cluster_file()),
        Subject::Sender => None,
        Subject::Source => match (&machine.source, machine.permission.as_ref()) {
            (Ok(Source::Tree { path }), _) => Some(paths.distros().join(path.as_str())),
            (_, permission) => permission.map(|p| paths.distros().join(p.distro.as_str())),
        },
    };
    file.into_iter().collect()
}
