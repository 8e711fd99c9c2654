// SPDX-License-Identifier: GPL-3.0-or-later
//! `host-power status`, `on`, `off`, `cycle` and `boot-once`.

use crate::host_state::Hosts;
use crate::power::{self, Order, Ready};
use crate::program::{self, Exit};
use hps::power::{Change, Limits};
use hps::store::Store;
use hps::types::{BootMode, Lifetime};
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::time::Duration;

/// How many, and how long.
#[derive(Debug, clap::Args)]
struct Pace {
    /// Work on so many hosts at a time
    #[arg(long, value_name = "N", default_value_t = 16, value_parser = clap::value_parser!(u16).range(1..=256))]
    at_once: u16,
    /// How long a host may take to be on or off, and a BMC to end a task
    #[arg(long, value_name = "TIME", default_value = "1m")]
    timeout: Lifetime,
    /// Answer in JSON, when all hosts have ended
    #[arg(long)]
    json: bool,
}

/// How long a shutdown may take.
#[derive(Debug, clap::Args)]
struct Shutdown {
    /// How long the shutdown of a system may take
    #[arg(long, value_name = "TIME", default_value = "2m")]
    shutdown_timeout: Lifetime,
}

/// What every change has.
#[derive(Debug, clap::Args)]
struct Common {
    #[command(flatten)]
    hosts: Hosts,
    #[command(flatten)]
    pace: Pace,
    /// Show what would be done, and ask no BMC; exit code 10
    #[arg(long)]
    dry_run: bool,
}

/// Report whether hosts are on.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  host-power status sch-001
  host-power status 'sch-[001-040]' --json")]
pub(super) struct Status {
    #[command(flatten)]
    hosts: Hosts,
    #[command(flatten)]
    pace: Pace,
}

/// Switch hosts on.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  host-power on sch-001
  host-power on 'sch-[001-040]' --at-once 4")]
pub(super) struct On {
    #[command(flatten)]
    common: Common,
}

/// Switch hosts off: ask their systems to shut down, and wait.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  host-power off sch-001
  host-power off sch-001 --force-after       if it does not shut down, switch it off at once
  host-power off 'sch-[001-040]' --force")]
pub(super) struct Off {
    #[command(flatten)]
    common: Common,
    #[command(flatten)]
    shutdown: Shutdown,
    /// Switch off at once (ForceOff), without a shutdown; unwritten data is lost
    #[arg(long, conflicts_with = "force_after")]
    force: bool,
    /// Switch off at once if the shutdown takes too long (GracefulShutdown, then ForceOff)
    #[arg(long)]
    force_after: bool,
}

/// Switch hosts off and on: ask their systems to shut down first, and then switch off at once if need be.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  host-power cycle sch-001
  host-power cycle sch-001 --force")]
pub(super) struct Cycle {
    #[command(flatten)]
    common: Common,
    #[command(flatten)]
    shutdown: Shutdown,
    /// Switch off at once (ForceOff), without a shutdown; unwritten data is lost
    #[arg(long)]
    force: bool,
}

/// Let hosts boot from the network at their next start, once.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  host-power boot-once sch-001
  host-power boot-once 'sch-[001-040]' --now
  host-power boot-once sch-001 --boot-mode bios")]
pub(super) struct BootOnce {
    #[command(flatten)]
    common: Common,
    #[command(flatten)]
    shutdown: Shutdown,
    /// Switch them on now, or off and on if they are on
    #[arg(long)]
    now: bool,
    /// With --now: switch off at once (ForceOff), without a shutdown; unwritten data is lost
    #[arg(long, requires = "now")]
    force: bool,
    /// Boot in this firmware mode: uefi or bios [default: that of host-power set, then the one in which the host booted last]
    #[arg(long, value_name = "MODE", value_parser = program::in_any_case::<BootMode>)]
    boot_mode: Option<BootMode>,
}

pub(super) fn status(store: &Store, arguments: &Status, stop: Arc<AtomicBool>) -> anyhow::Result<Exit> {
    let limits = limits(&arguments.pace, None, stop);
    let hosts = power::ready(store, &arguments.hosts.macs(store)?, &limits.stop)?;
    carry_out(store, &hosts, "status", &arguments.pace, limits, |_| Change::Status)
}

pub(super) fn on(store: &Store, arguments: &On, stop: Arc<AtomicBool>) -> anyhow::Result<Exit> {
    run(store, &arguments.common, None, stop, "on", |_| Change::On)
}

pub(super) fn off(store: &Store, arguments: &Off, stop: Arc<AtomicBool>) -> anyhow::Result<Exit> {
    let change = Change::Off { graceful: !arguments.force, force: arguments.force || arguments.force_after };
    run(store, &arguments.common, Some(&arguments.shutdown), stop, "off", |_| change)
}

pub(super) fn cycle(store: &Store, arguments: &Cycle, stop: Arc<AtomicBool>) -> anyhow::Result<Exit> {
    let change = Change::Cycle { graceful: !arguments.force };
    run(store, &arguments.common, Some(&arguments.shutdown), stop, "cycle", |_| change)
}

pub(super) fn boot_once(store: &Store, arguments: &BootOnce, stop: Arc<AtomicBool>) -> anyhow::Result<Exit> {
    let action = if arguments.now { "start" } else { "boot-once" };
    let change = |host: &Ready| Change::BootOnce {
        mode: host.mode(arguments.boot_mode),
        // A machine without a system hears no shutdown.
        start: arguments.now.then_some(!arguments.force && host.has_system),
    };
    run(store, &arguments.common, Some(&arguments.shutdown), stop, action, change)
}

fn run(
    store: &Store,
    common: &Common,
    shutdown: Option<&Shutdown>,
    stop: Arc<AtomicBool>,
    action: &'static str,
    change: impl Fn(&Ready) -> Change,
) -> anyhow::Result<Exit> {
    let limits = limits(&common.pace, shutdown, stop);
    let hosts = power::ready(store, &common.hosts.macs(store)?, &limits.stop)?;
    if common.dry_run {
        return preview(&hosts, action, common.pace.json);
    }
    carry_out(store, &hosts, action, &common.pace, limits, change)
}

fn preview(hosts: &[Ready], action: &'static str, json: bool) -> anyhow::Result<Exit> {
    if json {
        let would = hosts.iter().map(|host| {
            serde_json::json!({
                "host": host.label,
                "mac": host.mac.colons(),
                "protocol": host.control.protocol,
                "action": action,
            })
        });
        program::print_json(&would.collect::<Vec<_>>())?;
    } else {
        let what = match action {
            "on" => "be switched on",
            "off" => "be switched off",
            "cycle" => "be switched off and on",
            "boot-once" => "boot from the network at its next start",
            _ => "boot from the network now",
        };
        for host in hosts {
            program::print(format_args!("{} would {what}, by {}", host.label, host.control.describe()))?;
        }
    }
    Ok(if hosts.is_empty() { Exit::Done } else { Exit::WouldChange })
}

fn carry_out(
    store: &Store,
    hosts: &[Ready],
    action: &'static str,
    pace: &Pace,
    limits: Limits,
    change: impl Fn(&Ready) -> Change,
) -> anyhow::Result<Exit> {
    let order = Order { program: "host-power", action, at_once: pace.at_once.into(), limits, quiet: pace.json };
    let (outcomes, exit) = power::run(store, hosts, &order, change)?;
    if pace.json {
        program::print_json(&outcomes)?;
    }
    Ok(exit)
}

fn limits(pace: &Pace, shutdown: Option<&Shutdown>, stop: Arc<AtomicBool>) -> Limits {
    let mut limits = Limits::new(stop);
    limits.change = Duration::from_secs(pace.timeout.as_secs());
    limits.answer = limits.answer.min(limits.change);
    if let Some(shutdown) = shutdown {
        limits.shutdown = Duration::from_secs(shutdown.shutdown_timeout.as_secs());
    }
    limits
}
