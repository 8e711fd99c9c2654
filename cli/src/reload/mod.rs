// SPDX-License-Identifier: GPL-3.0-or-later
//! `reload`: renders the configuration of the services, checks it, replaces it, and starts or restarts what changed.

mod plan;
mod start;

use crate::layout;
use crate::program::{self, Exit, Site};
use clap::Parser;
use hps::exec::services::Service;
use hps::store::{Store, StoreError};
use plan::Plan;

/// Render, check and replace the configuration of dnsmasq and lighttpd, and start or restart them.
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
  reload --stop          end both services

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
            program::say_json(&Answer { changed: Vec::new(), restarted: stopped, dry_run: false })?;
        }
        return Ok(Exit::Done);
    }
    let store = Store::open(&site.conf)?;
    if arguments.dry_run { dry_run(&site, &store, arguments.json) } else { apply(&site, &store, arguments.json) }
}

fn dry_run(site: &Site, store: &Store, json: bool) -> anyhow::Result<Exit> {
    let plan = Plan::make(site, store)?;
    let changed: Vec<_> = plan.changes().filter(|c| c.is_needed()).collect();
    if json {
        let changed = changed.iter().map(|c| c.path().display().to_string()).collect();
        program::say_json(&Answer { changed, restarted: Vec::new(), dry_run: true })?;
    } else {
        for change in &changed {
            program::say(change.diff().trim_end())?;
        }
    }
    Ok(if changed.is_empty() { Exit::Done } else { Exit::WouldChange })
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
    start::Before::look(&site.conf, store).map(drop)
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
    let before = start::Before::look(conf, store)?;
    let mut changed = Vec::new();
    for change in plan.changes() {
        if change.apply()? {
            changed.push(change.path().display().to_string());
        }
    }
    let removed = plan.remove_old_entries()?;
    let restarted: Vec<Service> = start::apply(conf, before, &changed)?;
    let reservations = store.paths.dhcp_hosts_dir();
    let others = removed || changed.iter().any(|c| std::path::Path::new(c).starts_with(&reservations));
    if others && !restarted.contains(&Service::Dnsmasq) {
        start::reread_hosts(conf)?;
    }
    for trouble in plan.troubles().iter().chain(&unclaimed) {
        program::note(format_args!("reload: {trouble}"));
    }
    let restarted: Vec<&'static str> = restarted.into_iter().map(Service::program).collect();
    if json {
        program::say_json(&Answer { changed, restarted, dry_run: false })?;
    } else if program::on_terminal() {
        match restarted.is_empty() {
            true => program::note(format_args!("reload: {} files changed, both services run", changed.len())),
            false => program::note(format_args!(
                "reload: {} files changed, started: {}",
                changed.len(),
                restarted.join(", ")
            )),
        }
    }
    Ok(Exit::Done)
}
