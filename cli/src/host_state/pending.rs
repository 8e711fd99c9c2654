// SPDX-License-Identifier: GPL-3.0-or-later
//! `host-state pending`: who waits for the administrator.

use super::view::ago;
use crate::program::{self, Exit};
use hps::host::{Host, HostState};
use hps::store::Store;
use hps::types::{Claims, MacAddr, Timestamp};
use serde::Serialize;
use std::net::Ipv4Addr;

/// List machines that wait for the administrator: unknown ones, new ones at the menu, and hosts whose console asked for something.
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
    claims: Claims,
}

pub(super) fn run(store: &Store, arguments: &Arguments) -> anyhow::Result<Exit> {
    let now = program::now();
    let mut waiting: Vec<Waiting> = store
        .pending()?
        .into_iter()
        .map(|p| Waiting {
            mac: p.mac.colons(),
            name: None,
            address: p.address,
            since: p.first,
            asks: "unknown machine",
            claims: p.claims,
        })
        .collect();
    for host in store.hosts()?.into_iter().filter_map(|file| file.host.ok()) {
        let armed = store.permission(host.mac(), now)?.is_some_and(|p| p.is_current(now));
        if let Some(asks) = asks(&host).filter(|_| !armed) {
            waiting.push(Waiting {
                mac: host.mac().colons(),
                name: host.name.as_ref().map(ToString::to_string),
                address: host.address,
                since: host.updated,
                asks,
                claims: host.claims,
            });
        }
    }
    if arguments.json {
        program::say_json(&waiting)?;
        return Ok(Exit::Done);
    }
    for w in &waiting {
        let name = w.name.as_deref().unwrap_or("-");
        let address = w.address.map_or_else(|| "-".to_owned(), |a| a.to_string());
        let ago = ago(now.since(w.since));
        program::say(format_args!("{} {name:<12} {address:<15} {ago:>8}  {}", w.mac, w.asks))?;
        let claims: Vec<String> = w.claims.iter().map(|(key, value)| format!("{key}={value}")).collect();
        if !claims.is_empty() {
            program::say(format_args!("                  {}", claims.join(" ")))?;
        }
    }
    if let Some(first) = waiting.first()
        && program::on_terminal()
    {
        let mac: String = first.mac.parse::<MacAddr>().map_or_else(|_| first.mac.clone(), MacAddr::colons);
        program::note(format_args!("host-state: to install one: host-state arm {mac} --type TYPE"));
    }
    Ok(Exit::Done)
}

fn asks(host: &Host) -> Option<&'static str> {
    match host.state() {
        HostState::Reinstall => Some("asks for a new installation"),
        _ if host.force_asked => Some("asks that a disk may be wiped"),
        HostState::Unconfigured => Some("new machine, nothing chosen"),
        _ => None,
    }
}
