// SPDX-License-Identifier: GPL-3.0-or-later
//! `host-state disarm`.

use super::effective_permission::describe_wipe;
use super::find::Hosts;
use super::operator::who;
use super::prune::prune_permissions;
use crate::program::{self, Exit};
use hps::host::Host;
use hps::permitted::Permitted;
use hps::store::Store;
use hps::types::one_line;

/// Revoke the permissions of hosts to be installed.
///
/// An installation that is running continues; it is not started again after that.
/// A revoked permission stays revoked, even if its file comes back.
/// A permission from a rule or a window is used up for this host, for good.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  host-state disarm sch-001
  host-state disarm 'sch-[001-040]' --dry-run")]
pub(super) struct Arguments {
    #[command(flatten)]
    hosts: Hosts,
    /// Show what would be revoked, and change nothing; exit code 10 if there is something
    #[arg(long)]
    dry_run: bool,
    /// Answer in JSON: the revoked permissions
    #[arg(long)]
    json: bool,
}

pub(super) fn run(store: &Store, arguments: &Arguments) -> anyhow::Result<Exit> {
    program::need_root()?;
    store.ended_marks().require_place()?;
    let mut ending = Vec::new();
    let (macs, unknown) = arguments.hosts.readable_macs(store)?;
    let (mut exit, mut said) = (Exit::Done, Vec::new());
    // A bad record does not keep permissions of the other hosts alive.
    let mut bad = |problem: &str| {
        program::eprint(format_args!("host-state: {problem}"));
        said.push(problem.to_owned());
        exit = Exit::Failed;
    };
    unknown.iter().for_each(|error| bad(&one_line(error)));
    for mac in macs {
        let host = store.hosts().find(mac);
        if let Err(error) = &host {
            // Its firmware information is not known, and so neither are the rules that fit it.
            bad(&one_line(error));
        }
        let host = host.unwrap_or_default();
        let label = host.as_ref().map_or_else(|| mac.colons(), Host::label);
        // A permission by a rule or a window has no file, but ends in the same way.
        // All of them, the narrower and the wider: if one ends, the next would count.
        let firmware = host.map(|host| host.firmware).unwrap_or_default();
        let permitted = Permitted::load(store, mac, &firmware, program::now());
        permitted.problems.iter().for_each(|problem| bad(&one_line(problem)));
        ending.extend(permitted.permissions.into_iter().map(|permission| (label.clone(), mac, permission)));
    }
    for (label, mac, permission) in &ending {
        if !arguments.dry_run
            && let Err(error) = store.permissions().mark_used(permission, "disarmed")
        {
            bad(&one_line(&error));
            continue;
        }
        if !arguments.json {
            program::print(format_args!(
                "{label}: the permission given by {} until {} {}",
                permission.given_by,
                permission.expires,
                if arguments.dry_run { "would end" } else { "ends" }
            ))?;
        }
        if !arguments.dry_run {
            let wipe = describe_wipe(&permission.wipe).map_or_else(String::new, |wipe| format!(", {wipe}"));
            let note = format!("given by {} until {}{wipe}", permission.given_by, permission.expires);
            if let Err(error) = store.journal().note(*mac, &who(), program::now(), "disarmed", &note) {
                bad(&one_line(&error));
            }
        }
    }
    if !arguments.dry_run {
        prune_permissions(store, &said);
    }
    if arguments.json {
        program::print_json(&ending.iter().map(|(.., permission)| permission).collect::<Vec<_>>())?;
    } else if ending.is_empty() && exit == Exit::Done {
        program::eprint("host-state: nothing to revoke: there is no permission");
    }
    Ok(if exit == Exit::Done && arguments.dry_run && !ending.is_empty() { Exit::WouldChange } else { exit })
}
