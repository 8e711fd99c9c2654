// SPDX-License-Identifier: GPL-3.0-or-later
//! `host-state pending`: machines that wait for the administrator, or cannot reach the boot manager.

use super::stopped::stopped;
use super::waiting::Waiting;
use crate::program::{self, Exit};
use hps::boot_context::BootContext;
use hps::host::{Host, HostState, Permission};
use hps::store::{SameFirmware, Store, StoreError};
use hps::types::{FirmwareInfo, MacAddr, Timestamp, one_line};

/// List machines that wait for the administrator: unknown ones, new ones at the menu, and those with a console request.
///
/// A machine does not wait if it is armed, or if a rule or an open window installs it.
/// The list also has each machine that got an address and did not reach the boot manager in the last seven days,
/// by the logs of dnsmasq and lighttpd: with its architecture, its vendor class, and where it stopped.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  host-state pending
  host-state pending --json | jq -r '.[].mac'")]
pub(crate) struct Arguments {
    /// Answer in JSON
    #[arg(long)]
    json: bool,
}

pub(super) fn run(store: &Store, arguments: &Arguments) -> anyhow::Result<Exit> {
    let now = program::now();
    let mut exit = Exit::Done;
    let hosts = store.hosts().list()?.into_iter().map(|file| file.host);
    let (waiting, problems) = waiting(store, hosts, now)?;
    for problem in problems {
        match problem {
            Problem::Unreadable(error) => {
                program::eprint(format_args!("host-state: {}", one_line(&error)));
                exit = Exit::Failed;
            }
            Problem::OnlyRoot if program::on_terminal() => {
                program::eprint("host-state: only root sees machines that did not reach the boot manager");
            }
            Problem::OnlyRoot => {}
        }
    }
    print(&waiting, arguments.json, now)?;
    Ok(exit)
}

/// What is missing in a list of machines that wait.
#[derive(Debug)]
pub(crate) enum Problem {
    /// A record or a log that cannot be read.
    Unreadable(StoreError),
    /// dnsmasq's log is not for readers.
    OnlyRoot,
}

/// The machines that wait, among these hosts and among those that HPS does not know; and what is missing.
///
/// # Errors
/// When a folder cannot be read.
pub(crate) fn waiting(
    store: &Store,
    hosts: impl IntoIterator<Item = Result<Host, StoreError>>,
    now: Timestamp,
) -> anyhow::Result<(Vec<Waiting>, Vec<Problem>)> {
    let mut problems = Vec::new();
    let pending = store.pending().list()?;
    problems.extend(pending.bad.into_iter().map(Problem::Unreadable));
    let same_firmware = store.same_firmware()?;
    let mut waiting: Vec<Waiting> = pending
        .waiting
        .into_iter()
        .filter(|p| permission(store, p.mac, &p.firmware, now).is_none())
        .map(|p| Waiting {
            mac: p.mac.colons(),
            name: None,
            address: p.address,
            since: p.first,
            asks: "unknown machine",
            notes: notes(&same_firmware, p.mac, &p.firmware, now),
            firmware: p.firmware,
            netboot: None,
        })
        .collect();
    for host in hosts {
        let asked = host.and_then(|host| asks(store, &host, now).map(|asks| (host, asks)));
        let (host, asked) = match asked {
            Ok(asked) => asked,
            Err(error) => {
                problems.push(Problem::Unreadable(error));
                continue;
            }
        };
        if let Some(asks) = asked {
            waiting.push(Waiting {
                mac: host.mac().colons(),
                name: host.name.as_ref().map(ToString::to_string),
                address: host.address,
                since: host.updated,
                asks,
                firmware: host.firmware,
                notes: Vec::new(),
                netboot: None,
            });
        }
    }
    match stopped(store, now) {
        Ok(stopped) => waiting.extend(stopped),
        Err(error) if program::is_denied(&error) && !rustix::process::geteuid().is_root() => {
            problems.push(Problem::OnlyRoot);
        }
        Err(error) => problems.push(Problem::Unreadable(error)),
    }
    Ok((waiting, problems))
}

fn print(waiting: &[Waiting], json: bool, now: Timestamp) -> anyhow::Result<()> {
    if json {
        return program::print_json(&waiting);
    }
    for w in waiting {
        for line in w.lines(now) {
            program::print(line)?;
        }
    }
    if let Some(first) = waiting.iter().find(|w| w.netboot.is_none())
        && program::on_terminal()
    {
        let mac: String = first.mac.parse::<MacAddr>().map_or_else(|_| first.mac.clone(), MacAddr::colons);
        program::eprint(format_args!("host-state: to install one: host-state arm {mac} --type TYPE"));
    }
    Ok(())
}

/// A host that has the same UUID is probably this machine. The same serial may as well be that of two machines.
fn notes(all: &SameFirmware, mac: MacAddr, firmware: &FirmwareInfo, now: Timestamp) -> Vec<String> {
    let host = all.probable_host(mac, firmware);
    let shared = match &host {
        Some(host) if host.is_by_uuid() => Vec::new(),
        _ => all.shared(firmware, &[mac], now),
    };
    host.iter().map(ToString::to_string).chain(shared.iter().map(ToString::to_string)).collect()
}

/// The permission that would install it at its next boot, of any giver.
fn permission(store: &Store, mac: MacAddr, firmware: &FirmwareInfo, now: Timestamp) -> Option<Permission> {
    BootContext::load(store, mac, None, firmware, now).live_permission(now).cloned()
}

fn asks(store: &Store, host: &Host, now: Timestamp) -> Result<Option<&'static str>, StoreError> {
    let permission = || permission(store, host.mac(), &host.firmware, now);
    Ok(match host.state() {
        HostState::Reinstall if permission().is_none() => Some("requests a new installation"),
        // A permission that names no disk does not grant the request.
        _ if host.force_asked => {
            permission().is_none_or(|p| p.wipe.is_empty()).then_some("requests that a disk be wiped")
        }
        HostState::Unconfigured if is_new(store, host)? && permission().is_none() => {
            Some("new machine, nothing chosen")
        }
        _ => None,
    })
}

/// Whether it asked by itself and never had a system: one that was added by hand or imported does not wait.
fn is_new(store: &Store, host: &Host) -> Result<bool, StoreError> {
    if store.installed_marks().installed_host(host)?.ever() {
        return Ok(false);
    }
    Ok(!host.firmware.is_empty() || store.journal().history(host.mac())?.iter().any(|line| line.who.is_request()))
}
