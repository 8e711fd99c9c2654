// SPDX-License-Identifier: GPL-3.0-or-later
//! What `reload` would change.

use super::checked_plan::checked_plan;
use super::repair::{Repairs, preview_repairs};
use super::report::{Answer, report, report_notes};
use super::running_services::RunningServices;
use super::{start, start_check, wire_look};
use crate::program::{self, Exit, Site};
use hps::exec::services;
use hps::store::Store;

/// Prints which services would be ended.
pub(super) fn dry_stop(site: &Site, json: bool) -> anyhow::Result<Exit> {
    let stopped = start::running_now(&site.conf);
    let nothing = stopped.is_empty();
    if json {
        program::print_json(&Answer { stopped, dry_run: true, ..Answer::default() })?;
    } else {
        for service in stopped {
            program::print(format_args!("{service} would be ended"))?;
        }
    }
    Ok(if nothing { Exit::Done } else { Exit::WouldChange })
}

/// Prints what would be written, started and ended.
pub(super) fn dry_run(site: &Site, store: &Store, json: bool) -> anyhow::Result<Exit> {
    let manager = services::detect(&site.conf);
    let mut plan = checked_plan(site, store, manager.as_deref())?;
    let before = RunningServices::look(&site.conf, store, manager);
    start_check::check(&before, store, &site.conf)?;
    wire_look::look(&before, store, &plan.files_to_write())?.add_to(&mut plan);
    let changes: Vec<_> = plan.changes().filter(|c| c.is_needed()).collect();
    let mut changed: Vec<String> = changes.iter().map(|c| c.path().display().to_string()).collect();
    let restarted = start::programs(&before.to_start(&changed));
    changed.extend(plan.old_entries().map(|path| path.display().to_string()));
    let stopped = start::programs(&before.to_stop());
    let Repairs { repaired: mended, mut problems } = preview_repairs(site);
    problems.extend(plan.warnings().iter().cloned());
    let nothing = changed.is_empty() && restarted.is_empty() && stopped.is_empty() && mended.is_empty();
    let exit = match (problems.is_empty(), nothing) {
        (false, _) => Exit::Failed,
        (true, true) => Exit::Done,
        (true, false) => Exit::WouldChange,
    };
    report(&problems);
    let notes = plan.notes().to_vec();
    if json {
        program::print_json(&Answer { changed, restarted, stopped, mended, problems, notes, dry_run: true })?;
        return Ok(exit);
    }
    report_notes(&notes);
    for change in &changes {
        program::print_text(change.diff().trim_end())?;
    }
    for path in plan.old_entries() {
        program::print(format_args!("{} would be removed", path.display()))?;
    }
    for line in mended {
        program::print(line)?;
    }
    for (services, what) in [(restarted, "started"), (stopped, "ended")] {
        for service in services {
            program::print(format_args!("{service} would be {what}"))?;
        }
    }
    Ok(exit)
}
