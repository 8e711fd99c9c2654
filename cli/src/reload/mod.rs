// SPDX-License-Identifier: GPL-3.0-or-later
//! `reload`: renders the configuration of the services, checks it, replaces it, and starts or restarts what changed.

mod plan;
mod start;

use crate::layout;
use crate::program::{self, Exit, Site};
use clap::Parser;
use hps::exec::services::Service;
use hps::situation::one_line;
use hps::store::{Store, StoreError};
use plan::Plan;
use std::path::{Path, PathBuf};

/// Render, check and replace the configuration of dnsmasq and lighttpd, and start or restart them.
///
/// Where the cluster file names a command (install.notify), host-state notify --follow is kept running beside them.
///
/// The active cluster's file and the records of its hosts say what is served. Nothing is replaced before all of it
/// was checked; a service whose configuration did not change goes on undisturbed.
#[derive(Debug, Parser)]
#[command(
    name = "reload",
    version,
    after_help = "\
Examples:
  reload                 after a change of the cluster file
  reload --dry-run       show what would change, as a diff; exit code 10 if anything would
  reload --stop          end all services

Exit codes: 0 done, 1 failed, 2 wrong usage, 3 refused, 4 not found, 5 a port is in use, 10 something would change.
The file $HPS_CONFIG, or /srv/hps-config/hps.conf, says where everything lies."
)]
pub struct Arguments {
    /// Show what would change, and change nothing
    #[arg(long)]
    dry_run: bool,
    /// End the services instead
    #[arg(long, conflicts_with = "dry_run")]
    stop: bool,
    /// Answer in JSON
    #[arg(long)]
    json: bool,
}

#[derive(serde::Serialize)]
struct Answer {
    changed: Vec<String>,
    restarted: Vec<&'static str>,
    stopped: Vec<&'static str>,
    dry_run: bool,
}

/// Runs the program.
///
/// # Errors
/// What stands in the way, in one line.
pub fn run(arguments: Arguments) -> anyhow::Result<Exit> {
    let site = program::load_site()?;
    if arguments.stop {
        program::need_root()?;
        let stopped = start::stop(&site.conf)?;
        if arguments.json {
            program::say_json(&Answer { changed: Vec::new(), restarted: Vec::new(), stopped, dry_run: false })?;
        }
        return Ok(Exit::Done);
    }
    let store = Store::open(&site.conf)?;
    if arguments.dry_run { dry_run(&site, &store, arguments.json) } else { apply(&site, &store, arguments.json) }
}

fn dry_run(site: &Site, store: &Store, json: bool) -> anyhow::Result<Exit> {
    let plan = Plan::make(site, store)?;
    let changes: Vec<_> = plan.changes().filter(|c| c.is_needed()).collect();
    let changed: Vec<String> = changes.iter().map(|c| c.path().display().to_string()).collect();
    let before = start::Before::look(&site.conf, store);
    let restarted = names(&before.to_start(&site.conf, &changed));
    let stopped = names(&before.to_stop());
    let nothing = changed.is_empty() && restarted.is_empty() && stopped.is_empty();
    if json {
        program::say_json(&Answer { changed, restarted, stopped, dry_run: true })?;
    } else {
        for change in &changes {
            program::say(change.diff().trim_end())?;
        }
        for (services, what) in [(restarted, "started"), (stopped, "ended")] {
            for service in services {
                program::say(format_args!("{service} would be {what}"))?;
            }
        }
    }
    Ok(if nothing { Exit::Done } else { Exit::WouldChange })
}

/// Removes what killed processes left behind. What cannot be removed is said, and stops nothing.
fn clear_leftovers(site: &Site, store: &Store) {
    let now = std::time::SystemTime::now();
    let mut more: Vec<PathBuf> = site.path.parent().map(Path::to_path_buf).into_iter().collect();
    more.push(start::SYSTEMD_DIR.into());
    more.extend(Path::new(start::SUPERVISORD_FILE).parent().map(Path::to_path_buf));
    let files = store.paths.clear_leftovers(&more, now).into_iter().map(|r| r.map_err(|e| one_line(&e)));
    let trees = hps::media::leftovers::clear(store.paths.distros(), now).into_iter();
    let trees = trees.map(|r| r.map_err(|e| format!("{:#}", anyhow::Error::new(e))));
    for cleared in files.chain(trees) {
        match cleared {
            Ok(path) if program::on_terminal() => {
                program::note(format_args!(
                    "reload: removed {}, left over by a process that was killed",
                    path.display()
                ));
            }
            Ok(_) => {}
            Err(why) => program::note(format_args!("reload: {why}")),
        }
    }
}

fn names(services: &[Service]) -> Vec<&'static str> {
    services.iter().map(|s| s.program()).collect()
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
    Plan::make(site, store)?.check()?;
    start::Before::look(&site.conf, store).check(store)
}

/// Whoever edits a record by hand claims nothing: names, addresses and MACs that nobody else has are claimed here. The others
/// are said.
fn claim_hand_edits(store: &Store) -> anyhow::Result<Vec<String>> {
    let mut troubles = Vec::new();
    for host in store.hosts()?.into_iter().filter_map(|file| file.host.ok()) {
        match store.claim_for(&host) {
            Ok(()) => {}
            Err(error @ StoreError::Taken(_)) => {
                troubles.push(format!("{}: {error}", store.paths.host(host.mac()).path().display()));
            }
            Err(error) => return Err(error.into()),
        }
    }
    Ok(troubles)
}

/// Does the whole work; `cluster-configure` calls it too.
///
/// # Errors
/// What stands in the way, in one line. The configuration is the old one then, or the new one whole.
pub fn apply(site: &Site, store: &Store, json: bool) -> anyhow::Result<Exit> {
    program::need_root()?;
    let conf = &site.conf;
    layout::make(conf, &store.paths, layout::web_group()?)?;
    let unclaimed = claim_hand_edits(store)?;
    let plan = Plan::make(site, store)?;
    plan.check()?;
    let before = start::Before::look(conf, store);
    before.check(store)?;
    let stopped = start::end_unwanted(conf, &before)?;
    let mut changed = Vec::new();
    for change in plan.changes() {
        if change.apply()? {
            changed.push(change.path().display().to_string());
        }
    }
    let removed = plan.remove_old_entries()?;
    let restarted: Vec<Service> = start::apply(site, &before, &changed)?;
    let reservations = store.paths.dhcp_hosts_dir();
    let others = removed || changed.iter().any(|c| Path::new(c).starts_with(&reservations));
    if others && !restarted.contains(&Service::Dnsmasq) {
        start::reread_hosts(conf)?;
    }
    clear_leftovers(site, store);
    for trouble in plan.troubles().iter().chain(&unclaimed) {
        program::note(format_args!("reload: {trouble}"));
    }
    let (restarted, stopped) = (names(&restarted), names(&stopped));
    if json {
        program::say_json(&Answer { changed, restarted, stopped, dry_run: false })?;
    } else if program::on_terminal() {
        let mut words = vec![format!("{} files changed", changed.len())];
        if restarted.is_empty() && stopped.is_empty() {
            words.push("all services run".to_owned());
        }
        for (services, what) in [(restarted, "started"), (stopped, "ended")] {
            if !services.is_empty() {
                words.push(format!("{what}: {}", services.join(", ")));
            }
        }
        program::note(format_args!("reload: {}", words.join(", ")));
    }
    Ok(Exit::Done)
}
