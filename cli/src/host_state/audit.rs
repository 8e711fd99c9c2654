// SPDX-License-Identifier: GPL-3.0-or-later
//! `host-state audit`.

use super::complete;
use super::find::{HostArgument, completer};
use crate::audit;
use crate::program::{self, Exit};
use hps::host::AuditLine;
use hps::store::Store;
use hps::types::{Lifetime, MacAddr};
use std::collections::BTreeMap;

/// Print every change of the site: hosts, settings, permissions, windows, media and services.
///
/// A line has the time, what changed, before and after, and who did it with which program.
/// A person behind sudo is named; a request from the network has its address.
/// What somebody edited by hand is noted by the next reload, and by this command if root runs it.
/// The system's log gets the same lines, as hps-audit.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  host-state audit --since 1d
  host-state audit --who anna --lines 20
  host-state audit --host sch-001 --json | jq -r '.[].what'")]
pub(super) struct Arguments {
    /// Only changes of this host
    #[arg(long, value_name = "HOST", add = completer())]
    host: Option<HostArgument>,
    /// Only changes of the last time
    #[arg(long, value_name = "TIME", add = complete::times())]
    since: Option<Lifetime>,
    /// Only changes by whom this text is a part of: a name, a program, an address
    #[arg(long, value_name = "TEXT")]
    who: Option<String>,
    /// Only the newest changes
    #[arg(long, short = 'n', value_name = "N")]
    lines: Option<usize>,
    /// Answer in JSON
    #[arg(long)]
    json: bool,
}

pub(super) fn run(store: &Store, arguments: &Arguments) -> anyhow::Result<Exit> {
    let mut exit = Exit::Done;
    if program::need_root().is_ok() {
        for problem in audit::note_hand_edits("host-state", &program::conf_path(), store) {
            program::eprint(format_args!("host-state: {problem}"));
            exit = Exit::Failed;
        }
    }
    let mac = arguments.host.as_ref().map(|host| host.mac(store)).transpose()?;
    let now = program::now();
    let mut lines = store.audit().read()?;
    lines.retain(|line| {
        mac.is_none_or(|mac| line.host == Some(mac))
            && arguments.since.is_none_or(|time| now.since(line.at) <= time.as_secs())
            && arguments.who.as_ref().is_none_or(|who| line.who.as_line().as_str().contains(who))
    });
    let skipped = arguments.lines.map_or(0, |most| lines.len().saturating_sub(most));
    let lines = lines.get(skipped..).unwrap_or_default();
    if arguments.json {
        program::print_json(&lines)?;
        return Ok(exit);
    }
    if lines.is_empty() {
        program::eprint("host-state: no change is on record that fits");
    }
    let names = names(store)?;
    for line in lines {
        show(store, line, &names)?;
    }
    Ok(exit)
}

/// The present names of hosts.
fn names(store: &Store) -> anyhow::Result<BTreeMap<MacAddr, String>> {
    let hosts = store.hosts().list()?.into_iter().filter_map(|file| file.host.ok());
    Ok(hosts.filter_map(|host| Some((host.mac(), host.name.as_ref()?.to_string()))).collect())
}

fn show(store: &Store, line: &AuditLine, names: &BTreeMap<MacAddr, String>) -> anyhow::Result<()> {
    let other = line.cluster.as_ref().filter(|cluster| **cluster != store.cluster.name);
    let mut words: Vec<String> = vec![line.at.to_string()];
    words.extend(other.map(|cluster| format!("{cluster}:")));
    words.extend(
        line.host.map(|mac| names.get(&mac).filter(|_| other.is_none()).cloned().unwrap_or_else(|| mac.colons())),
    );
    words.extend(line.file.as_ref().map(ToString::to_string));
    if let (Some(from), Some(to)) = (line.from, line.to) {
        words.push(format!("{from} -> {to}"));
    }
    let note = line.note.as_ref().map_or_else(String::new, |note| format!(": {note}"));
    words.push(format!("{}{note}, {}", line.what, line.who.as_line()));
    program::print_text(program::wrapped(&words.join(" "), 4))?;
    for change in &line.changes {
        program::print(format_args!("    {change}"))?;
    }
    Ok(())
}
