// SPDX-License-Identifier: GPL-3.0-or-later
//! `host-state list`.

use super::view::{View, or_dash, stage_in_words};
use crate::program::{self, Exit};
use hps::host::HostState;
use hps::situation::one_line;
use hps::store::Store;

/// List all hosts of the active cluster.
#[derive(Debug, clap::Args)]
pub(super) struct Arguments {
    /// Answer in JSON
    #[arg(long)]
    json: bool,
}

pub(super) fn run(store: &Store, arguments: &Arguments) -> anyhow::Result<Exit> {
    let now = program::now();
    let mut hosts = Vec::new();
    let mut exit = Exit::Done;
    for file in store.hosts()? {
        match file.host {
            Ok(host) => hosts.push(host),
            Err(error) => {
                program::note(format_args!("host-state: {}", one_line(&error)));
                exit = Exit::Failed;
            }
        }
    }
    if arguments.json {
        let permissions = hosts.iter().map(|h| store.permission(h.mac(), now)).collect::<Result<Vec<_>, _>>()?;
        let views = hosts
            .iter()
            .zip(&permissions)
            .map(|(host, permission)| View::new(store, host, permission.as_ref(), now))
            .collect::<anyhow::Result<Vec<_>>>()?;
        program::say_json(&views)?;
        return Ok(exit);
    }
    let mut rows = vec![["NAME", "MAC", "STATE", "TYPE", "ADDRESS", "NOTE"].map(str::to_owned)];
    for host in &hosts {
        let note = match (host.state(), &host.attempt) {
            (HostState::Installing, Some(attempt)) => stage_in_words(attempt, now),
            _ => host.reason.as_ref().map(ToString::to_string).unwrap_or_default(),
        };
        let permission = store.permission(host.mac(), now).ok().flatten().filter(|p| p.is_current(now));
        let armed =
            permission.filter(|_| host.state() != HostState::Installing).map(|p| format!("armed until {} ", p.expires));
        rows.push([
            or_dash(host.name.as_ref()),
            host.mac().colons(),
            host.state().to_string(),
            or_dash(host.host_type),
            or_dash(host.address),
            format!("{}{note}", armed.unwrap_or_default()),
        ]);
    }
    table(&rows)?;
    if hosts.is_empty() {
        program::note(format_args!("host-state: cluster {} has no hosts yet", store.cluster.name));
    }
    Ok(exit)
}

/// Columns as wide as they need to be; the last one is not padded.
fn table<const N: usize>(rows: &[[String; N]]) -> std::io::Result<()> {
    let mut widths = [0; N];
    for row in rows {
        for (width, cell) in widths.iter_mut().zip(row) {
            *width = (*width).max(cell.chars().count());
        }
    }
    for row in rows {
        let cells: Vec<String> = row.iter().zip(widths).map(|(cell, width)| format!("{cell:<width$}")).collect();
        program::say(cells.join("  ").trim_end())?;
    }
    Ok(())
}
