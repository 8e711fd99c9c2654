// SPDX-License-Identifier: GPL-3.0-or-later
//! `host-power unset`: forgets how hosts are switched.

use crate::audit;
use crate::host_state::Hosts;
use crate::program::{self, Exit};
use hps::host::Host;
use hps::store::Store;

/// Forget how hosts are switched.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  host-power unset sch-001
  host-power unset 'sch-[001-040]' --dry-run")]
pub(super) struct Arguments {
    #[command(flatten)]
    hosts: Hosts,
    /// Show what would be forgotten, and change nothing; exit code 10 if there is something
    #[arg(long)]
    dry_run: bool,
}

pub(super) fn run(store: &Store, arguments: &Arguments) -> anyhow::Result<Exit> {
    let stored = store.power_controls().list()?;
    let mut changed = false;
    for mac in arguments.hosts.macs(store)? {
        let host = store.hosts().find(mac).unwrap_or_default();
        let label = host.as_ref().map_or_else(|| mac.colons(), Host::label);
        if !stored.contains(&mac) {
            program::eprint(format_args!("host-power: {label}: nothing is stored"));
            continue;
        }
        changed = true;
        if arguments.dry_run {
            program::print(format_args!("{label}: would be forgotten"))?;
            continue;
        }
        store.journal().note(mac, &audit::who("host-power"), program::now(), "power control unset", "")?;
        store.power_controls().remove(mac)?;
        program::print(format_args!("{label}: forgotten"))?;
    }
    Ok(if changed && arguments.dry_run { Exit::WouldChange } else { Exit::Done })
}
