// SPDX-License-Identifier: GPL-3.0-or-later
//! The work of `reload`: everything is checked, then the configuration is replaced and the services follow.

use super::checked_plan::checked_plan;
use super::cleanup::clear_leftovers;
use super::hand_edits::complete_hand_edits;
use super::owed::Owed;
use super::page;
use super::repair::{Repairs, repair_permissions};
use super::report::{Answer, report, report_notes};
use super::running_services::RunningServices;
use super::wire_look::{self, WireLook};
use super::{start, start_check, way_back};
use crate::audit;
use crate::layout;
use crate::program::{self, Exit, Site};
use hps::config::HpsConf;
use hps::exec::services::{self, Service};
use hps::host::{AuditLine, Who};
use hps::reservation::free_retired;
use hps::store::{EntryKind, Store};
use hps::types::{Line, one_line};
use std::path::Path;

/// A reload that changed nothing is no change of the site.
fn note_in_audit(conf: &HpsConf, store: &Store, changed: &[String], services: [&[Service]; 2]) {
    let words = services.into_iter().zip(["started", "ended"]).filter(|(services, _)| !services.is_empty());
    let words: Vec<String> =
        words.map(|(services, what)| format!("{what} {}", start::programs(services).join(", "))).collect();
    if changed.is_empty() && words.is_empty() {
        return;
    }
    let line = AuditLine {
        cluster: Some(store.cluster.name.clone()),
        changes: audit::lines(changed),
        note: (!words.is_empty()).then(|| Line::lossy(&words.join("; "))),
        ..audit::line("reload", "services follow the settings")
    };
    audit::note("reload", conf, &line);
}

/// Does the whole work; `cluster-configure` calls it too, with what it heard of other DHCP servers.
///
/// # Errors
/// What stands in the way, in one line. The configuration is the old one then, or the new one whole. After a service did not start, its
/// configuration is the old one, and the service runs with it.
pub fn apply(site: &Site, store: &Store, json: bool, heard: Option<WireLook>) -> anyhow::Result<Exit> {
    program::need_root()?;
    let conf = &site.conf;
    let group = layout::web_group()?;
    let lost = layout::make(conf, store, group)?;
    let made = page::prepare(store, group)?;
    let kept = clear_leftovers(site, store);
    let Repairs { repaired: mended, mut problems } = repair_permissions(site);
    problems.extend(lost.into_iter().chain(kept));
    problems.extend(audit::note_hand_edits("reload", &site.path, store));
    let operator = Who::operator("reload", &program::operator());
    for error in free_retired(store, &operator, program::now()).unwrap_or_else(|error| vec![error]) {
        program::eprint(format_args!("reload: {}", one_line(&error)));
    }
    let unclaimed = complete_hand_edits(store)?;
    if let Err(error) = store.permissions().prune(&operator, program::now()) {
        program::eprint(format_args!("reload: {}", one_line(&error)));
    }
    let manager = services::detect(conf);
    let mut plan = checked_plan(site, store, manager.as_deref())?;
    made.into_iter().for_each(|note| plan.add_note(note));
    let before = RunningServices::look(conf, store, manager);
    start_check::check(&before, store, conf)?;
    let will_change = plan.files_to_write();
    let heard = heard.map_or_else(|| wire_look::look(&before, store, &will_change), Ok)?;
    heard.add_to(&mut plan);
    let stopped = start::end_unwanted(&before)?;
    let owed = Owed::new(conf);
    let will_start = before.to_start(&will_change);
    // What does not run is started by the next run anyway, and must be started on a full disk too.
    let will_restart: Vec<Service> = will_start.into_iter().filter(|s| before.running().contains(s)).collect();
    if !will_restart.is_empty() {
        owed.remember(&will_restart)?;
    }
    let mut changed = Vec::new();
    for change in plan.changes() {
        match change.apply() {
            Ok(true) => changed.push(change.path().display().to_string()),
            Ok(false) => {}
            // Half a configuration is none.
            Err(error) => return Err(way_back::go_back(site, &plan, &before, &changed, &error)),
        }
    }
    let removed = plan.remove_old_entries()?;
    let restarted = match start::apply(site, store, &before, &changed) {
        Ok(restarted) => restarted,
        Err(error) => return Err(way_back::go_back(site, &plan, &before, &changed, &error)),
    };
    owed.clear()?;
    if !restarted.is_empty()
        && let Some(note) = before.manager().and_then(start::note_for_boot)
    {
        plan.add_note(note);
    }
    let reservations = store.paths.host_entries_dir(EntryKind::Reservation);
    let others = removed || changed.iter().any(|c| Path::new(c).starts_with(&reservations));
    if let Some(manager) = before.manager()
        && others
        && !restarted.contains(&Service::Dnsmasq)
    {
        start::reread_by(manager, store)?;
    }
    problems.extend(plan.warnings().iter().cloned().chain(unclaimed));
    note_in_audit(conf, store, &changed, [&restarted, &stopped]);
    report(&problems);
    let exit = if problems.is_empty() { Exit::Done } else { Exit::Failed };
    let (restarted, stopped) = (start::programs(&restarted), start::programs(&stopped));
    if json {
        let notes = plan.notes().to_vec();
        program::print_json(&Answer { changed, restarted, stopped, mended, problems, notes, dry_run: false })?;
    } else if program::on_terminal() {
        report_notes(plan.notes());
        let mut words = vec![format!("{} files changed", changed.len())];
        if restarted.is_empty() && stopped.is_empty() {
            words.push("all services run".to_owned());
        }
        for (services, what) in [(restarted, "started"), (stopped, "ended")] {
            if !services.is_empty() {
                words.push(format!("{what}: {}", services.join(", ")));
            }
        }
        program::eprint(format_args!("reload: {}", words.join(", ")));
    }
    Ok(exit)
}
