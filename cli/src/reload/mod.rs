// SPDX-License-Identifier: GPL-3.0-or-later
//! `reload`: renders the configuration of the services, checks it, replaces it, and starts or restarts what changed.

mod apply;
mod checked_plan;
mod chosen_loaders;
mod cleanup;
mod definitions;
pub(crate) mod drift;
mod dry_run;
mod hand_edits;
mod host_entries;
mod lock;
mod name_pattern;
mod owed;
mod owned;
mod owned_files;
mod page;
mod plan;
mod preflight;
mod print_lines;
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
mod tree_shims;
mod way_back;
mod wire_look;

use crate::program::{self, Exit, Site};
pub use apply::apply;
use checked_plan::checked_plan;
use clap::{Parser, ValueEnum};
use dry_run::{dry_run, dry_stop};
use hps::exec::services;
use hps::render::other_dhcp::DhcpProgram;
use hps::store::Store;
pub use lock::{LOCK_TIMEOUT, ReloadLock};
use print_lines::print_lines;
pub use repair::{Repairs, repair_permissions};
use report::{Answer, report_notes};
use running_services::RunningServices;
pub use settings::{check as check_settings, stray_folders};
use std::path::PathBuf;
use std::time::Duration;
pub use wire_look::WireLook;

/// Render, check and replace the configuration of dnsmasq and lighttpd, and start or restart them.
///
/// The active cluster file and the records of its hosts decide what is served.
/// Everything is checked before anything is replaced.
/// A service whose configuration did not change is not restarted.
/// If the cluster file has install.notify, reload also keeps host-state notify --follow running.
/// Under systemd the services start with the machine, and again when they end.
/// After reload --stop they start with the next reload only.
/// Files that the web server's user cannot read get their permissions back.
/// A problem with one host, or with install.notify, does not stop the reload; it is reported, and the exit code is 1.
///
/// reload also checks what each host type would be served: its answer file, and whether its packages are in the tree and the local repository.
/// If that check fails, nothing is changed.
/// A damaged tree or image is reported and does not stop the reload.
/// A tree or image that is not published yet is reported by host-state check only.
///
/// Before dnsmasq is started or configured anew, reload looks for other DHCP servers on the cluster's interface, for up to 5 seconds.
/// If network.dhcp does not permit what it finds, nothing is changed.
#[derive(Debug, Parser)]
#[command(
    name = "reload",
    version = program::VERSION,
    after_help = program::after_help(
        "\
Examples:
  reload                 after a change of the cluster file
  reload --dry-run       show what would change, as a diff; exit code 10 if anything would
  reload --stop          stop all services; they stay stopped until the next reload
  reload --if-running    after an upgrade of HPS
  reload --print kea     print boot files and reservations for a Kea that another node runs",
        &[
            (Exit::Failed, "failed, or a problem was reported"),
            (Exit::Refused, "refused; also: another DHCP server answers"),
            (Exit::Busy, "a port is in use, or another reload is running"),
        ]
    )
)]
pub struct Arguments {
    /// Show what would change, and change nothing
    #[arg(long)]
    dry_run: bool,
    /// Stop the services instead, also for the next start of this machine
    #[arg(long)]
    stop: bool,
    /// Do nothing unless a service of HPS runs
    #[arg(long, conflicts_with_all = ["stop", "print", "dry_run"])]
    if_running: bool,
    /// Print the lines for a DHCP server that HPS does not run (network.dhcp = "none"), and change nothing
    #[arg(long, value_name = "PROGRAM", value_enum, conflicts_with_all = ["dry_run", "stop", "json"])]
    print: Option<OtherServer>,
    /// How many seconds to wait for another reload or cluster-configure to end
    #[arg(long, value_name = "SECONDS", default_value_t = LOCK_TIMEOUT.as_secs())]
    wait: u64,
    /// Answer in JSON
    #[arg(long)]
    json: bool,
}

/// A DHCP server that HPS does not run.
#[derive(Debug, Clone, Copy, ValueEnum)]
enum OtherServer {
    Dnsmasq,
    IscDhcpd,
    Kea,
}

impl From<OtherServer> for DhcpProgram {
    fn from(program: OtherServer) -> Self {
        match program {
            OtherServer::Dnsmasq => Self::Dnsmasq,
            OtherServer::IscDhcpd => Self::IscDhcpd,
            OtherServer::Kea => Self::Kea,
        }
    }
}

/// Runs the program.
///
/// # Errors
/// What prevents the run, in one line.
pub fn run(arguments: Arguments) -> anyhow::Result<Exit> {
    if !arguments.dry_run && arguments.print.is_none() {
        program::need_root()?;
    }
    let site = program::load_site()?;
    if let Some(program) = arguments.print {
        return print_lines(&site, &Store::open(&site.conf)?, program.into());
    }
    if arguments.dry_run {
        return if arguments.stop {
            dry_stop(&site, arguments.json)
        } else {
            dry_run(&site, &Store::open(&site.conf)?, arguments.json)
        };
    }
    let _lock = ReloadLock::wait(&site.conf, "reload", Duration::from_secs(arguments.wait))?;
    if arguments.stop {
        let (stopped, notes) = start::stop(&site.conf)?;
        if arguments.json {
            program::print_json(&Answer { stopped, notes, ..Answer::default() })?;
        } else {
            report_notes(&notes);
        }
        return Ok(Exit::Done);
    }
    if arguments.if_running && start::running_now(&site.conf).is_empty() {
        return Ok(Exit::Done);
    }
    apply(&site, &Store::open(&site.conf)?, arguments.json, None)
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
pub fn check(site: &Site, store: &Store) -> anyhow::Result<WireLook> {
    let manager = services::detect(&site.conf);
    let plan = checked_plan(site, store, manager.as_deref())?;
    let before = RunningServices::look(&site.conf, store, manager);
    start_check::check(&before, store, &site.conf)?;
    wire_look::look(&before, store, &plan.files_to_write())
}
