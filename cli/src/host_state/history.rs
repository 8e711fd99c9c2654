// SPDX-License-Identifier: GPL-3.0-or-later
//! `host-state history`.

use super::find::{HostArgument, completer};
use crate::program::{self, Ended, Exit};
use hps::host::HistoryLine;
use hps::store::Store;
use hps::types::MacAddr;

/// Print every change of a host: time, states, what happened, and who did it.
///
/// The history of a removed host stays: give its MAC.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  host-state history sch-001
  host-state history sch-001 --lines 3
  host-state history 52:54:00:12:34:56 --json | jq -r '.[].what'")]
pub(crate) struct Arguments {
    /// MAC or host name
    #[arg(add = completer())]
    host: HostArgument,
    /// Only the newest changes
    #[arg(long, value_name = "NUMBER")]
    lines: Option<usize>,
    /// Answer in JSON
    #[arg(long)]
    json: bool,
}

pub(super) fn run(store: &Store, arguments: &Arguments) -> anyhow::Result<Exit> {
    let newest = newest(store, arguments.host.mac(store)?, arguments.lines)?;
    if arguments.json {
        program::print_json(&newest)?;
    } else {
        for line in &newest {
            program::print_text(program::wrapped(&describe_line(line), 4))?;
        }
    }
    Ok(Exit::Done)
}

/// The newest lines of a host, oldest first; all if `lines` is `None`.
///
/// # Errors
/// [`Exit::NotFound`] for a host that never was.
pub(crate) fn newest(store: &Store, mac: MacAddr, lines: Option<usize>) -> anyhow::Result<Vec<HistoryLine>> {
    let history = store.journal().history(mac)?;
    if history.is_empty() && store.hosts().find(mac)?.is_none() {
        return Err(Ended::error(
            Exit::NotFound,
            format!("cluster {} has never had a host {}; see: host-state list", store.cluster.name, mac.colons()),
        ));
    }
    let skipped = lines.map_or(0, |lines| history.len().saturating_sub(lines));
    Ok(history.into_iter().skip(skipped).collect())
}

/// One line for people.
pub(crate) fn describe_line(line: &HistoryLine) -> String {
    let note = line.note.as_ref().map_or_else(String::new, |n| format!(": {n}"));
    let states = if line.from == line.to { line.to.to_string() } else { format!("{} -> {}", line.from, line.to) };
    format!("{} {states} {}{note}, {}", line.at, line.what, line.who.as_line())
}
