// SPDX-License-Identifier: GPL-3.0-or-later
//! `reload`: renders the configuration of the services, checks it, replaces it, and starts or restarts what changed.

mod apply;
mod checked_plan;
mod cleanup;
mod definitions;
mod dry_run;
mod hand_edits;
mod host_entries;
mod lock;
mod name_pattern;
mod owed;
mod owned;
mod owned_files;
mod plan;
mod preflight;
mod repair;
mod report;
mod rights;
mod running_services;
mod served_loaders;
mod serving;
mod settings;
mod stale_leases;
mod start;
mod start_check;
mod way_back;

use crate::program::{self, Exit, Site};
pub use apply::apply;
use checked_plan::checked_plan;
use clap::Parser;
use dry_run::{dry_run, dry_stop};
use hps::exec::services;
use hps::store::Store;
pub use lock::{LOCK_TIMEOUT, ReloadLock};
pub use repair::{Repairs, repair_permissions};
use report::Answer;
use running_services::RunningServices;
pub use settings::{check as check_settings, stray_folders};
use std::path::PathBuf;
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
/// What prevents the run, in one line.
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

/// The services that run with an older configuration than their files have, because a reload was interrupted; and the file that says so.
pub fn owed_restarts(conf: &hps::config::HpsConf) -> (PathBuf, Vec<&'static str>) {
    start::owed_now(conf)
}

/// Makes dnsmasq read the reservations of hosts again, after one was changed.
///
/// # Errors
/// The error of the service manager; leases that cannot be read.
pub fn reread_hosts(store: &Store) -> anyhow::Result<()> {
    start::reread_hosts(store)
}

/// The services that machines need to boot and that do not run, by the names of their programs. None if HPS does not
/// manage the services.
pub fn services_down(conf: &hps::config::HpsConf) -> Vec<&'static str> {
    start::down_now(conf)
}

/// Runs all checks before the first write: whether everything can be rendered, whether the services accept it, and
/// whether they could start.
///
/// # Errors
/// What prevents the run, in one line.
pub fn check(site: &Site, store: &Store) -> anyhow::Result<()> {
    let manager = services::detect(&site.conf);
    checked_plan(site, store, manager.as_deref())?;
    start_check::check(&RunningServices::look(&site.conf, store, manager), store)
}
