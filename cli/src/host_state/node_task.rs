// SPDX-License-Identifier: GPL-3.0-or-later
//! Asking for tasks of the node environment, and ending such requests: the same for every task.

use super::operator::who;
use super::services_down;
use crate::program::{self, Ended, Exit};
use hps::boot_context::node_environment;
use hps::files::random;
use hps::host::{AfterTask, Host, HostState, NodeTask, PermissionId, TaskDraft, TaskRequest};
use hps::store::Store;
use hps::types::{FirmwareInfo, Lifetime, Line, MacAddr, one_line};

/// How a task is asked for, or a request ended.
#[derive(Debug, clap::Args)]
pub(super) struct TaskTerms {
    /// What the machine does afterwards: restart, and then what the boot decision says, or off
    #[arg(long, default_value_t, value_name = "restart|off")]
    pub(super) then: AfterTask,
    /// How long the request counts
    #[arg(long, default_value = "1d", value_name = "TIME", add = super::complete::times())]
    pub(super) expires: Lifetime,
    /// The reason, for the history
    #[arg(long, default_value = "", hide_default_value = true)]
    pub(super) reason: Line,
    /// End the requests that have not begun
    #[arg(long)]
    pub(super) cancel: bool,
    /// Show what would be asked for or ended, and change nothing; exit code 10
    #[arg(long)]
    pub(super) dry_run: bool,
    /// Answer in JSON: the requests
    #[arg(long)]
    pub(super) json: bool,
}

/// Asks each machine for a task, or ends what it was asked for. Every machine is checked before the first one is asked.
pub(super) fn ask_or_cancel(
    store: &Store,
    macs: &[MacAddr],
    task: impl Fn(MacAddr) -> NodeTask,
    terms: &TaskTerms,
) -> anyhow::Result<Exit> {
    if terms.cancel { cancel(store, macs, terms) } else { ask(store, macs, task, terms) }
}

fn ask(store: &Store, macs: &[MacAddr], task: impl Fn(MacAddr) -> NodeTask, terms: &TaskTerms) -> anyhow::Result<Exit> {
    let now = program::now();
    let mut requests = Vec::new();
    for mac in macs {
        let label = askable(store, *mac)?;
        let draft = TaskDraft {
            mac: *mac,
            task: task(*mac),
            then: terms.then,
            asked_by: who().as_line().clone(),
            asked_at: now,
            lifetime: terms.expires,
            reason: terms.reason.clone(),
        };
        requests.push((label, TaskRequest::new(PermissionId::from_random(random()?), draft)));
    }
    if !terms.dry_run {
        program::need_root()?;
        store.ended_marks().require_place()?;
        for (_, request) in &requests {
            store.tasks().ask(request, &who(), now)?;
        }
        services_down::warn(store);
    }
    if terms.json {
        program::print_json(&requests.iter().map(|(_, request)| request).collect::<Vec<_>>())?;
    } else {
        for (label, request) in &requests {
            let verb = if terms.dry_run { "would be asked" } else { "is asked" };
            program::print(format_args!(
                "{label}: {verb} to {} at its next start from the network, until {}",
                request.task.kind(),
                request.expires
            ))?;
        }
    }
    Ok(if terms.dry_run { Exit::WouldChange } else { Exit::Done })
}

/// The label of a machine that can be asked.
fn askable(store: &Store, mac: MacAddr) -> anyhow::Result<String> {
    let host = store.hosts().find(mac)?;
    let label = host.as_ref().map_or_else(|| mac.colons(), Host::label);
    if host.as_ref().is_some_and(|host| host.state() == HostState::Installing) {
        let why = format!(
            "{label} is INSTALLING, and its installation goes on first; wait for its end: host-state watch {label}"
        );
        return Err(Ended::error(Exit::Refused, why));
    }
    let firmware = match &host {
        Some(host) => host.firmware.clone(),
        None => store.pending().get(mac)?.map_or_else(FirmwareInfo::default, |pending| pending.firmware),
    };
    node_environment(store, host.as_ref(), &firmware)
        .map_err(|error| Ended::error(Exit::Refused, format!("{label}: {}", one_line(&error))))?;
    Ok(label)
}

fn cancel(store: &Store, macs: &[MacAddr], terms: &TaskTerms) -> anyhow::Result<Exit> {
    let mut ended = Vec::new();
    for mac in macs {
        let Some(request) = store.tasks().asked(*mac)? else { continue };
        if store.tasks().ended_why(&request.id)?.is_none() {
            ended.push(request);
        }
    }
    if !terms.dry_run {
        program::need_root()?;
        for request in &ended {
            store.tasks().cancel(request.mac, &who(), program::now())?;
        }
    }
    if terms.json {
        program::print_json(&ended)?;
    } else {
        for request in &ended {
            let verb = if terms.dry_run { "would end" } else { "ends" };
            program::print(format_args!("{}: the request to {} {verb}", request.mac.colons(), request.task.kind()))?;
        }
    }
    Ok(if terms.dry_run && !ended.is_empty() { Exit::WouldChange } else { Exit::Done })
}

/// The rows of `show`: what a machine is asked to do, and how its tasks ended.
pub(super) fn task_rows(store: &Store, mac: MacAddr) -> Vec<(&'static str, String)> {
    let mut rows = Vec::new();
    match store.tasks().asked(mac) {
        Ok(Some(request)) => match store.tasks().ended_why(&request.id) {
            Ok(None) if request.is_current(program::now()) => {
                rows.push(("asked to", format!("{}, until {}", request.describe(), request.expires)));
            }
            Err(error) => rows.push(("asked to", one_line(&error))),
            _ => {}
        },
        Ok(None) => {}
        Err(error) => rows.push(("asked to", one_line(&error))),
    }
    match store.tasks().reports(mac) {
        Ok(reports) => {
            rows.extend(
                reports.reports.iter().map(|report| ("task", format!("{} {}", report.task, report.describe()))),
            );
        }
        Err(error) => rows.push(("task", one_line(&error))),
    }
    rows
}
