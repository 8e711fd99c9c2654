// SPDX-License-Identifier: GPL-3.0-or-later
//! `reload`: renders the configuration of the services, checks it, replaces it, and starts or restarts what changed.

mod definitions;
mod hand_edits;
mod leftovers;
mod lock;
mod owed;
mod owned;
mod plan;
mod preflight;
mod repair;
mod report;
mod rights;
mod running_services;
mod serving;
mod settings;
mod start;
mod start_check;
mod way_back;

use crate::layout;
use crate::program::{self, Exit, Site};
use clap::Parser;
use hand_edits::claim_hand_edits;
use hps::config::Cluster;
use hps::exec::services::{self, Service, ServiceManager};
use hps::host::Who;
use hps::store::{Store, cluster_text};
use hps::types::one_line;
use leftovers::clear_leftovers;
pub use lock::{LOCK_TIMEOUT, ReloadLock};
use owed::Owed;
use plan::Plan;
use repair::preview_repairs;
pub use repair::{Repairs, repair_permissions};
use report::{Answer, report, report_notes};
use running_services::RunningServices;
use settings::check_served;
pub use settings::{check as check_settings, stray_folders};
use std::path::{Path, PathBuf};
use std::time::Duration;

/// Render, check and replace the configuration of dnsmasq and lighttpd, and start or restart them.
///
/// The active cluster file and the records of its hosts decide what is served.
/// Everything is checked before anything is replaced.
/// A service whose configuration did not change is not restarted.
/// If the cluster file has install.notify, reload also keeps host-state notify --follow running.
/// Files that the web server's user cannot read get their permissions back.
/// A problem with one host, or with install.notify, does not stop the reload; it is reported, and the exit code is 1.
///
/// reload also checks what each host type would be served: its answer file, and whether its packages are in the tree and the local repository.
/// If that check fails, nothing is changed.
/// A damaged tree or image is reported and does not stop the reload.
/// A tree or image that is not published yet is reported by host-state check only.
#[derive(Debug, Parser)]
#[command(
    name = "reload",
    version,
    after_help = program::after_help(
        "\
Examples:
  reload                 after a change of the cluster file
  reload --dry-run       show what would change, as a diff; exit code 10 if anything would
  reload --stop          stop all services",
        &[
            (Exit::Failed, "failed, or a problem was reported"),
            (Exit::Busy, "a port is in use, or another reload is running"),
        ]
    )
)]
pub struct Arguments {
    /// Show what would change, and change nothing
    #[arg(long)]
    dry_run: bool,
    /// Stop the services instead
    #[arg(long)]
    stop: bool,
    /// How many seconds to wait for another reload or cluster-configure to end
    #[arg(long, value_name = "SECONDS", default_value_t = LOCK_TIMEOUT.as_secs())]
    wait: u64,
    /// Answer in JSON
    #[arg(long)]
    json: bool,
}

/// Runs the program.
///
/// # Errors
/// What stands in the way, in one line.
pub fn run(arguments: Arguments) -> anyhow::Result<Exit> {
    if !arguments.dry_run {
        program::need_root()?;
    }
    let site = program::load_site()?;
    if arguments.dry_run {
        return if arguments.stop {
            dry_stop(&site, arguments.json)
        } else {
            dry_run(&site, &Store::open(&site.conf)?, arguments.json)
        };
    }
    let _lock = ReloadLock::wait(&site.conf, "reload", Duration::from_secs(arguments.wait))?;
    if arguments.stop {
        let stopped = start::stop(&site.conf)?;
        if arguments.json {
            program::print_json(&Answer { stopped, ..Answer::default() })?;
        }
        return Ok(Exit::Done);
    }
    apply(&site, &Store::open(&site.conf)?, arguments.json)
}

fn dry_stop(site: &Site, json: bool) -> anyhow::Result<Exit> {
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

fn dry_run(site: &Site, store: &Store, json: bool) -> anyhow::Result<Exit> {
    let manager = services::detect(&site.conf);
    let plan = checked_plan(site, store, manager.as_deref())?;
    let before = RunningServices::look(&site.conf, store, manager);
    start_check::check(&before, store)?;
    let changes: Vec<_> = plan.changes().filter(|c| c.is_needed()).collect();
    let mut changed: Vec<String> = changes.iter().map(|c| c.path().display().to_string()).collect();
    let restarted = start::programs(&before.to_start(&changed));
    changed.extend(plan.old_entries().map(|path| path.display().to_string()));
    let stopped = start::programs(&before.to_stop());
    let Repairs { repaired: mended, mut problems } = preview_repairs(site);
    problems.extend(plan.troubles().iter().cloned());
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

/// What would be written, after every question that can be asked about it.
fn checked_plan(site: &Site, store: &Store, manager: Option<&dyn ServiceManager>) -> anyhow::Result<Plan> {
    let file = store.paths.cluster_file();
    let text = cluster_text(&site.conf, &store.cluster.name).ok();
    let text = text.filter(|text| Cluster::parse(text).is_ok_and(|c| c == store.cluster));
    let stopped = check_served(&store.cluster, &file, text.as_deref())?;
    let mut plan = Plan::make(site, store, manager)?;
    stopped.into_iter().for_each(|line| plan.trouble(line));
    plan.check()?;
    preflight::look(&site.conf, store, text.as_deref(), &mut plan)?;
    Ok(plan)
}

/// The services that run with an older configuration than their files have, because a reload was interrupted; and the file that says so.
pub fn owed_restarts(conf: &hps::config::HpsConf) -> (PathBuf, Vec<&'static str>) {
    start::owed_now(conf)
}

/// Makes dnsmasq read the reservations of hosts again, after one was changed.
///
/// # Errors
/// What the service manager says.
pub fn reread_hosts(conf: &hps::config::HpsConf) -> anyhow::Result<()> {
    start::reread_hosts(conf)
}

/// Asks everything that can be asked before anything is written: whether all can be rendered, whether the services
/// accept it, and whether they could start.
///
/// # Errors
/// What stands in the way, in one line.
pub fn check(site: &Site, store: &Store) -> anyhow::Result<()> {
    let manager = services::detect(&site.conf);
    checked_plan(site, store, manager.as_deref())?;
    start_check::check(&RunningServices::look(&site.conf, store, manager), store)
}

/// Does the whole work; `cluster-configure` calls it too.
///
/// # Errors
/// What stands in the way, in one line. The configuration is the old one then, or the new one whole. After a service did not start, its
/// configuration is the old one, and the service runs with it.
pub fn apply(site: &Site, store: &Store, json: bool) -> anyhow::Result<Exit> {
    program::need_root()?;
    let conf = &site.conf;
    let lost = layout::make(conf, store, layout::web_group()?)?;
    let kept = clear_leftovers(site, store);
    let Repairs { repaired: mended, mut problems } = repair_permissions(site);
    problems.extend(lost.into_iter().chain(kept));
    let unclaimed = claim_hand_edits(store)?;
    if let Err(error) = store.permissions().prune(&Who::operator("reload", &program::operator()), program::now()) {
        program::eprint(format_args!("reload: {}", one_line(&error)));
    }
    let manager = services::detect(conf);
    let plan = checked_plan(site, store, manager.as_deref())?;
    let before = RunningServices::look(conf, store, manager);
    start_check::check(&before, store)?;
    let stopped = start::end_unwanted(&before)?;
    let owed = Owed::of(conf);
    let will_change: Vec<String> =
        plan.changes().filter(|c| c.is_needed()).map(|c| c.path().display().to_string()).collect();
    let will_start = before.to_start(&will_change);
    // What does not run is started by the next run anyway, and must be started on a full disk too.
    let will_restart: Vec<Service> = will_start.into_iter().filter(|s| before.running().contains(s)).collect();
    if !will_restart.is_empty() {
        owed.note(&will_restart)?;
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
    let reservations = store.paths.dhcp_hosts_dir();
    let others = removed || changed.iter().any(|c| Path::new(c).starts_with(&reservations));
    if let Some(manager) = before.manager()
        && others
        && !restarted.contains(&Service::Dnsmasq)
    {
        start::reread_by(manager)?;
    }
    problems.extend(plan.troubles().iter().cloned().chain(unclaimed));
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
