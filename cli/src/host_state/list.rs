// SPDX-License-Identifier: GPL-3.0-or-later
//! `host-state list`.

use super::complete;
use super::effective_permission::{EffectivePermission, has_rules};
use super::find::{completer, macs_of, refs_of};
use super::prune::prune_permissions;
use super::view::{View, describe_stage, describe_stalled, or_dash};
use crate::program::{self, Exit};
use hps::host::{Host, HostState};
use hps::reservation::Gap;
use hps::store::Store;
use hps::types::one_line;
use hps::types::{HostPattern, HostType, Timestamp};

/// List the hosts of the active cluster, or those that match.
///
/// With --stalled only hosts whose installation stays in one stage longer than the cluster's limit.
/// The limits are [install.stage_limits] in the cluster file.
/// The exit code is then 1 if there are such hosts, 0 if not.
/// A record that cannot be read is reported on stderr; without --stalled the exit code is then 1.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  host-state list
  host-state list --state FAILED,REINSTALL
  host-state list 'sch-[001-040]' --type SCH --json
  out=$(host-state list --stalled) || echo \"$out\" | mail -s 'stalled hosts' root    from cron")]
pub(super) struct Arguments {
    /// MACs, host names, or ranges of names such as 'sch-[001-040]' [default: all hosts]
    #[arg(add = completer())]
    host: Vec<HostPattern>,
    /// Only hosts in one of these states, separated by commas
    #[arg(long, value_name = "STATE", value_delimiter = ',', add = complete::states())]
    state: Vec<HostState>,
    /// Only hosts of this type
    #[arg(long = "type", value_name = "TYPE", add = complete::types())]
    host_type: Option<HostType>,
    /// Only hosts whose installation is stalled; exit code 1 if there are any
    #[arg(long)]
    stalled: bool,
    /// Answer in JSON
    #[arg(long)]
    json: bool,
}

pub(super) fn run(store: &Store, arguments: &Arguments) -> anyhow::Result<Exit> {
    let now = program::now();
    let (hosts, mut exit) = read(store, arguments, now)?;
    let rules = match has_rules(store) {
        Ok(rules) => rules,
        Err(error) if program::is_denied(&error) => return Err(error.into()),
        Err(error) => {
            program::eprint(format_args!("host-state: {}", one_line(&error)));
            exit = Exit::Failed;
            false
        }
    };
    let mut permissions = Vec::new();
    for host in &hosts {
        match EffectivePermission::load(store, host, rules, now) {
            Ok(effective) => permissions.push(effective),
            Err(error) if program::is_denied(&error) => return Err(error.into()),
            Err(error) => {
                program::eprint(format_args!("host-state: {}", one_line(&error)));
                exit = Exit::Failed;
                permissions.push(EffectivePermission::default());
            }
        }
    }
    for host in &hosts {
        match store.hosts().unfinished_move(host) {
            Ok(None) => {}
            Ok(Some(_)) => program::eprint(format_args!(
                "host-state: {} is {}: {}; reload completes it",
                host.label(),
                host.state(),
                Gap::History
            )),
            Err(error) => {
                program::eprint(format_args!("host-state: {}", one_line(&error)));
                exit = Exit::Failed;
            }
        }
    }
    // Read first, so that permissions that expired since the last run are reported once.
    prune_permissions(store, &[]);
    if arguments.json {
        let views = hosts
            .iter()
            .zip(&permissions)
            .map(|(host, effective)| View::new(store, host, effective, now))
            .collect::<anyhow::Result<Vec<_>>>()?;
        program::print_json(&views)?;
    } else if !arguments.stalled || !hosts.is_empty() {
        let mut rows = vec![["NAME", "MAC", "STATE", "TYPE", "ADDRESS", "NOTE"].map(str::to_owned)];
        rows.extend(hosts.iter().zip(&permissions).map(|(h, p)| row(store, h, p, now)));
        table(&rows)?;
    }
    if arguments.stalled && !hosts.is_empty() {
        program::eprint(format_args!(
            "host-state: {} stalled. Check the console and: host-state log HOST. Restart the machine to try again; \
             to give up: host-state set HOST state=FAILED",
            if hosts.len() == 1 { "1 host is".to_owned() } else { format!("{} hosts are", hosts.len()) }
        ));
        return Ok(Exit::Failed);
    }
    if hosts.is_empty() && exit == Exit::Done && !arguments.json && !arguments.stalled {
        program::eprint(format_args!("host-state: no host of cluster {} to list", store.cluster.name));
    }
    Ok(exit)
}

/// The hosts that match. A bad record is reported and matches nothing.
fn read(store: &Store, arguments: &Arguments, now: Timestamp) -> anyhow::Result<(Vec<Host>, Exit)> {
    let wanted = match arguments.host.as_slice() {
        [] => None,
        patterns => Some(macs_of(store, &refs_of(patterns))?),
    };
    let mut exit = Exit::Done;
    let mut hosts = Vec::new();
    let mut unreadable = Vec::new();
    for file in store.hosts().list()? {
        if wanted.as_ref().is_some_and(|wanted| !wanted.contains(&file.mac)) {
            continue;
        }
        match file.host {
            Ok(host) => hosts.push(host),
            Err(error) if program::is_denied(&error) => return Err(error.into()),
            Err(error) => {
                program::eprint(format_args!("host-state: {}", one_line(&error)));
                unreadable.push(file.mac);
                // With --stalled, 1 means that a host is stalled. Bad records are the task of `check`.
                exit = if arguments.stalled { exit } else { Exit::Failed };
            }
        }
    }
    if let Some(wanted) = wanted {
        for mac in wanted.iter().filter(|mac| !unreadable.contains(mac) && hosts.iter().all(|h| h.mac() != **mac)) {
            program::eprint(format_args!("host-state: no host {} to list", mac.colons()));
            exit = if exit == Exit::Done { Exit::NotFound } else { exit };
        }
    }
    let limits = &store.cluster.install.stage_limits;
    hosts.retain(|host| {
        (arguments.state.is_empty() || arguments.state.contains(&host.state()))
            && arguments.host_type.is_none_or(|t| host.host_type == Some(t))
            && (!arguments.stalled || host.stalled(limits, now).is_some())
    });
    Ok((hosts, exit))
}

fn row(store: &Store, host: &Host, effective: &EffectivePermission, now: Timestamp) -> [String; 6] {
    let note = match (host.state(), &host.attempt) {
        (HostState::Installing, Some(attempt)) => match host.stalled(&store.cluster.install.stage_limits, now) {
            Some(stalled) => describe_stalled(&stalled),
            None => describe_stage(attempt, now),
        },
        _ => host.reason.as_ref().map(ToString::to_string).unwrap_or_default(),
    };
    let armed = if host.state() == HostState::Installing { String::new() } else { effective.summary(now) };
    let notes: Vec<String> = [armed, note].into_iter().filter(|part| !part.is_empty()).collect();
    [
        or_dash(host.name.as_ref()),
        host.mac().colons(),
        host.state().to_string(),
        or_dash(host.host_type),
        or_dash(host.address),
        notes.join("; "),
    ]
}

/// Columns as wide as needed. The last one is not padded, and on a terminal it ends at the edge.
fn table<const N: usize>(rows: &[[String; N]]) -> std::io::Result<()> {
    let mut widths = [0; N];
    for row in rows {
        for (width, cell) in widths.iter_mut().zip(row) {
            *width = (*width).max(cell.chars().count());
        }
    }
    let edge = program::terminal_width();
    for row in rows {
        let cells: Vec<String> = row.iter().zip(widths).map(|(cell, width)| format!("{cell:<width$}")).collect();
        let line = cells.join("  ");
        program::print(fit(line.trim_end(), edge))?;
    }
    Ok(())
}

/// The line, cut with two dots if it is longer than the terminal is wide.
fn fit(line: &str, edge: Option<usize>) -> String {
    match edge {
        Some(edge) if edge >= 40 && line.chars().count() > edge => {
            line.chars().take(edge - 2).chain("..".chars()).collect()
        }
        _ => line.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::fit;

    #[test]
    fn a_long_note_ends_at_the_edge_of_a_terminal_and_nowhere_else() {
        let line = "x".repeat(100);
        assert_eq!(fit(&line, Some(80)), format!("{}..", "x".repeat(78)));
        assert_eq!(fit(&line, None), line);
        assert_eq!(fit(&line, Some(100)), line);
        assert_eq!(fit(&line, Some(0)), line, "a terminal that does not know its width");
    }
}
