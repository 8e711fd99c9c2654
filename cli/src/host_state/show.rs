// SPDX-License-Identifier: GPL-3.0-or-later
//! `host-state show`.

use super::find::HostArgument;
use super::view::{View, or_dash};
use crate::program::{self, Exit};
use hps::store::Store;

/// Show all that is known of one host.
#[derive(Debug, clap::Args)]
pub(super) struct Arguments {
    /// MAC or host name
    host: HostArgument,
    /// Answer in JSON
    #[arg(long)]
    json: bool,
}

pub(super) fn run(store: &Store, arguments: &Arguments) -> anyhow::Result<Exit> {
    let host = arguments.host.host(store)?;
    let now = program::now();
    let permission = store.permission(host.mac(), now)?;
    let view = View::new(store, &host, permission.as_ref(), now)?;
    if arguments.json {
        program::say_json(&view)?;
        return Ok(Exit::Done);
    }
    let mut rows: Vec<(&str, String)> = vec![
        ("name", or_dash(host.name.as_ref())),
        ("mac", host.macs().map(hps::types::MacAddr::colons).collect::<Vec<_>>().join(" ")),
        ("state", host.state().to_string()),
        ("type", or_dash(host.host_type)),
        ("profile", or_dash(host.profile)),
        ("address", or_dash(host.address)),
        ("updated", host.updated.to_string()),
        ("ever installed", if store.ever_installed(host.mac())?.is_some() { "yes" } else { "no" }.to_owned()),
    ];
    if let Some(reason) = &host.reason {
        rows.push(("reason", reason.to_string()));
    }
    match &permission {
        Some(p) => {
            let until =
                if p.is_current(now) { format!("until {}", p.expires) } else { format!("expired at {}", p.expires) };
            rows.push((
                "permission",
                format!("{} with {}, {until}, given by {}: {}", p.host_type, p.distro, p.given_by, p.reason),
            ));
        }
        None => rows.push(("permission", "none".to_owned())),
    }
    if let Some(attempt) = &host.attempt {
        let build = attempt.build.as_ref().map_or_else(String::new, |b| format!(" build {b}"));
        rows.push((
            "attempt",
            format!(
                "{} ({} of its permission), {}{build}, begun {}",
                attempt.number, attempt.of_permission, attempt.distro, attempt.since
            ),
        ));
        if !attempt.disks.is_empty() {
            rows.push(("disks", attempt.disks.iter().map(ToString::to_string).collect::<Vec<_>>().join(" ")));
        }
        for stage in &attempt.stages {
            rows.push(("  stage", format!("{:<12} {:>5}s  {}", stage.stage, stage.at.since(attempt.since), stage.at)));
        }
    }
    for (key, value) in rows {
        program::say(format_args!("{key:<15} {value}"))?;
    }
    for line in store.history(host.mac())?.iter().rev().take(5).rev() {
        let note = line.note.as_ref().map_or_else(String::new, |n| format!(": {n}"));
        program::say(format_args!(
            "history         {} {} -> {} {}{note}, {}",
            line.at,
            line.from,
            line.to,
            line.what,
            line.who.as_line()
        ))?;
    }
    Ok(Exit::Done)
}
