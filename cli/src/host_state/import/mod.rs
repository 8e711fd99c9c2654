// SPDX-License-Identifier: GPL-3.0-or-later
//! `host-state import`: hosts from a list, which is checked as a whole before the first write.

mod entry;
mod plan;
mod problem;
mod read_csv;
mod read_toml;
mod taken_over;

pub(crate) use taken_over::{TakenOver, take_over};

use super::find::read_input;
use super::prune::free_places;
use super::view::or_dash;
use crate::program::{self, Ended, Exit};
use hps::store::Store;
use hps::types::MacAddr;
use plan::{Action, Planned};
use problem::Problem;
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

/// Add hosts from a list, CSV or TOML.
///
/// CSV: the first line names the columns: mac, name, type, profile, address, state and reason.
/// hostname and ip are other words for name and address. Empty lines, and columns without a name and values, do not count.
/// mac is required and may hold several MACs, separated by blanks.
/// TOML: one [[host]] for each host, with the same keys.
///
/// The whole list is checked before anything is written; each error names file and line.
/// A host that is already as in the list is not changed.
/// An imported machine boots its disk in every state until it is armed: it is remembered as ever installed.
/// --new-machines says that none of them was ever installed.
/// HPS cannot check this: a machine with a system may then be offered for installation at its console.
/// Only the check for an empty disk protects it then.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  host-state import hosts.csv --dry-run
  host-state import hosts.toml --update
  host-state import --format csv --new-machines - < new.csv

A list:
  mac,name,type,address,state
  52:54:00:12:34:56,sch-001,SCH,10.0.0.17,INSTALLED")]
pub(super) struct Arguments {
    /// The list, or - for standard input
    file: PathBuf,
    /// The format [default: by the end of the file name]
    #[arg(long)]
    format: Option<Format>,
    /// Also change known hosts whose values differ from the list
    #[arg(long)]
    update: bool,
    /// These machines were never installed: do not remember them as installed (dangerous, see above)
    #[arg(long)]
    new_machines: bool,
    /// Show what would be added and changed, and change nothing; exit code 10 if there is something
    #[arg(long)]
    dry_run: bool,
    /// Show every error, not only the first 20
    #[arg(long)]
    all_errors: bool,
    /// Answer in JSON
    #[arg(long)]
    json: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum Format {
    Csv,
    Toml,
}

/// No list of hosts is larger.
const MAX_LIST_BYTES: u64 = 16 << 20;

pub(super) fn run(store: &Store, arguments: &Arguments) -> anyhow::Result<Exit> {
    let format = format_of(&arguments.file, arguments.format)?;
    let (name, text) = read_input(&arguments.file, MAX_LIST_BYTES)?;
    let raw = match format {
        Format::Csv => read_csv::read(&text),
        Format::Toml => read_toml::read(&text).map(|raw| (raw, Vec::new())),
    };
    let refused = |problems| refused(&name, problems, arguments.all_errors);
    let (raw, mut problems) = raw.map_err(refused)?;
    let (entries, more) = entry::entries(&raw);
    problems.extend(more);
    free_places(store, arguments.dry_run);
    let planned = plan::plan(store, entries, &mut problems, arguments.update, arguments.new_machines)?;
    if !problems.is_empty() {
        return Err(refused(problems));
    }
    if !arguments.json {
        show(&planned)?;
    }
    let changes = planned.iter().any(|p| p.action != Action::Same);
    if !arguments.dry_run {
        plan::apply(store, &planned)?;
        if changes {
            crate::reload::reread_hosts(store)?;
        }
    }
    if arguments.json {
        program::print_json(&planned)?;
    } else {
        program::eprint_progress("host-state", sums(&planned, arguments.dry_run));
    }
    Ok(if arguments.dry_run && changes { Exit::WouldChange } else { Exit::Done })
}

fn format_of(file: &Path, given: Option<Format>) -> anyhow::Result<Format> {
    if let Some(format) = given {
        return Ok(format);
    }
    if file.is_dir() {
        let why = format!("{}: this is a folder; expected a CSV or TOML file", file.display());
        return Err(Ended::error(Exit::Refused, why));
    }
    match file.extension().and_then(|e| e.to_str()).map(str::to_ascii_lowercase).as_deref() {
        Some("csv") => Ok(Format::Csv),
        Some("toml") => Ok(Format::Toml),
        _ => Err(Ended::error(
            Exit::Refused,
            format!("{}: the format is not clear from the name; give --format csv or toml", file.display()),
        )),
    }
}

/// What a screen shows together with the summary.
const SHOWN_PROBLEMS: usize = 20;

/// Each problem in a line of its own, then a summary.
fn refused(name: &str, mut problems: Vec<Problem>, all: bool) -> anyhow::Error {
    problems.sort_by_key(|p| p.line);
    let lines: BTreeSet<usize> = problems.iter().map(|p| p.line).collect();
    let shown = if all { problems.len() } else { SHOWN_PROBLEMS };
    for problem in problems.iter().take(shown) {
        program::eprint(format_args!("{name}:{}: {}", problem.line, problem.text));
    }
    match problems.len().saturating_sub(shown) {
        0 => {}
        1 => program::eprint(format_args!("{name}: 1 more error; --all-errors shows it")),
        more => program::eprint(format_args!("{name}: {more} more errors; --all-errors shows them")),
    }
    let count = if lines.len() == 1 { "1 line".to_owned() } else { format!("{} lines", lines.len()) };
    Ended::error(Exit::Refused, format!("{name}: nothing is imported: {count} to correct"))
}

/// `3 hosts are added, 1 is changed, 40 are as in the list`, without what there is none of.
fn sums(planned: &[Planned], dry_run: bool) -> String {
    let (one, many) = if dry_run { ("would be", "would be") } else { ("is", "are") };
    let parts: Vec<String> = [
        (Action::Add, "added", one, many),
        (Action::Change, "changed", one, many),
        (Action::Same, "as in the list", "is", "are"),
    ]
    .into_iter()
    .filter_map(|(action, what, one, many)| match planned.iter().filter(|planned| planned.action == action).count() {
        0 => None,
        1 => Some(format!("1 host {one} {what}")),
        count => Some(format!("{count} hosts {many} {what}")),
    })
    .collect();
    if parts.is_empty() { "the list has no host".to_owned() } else { parts.join(", ") }
}

fn show(planned: &[Planned]) -> std::io::Result<()> {
    for planned in planned {
        let host = &planned.host;
        program::print(format_args!(
            "{:<7} {:<16} {} {:<12} {:<5} {}",
            planned.action.as_str(),
            or_dash(host.name.as_ref()),
            host.macs().map(MacAddr::colons).collect::<Vec<_>>().join(","),
            host.state(),
            or_dash(host.host_type),
            or_dash(host.address),
        ))?;
        for change in &planned.changes {
            program::print(format_args!("        {change}"))?;
        }
    }
    match planned.iter().filter(|p| p.is_protected_now()).count() {
        0 => Ok(()),
        1 => program::print("1 machine boots its disk from now on; use --new-machines if it is blank"),
        many => program::print(format_args!(
            "{many} machines boot their disks from now on; use --new-machines if they are blank"
        )),
    }
}
