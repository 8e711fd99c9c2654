// SPDX-License-Identifier: GPL-3.0-or-later
//! `reload`: renders the configuration of the services, checks it, replaces it, and starts or restarts what changed.

mod definitions;
mod desk;
mod lock;
mod owed;
mod owned;
mod plan;
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
use hps::config::Cluster;
use hps::exec::NEVER;
use hps::exec::services::{self, Service, ServiceManager};
use hps::host::Who;
use hps::reservation::complete;
use hps::store::{Held, Store, StoreError, cluster_text};
use hps::types::one_line;
pub use lock::{LOCK_TIMEOUT, ReloadLock};
use owed::Owed;
use plan::Plan;
use running_services::RunningServices;
use settings::check_served;
pub use settings::{check as check_settings, stray_folders};
use std::path::{Path, PathBuf};
use std::time::Duration;

/// Render, check and replace the configuration of dnsmasq and lighttpd, and start or restart them.
///
/// Where the cluster file names a command (install.notify), host-state notify --follow is kept running beside them.
///
/// The active cluster's file and the records of its hosts say what is served. Nothing is replaced before all of it
/// was checked; a service whose configuration did not change goes on undisturbed. Files that the web server's user cannot
/// read get their rights back. A problem with one host, or with install.notify, stops nothing, and is said with exit code 1.
///
/// Checked is also what each host type would be served: its answer file, and whether the packages in it are in the tree and
/// the local repository. Where that is wrong, nothing is changed. A tree or an image that is damaged stops nothing and is said;
/// one that is not published yet is no problem here (host-state check says it).
#[derive(Debug, Parser)]
#[command(
    name = "reload",
    version,
    after_help = program::after_help(
        "\
Examples:
  reload                 after a change of the cluster file
  reload --dry-run       show what would change, as a diff; exit code 10 if anything would
  reload --stop          end all services",
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
    /// End the services instead
    #[arg(long)]
    stop: bool,
    /// How many seconds to wait for another reload or cluster-configure that is at work
    #[arg(long, value_name = "SECONDS", default_value_t = LOCK_TIMEOUT.as_secs())]
    wait: u64,
    /// Answer in JSON
    #[arg(long)]
    json: bool,
}

#[derive(Default, serde::Serialize)]
struct Answer {
    changed: Vec<String>,
    restarted: Vec<&'static str>,
    stopped: Vec<&'static str>,
    /// Files whose rights were mended.
    mended: Vec<String>,
    /// What a person should look at.
    problems: Vec<String>,
    /// What is worth knowing.
    notes: Vec<String>,
    dry_run: bool,
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
    let (mended, mut problems) = wrong_files(site, rights::Wrong::would);
    problems.extend(plan.troubles().iter().cloned());
    let nothing = changed.is_empty() && restarted.is_empty() && stopped.is_empty() && mended.is_empty();
    let exit = match (problems.is_empty(), nothing) {
        (false, _) => Exit::Failed,
        (true, true) => Exit::Done,
        (true, false) => Exit::WouldChange,
    };
    report_problems(&problems);
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
    desk::look(&site.conf, store, text.as_deref(), &mut plan)?;
    Ok(plan)
}

/// Files with other rights than they should have: what `deal` says of each, done or not.
fn wrong_files(site: &Site, deal: fn(&rights::Wrong) -> Result<String, String>) -> (Vec<String>, Vec<String>) {
    // Before the first run there is no such user, and nothing that it could not read.
    let Ok(user) = layout::web_user(&NEVER) else { return Default::default() };
    let (mut mended, mut problems) = (Vec::new(), rights::closed_folders(site, user));
    problems.extend(stray_folders(&site.conf, &site.path));
    for wrong in rights::look(site, user) {
        match deal(&wrong) {
            Ok(line) => mended.push(line),
            Err(line) => problems.push(line),
        }
    }
    (mended, problems)
}

/// Gives files of HPS the rights that they should have, and says so.
pub fn mend_rights(site: &Site) -> (Vec<String>, Vec<String>) {
    let (mended, problems) = wrong_files(site, rights::Wrong::mend);
    report_problems(&mended);
    (mended, problems)
}

fn report_problems(lines: &[String]) {
    for line in lines {
        program::eprint(format_args!("reload: {line}"));
    }
}

/// What is worth knowing, for a person who waits: cron would say it again and again.
fn report_notes(notes: &[String]) {
    for line in notes {
        program::eprint_progress("reload", format_args!("note: {line}"));
    }
}

/// Removes what killed processes left behind. What cannot be removed is said, and stops nothing. Returns why marks of an older version
/// could not be copied to where they outlive a copy of `clusters/`.
fn clear_leftovers(site: &Site, store: &Store) -> Option<String> {
    let now = std::time::SystemTime::now();
    let mut more: Vec<PathBuf> = site.path.parent().map(Path::to_path_buf).into_iter().collect();
    more.extend(services::DEFINITION_FOLDERS.map(PathBuf::from));
    let files = store.paths.clear_leftovers(&more, now).into_iter().map(|r| r.map_err(|e| one_line(&e)));
    let kept = store.bring_marks().err().map(|error| one_line(&error));
    match store.clear_spent(program::now()) {
        Ok(0) => {}
        Ok(count) if program::on_terminal() => {
            program::eprint(format_args!("reload: removed {count} marks of choices at consoles that ended a week ago"));
        }
        Ok(_) => {}
        Err(error) => program::eprint(format_args!("reload: {}", one_line(&error))),
    }
    let trees = hps::media::leftovers::clear(store.paths.distros(), now).into_iter();
    let trees = trees.map(|r| r.map_err(|e| format!("{:#}", anyhow::Error::new(e))));
    for cleared in files.chain(trees) {
        match cleared {
            Ok(path) if program::on_terminal() => {
                program::eprint(format_args!(
                    "reload: removed {}, left over by a process that was killed",
                    path.display()
                ));
            }
            Ok(_) => {}
            Err(why) => program::eprint(format_args!("reload: {why}")),
        }
    }
    kept
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

/// Whoever edits a record by hand claims nothing: names, addresses and MACs that nobody else has are claimed here, and what else follows
/// from a record is made. What is wrong with one host stops no other; it is returned, a line each.
fn claim_hand_edits(store: &Store) -> anyhow::Result<Vec<String>> {
    let mut troubles = Vec::new();
    let held = store.held().unwrap_or_else(|error| {
        troubles.push(format!("claims of values that hosts no longer have stay: {}", one_line(&error)));
        Held::default()
    });
    for host in store.hosts()?.into_iter().filter_map(|file| file.host.ok()) {
        let done = store.claim_for(&host, program::now()).and_then(|()| {
            complete(store, &host, &held, &Who::operator("reload", &program::operator()), program::now())
        });
        match done {
            Ok(_) => {}
            Err(error @ StoreError::Taken(_)) => {
                troubles.push(format!("{}: {error}", store.paths.host(host.mac()).path().display()));
            }
            Err(error) => troubles.push(format!("{}: {}", host.label(), one_line(&error))),
        }
    }
    Ok(troubles)
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
    let (mended, mut problems) = mend_rights(site);
    problems.extend(lost.into_iter().chain(kept));
    let unclaimed = claim_hand_edits(store)?;
    if let Err(error) = store.retire_spent(&Who::operator("reload", &program::operator()), program::now()) {
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
    report_problems(&problems);
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
