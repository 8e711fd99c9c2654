// SPDX-License-Identifier: GPL-3.0-or-later
//! The way back after a service did not start: every service gets its old configuration again, and those that ran
//! before run with it, because machines boot with them.

use super::owed::Owed;
use super::plan::Plan;
use super::running_services::RunningServices;
use super::{serving, start};
use crate::program::{Ended, Site, exit_of};
use hps::exec::services::{Service, ServiceManager};
use std::path::{Path, PathBuf};
use std::slice::from_ref;

/// Restores the old configuration of the services and starts those that ran with it. The error says what failed, and what runs now.
pub(super) fn go_back(
    site: &Site,
    plan: &Plan,
    before: &RunningServices<'_>,
    changed: &[String],
    error: &anyhow::Error,
) -> anyhow::Error {
    // While its definition exists.
    let ended = end_new(before, plan, changed);
    let undone = match undo(plan, before, changed) {
        Ok(undone) => undone,
        Err(problem) => {
            let line = format!("{error:#}; and the old configuration cannot be restored: {problem:#}");
            return Ended::error(exit_of(error), line);
        }
    };
    let again = before.manager().map_or_else(Vec::new, |manager| to_start_again(manager, before, &undone));
    let mut line = format!("{error:#}");
    if !undone.is_empty() || !again.is_empty() {
        line += "; the old configuration was restored";
        match (start_again(site, before, &again), start::programs(&again).join(", ")) {
            (Ok(()), names) if names.is_empty() => {}
            (Ok(()), names) => line += &format!("; started with it: {names}"),
            (Err(why), _) => line += &format!(", and does not start either: {why:#}"),
        }
    }
    let forgotten = ended.and_then(|new| forget(before, &new));
    // Files and services match again, except for services that an earlier run left and this one did not start.
    let left: Vec<Service> = before.owed().iter().copied().filter(|service| !again.contains(service)).collect();
    for why in [forgotten, Owed::new(&site.conf).settle(&left)].into_iter().filter_map(Result::err) {
        line += &format!("; {why:#}");
    }
    Ended::error(exit_of(error), line)
}

/// Restores the changed files of the services. Returns the services.
fn undo(plan: &Plan, before: &RunningServices<'_>, changed: &[String]) -> anyhow::Result<Vec<PathBuf>> {
    let is_of_a_service = |path: &Path| {
        changed.iter().any(|file| Path::new(file) == path) && Service::ALL.iter().any(|s| before.reads(*s, path))
    };
    let mut undone = Vec::new();
    for change in plan.changes().filter(|change| is_of_a_service(change.path())) {
        change.undo()?;
        undone.push(change.path().to_path_buf());
    }
    Ok(undone)
}

/// A service that did not run before has no configuration to go back to. One that still runs and reads no restored file
/// continues.
fn to_start_again(manager: &dyn ServiceManager, before: &RunningServices<'_>, undone: &[PathBuf]) -> Vec<Service> {
    let needs =
        |service: &Service| undone.iter().any(|path| before.reads(*service, path)) || !manager.is_running(*service);
    before.running().iter().copied().filter(needs).collect()
}

/// Starts each separately: a service that does not start must not prevent the others.
fn start_again(site: &Site, before: &RunningServices<'_>, services: &[Service]) -> anyhow::Result<()> {
    let Some(manager) = before.manager() else { return Ok(()) };
    let start = |service: &Service| {
        start::restart(site, manager, from_ref(service)).and_then(|()| serving::wait(manager, from_ref(service), None))
    };
    services.iter().map(start).collect::<Vec<_>>().into_iter().collect()
}

/// Ends services that did not run before and were started with a file that will be removed. Otherwise such a service
/// would run without a configuration, or its manager would start it again and again. Returns the ones that the manager
/// must forget.
fn end_new(before: &RunningServices<'_>, plan: &Plan, changed: &[String]) -> anyhow::Result<Vec<Service>> {
    let Some(manager) = before.manager() else { return Ok(Vec::new()) };
    let is_new = |service: &Service| {
        let mut goes = plan.changes().filter(|change| !change.was_there()).map(|change| change.path());
        !before.running().contains(service)
            && goes.any(|path| changed.iter().any(|file| Path::new(file) == path) && before.reads(*service, path))
    };
    let new: Vec<Service> = before.to_start(changed).into_iter().filter(is_new).collect();
    manager.retire(&new)?;
    Ok(new)
}

fn forget(before: &RunningServices<'_>, new: &[Service]) -> anyhow::Result<()> {
    Ok(before.manager().map_or(Ok(()), |manager| manager.forget(new))?)
}
