// SPDX-License-Identifier: GPL-3.0-or-later
//! `host-state pending`: machines that wait for the administrator.

use super::elapsed::ago;
use crate::program::{self, Exit};
use hps::boot_context::BootContext;
use hps::host::{Host, HostState, Permission};
use hps::store::{Store, StoreError};
use hps::types::{FirmwareInfo, MacAddr, Timestamp, one_line};
use serde::Serialize;
use std::net::Ipv4Addr;

/// List machines that wait for the administrator: unknown ones, new ones at the menu, and those with a console request.
///
/// A machine does not wait if it is armed, or if a rule or an open window installs it.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  host-state pending
  host-state pending --json | jq -r '.[].mac'")]
pub(super) struct Arguments {
    /// Answer in JSON
    #[arg(long)]
    json: bool,
}

#[derive(Debug, Serialize)]
struct Waiting {
    mac: String,
    name: Option<String>,
    address: Option<Ipv4Addr>,
    since: Timestamp,
    asks: &'static str,
    firmware: FirmwareInfo,
}

pub(super) fn run(store: &Store, arguments: &Arguments) -> anyhow::Result<Exit> {
    let now = program::now();
    let mut exit = Exit::Done;
    let mut bad = |error: &StoreError| {
        program::eprint(format_args!("host-state: {}", one_line(error)));
        exit = Exit::Failed;
    };
    let pending = store.pending().list()?;
    pending.bad.iter().for_each(&mut bad);
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
            firmware: p.firmware,
        })
        .collect();
    for file in store.hosts().list()? {
        let asked = file.host.and_then(|host| asks(store, &host, now).map(|asks| (host, asks)));
        let (host, asked) = match asked {
            Ok(asked) => asked,
            Err(error) => {
                bad(&error);
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
            });
        }
    }
    if arguments.json {
        program::print_json(&waiting)?;
        return Ok(exit);
    }
    for w in &waiting {
        let name = w.name.as_deref().unwrap_or("-");
        let address = w.address.map_or_else(|| "-".to_owned(), |a| a.to_string());
        let ago = ago(now.since(w.since));
        program::print(format_args!("{} {name:<12} {address:<15} {ago:>8}  {}", w.mac, w.asks))?;
        let firmware: Vec<String> = w.firmware.iter().map(|(key, value)| format!("{key}={value}")).collect();
        if !firmware.is_empty() {
            program::print(format_args!("                  {}", firmware.join(" ")))?;
        }
    }
    if let Some(first) = waiting.first()
        && program::on_terminal()
    {
        let mac: String = first.mac.parse::<MacAddr>().map_or_else(|_| first.mac.clone(), MacAddr::colons);
        program::eprint(format_args!("host-state: to install one: host-state arm {mac} --type TYPE"));
    }
    Ok(exit)
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
