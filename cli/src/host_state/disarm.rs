// SPDX-License-Identifier: GPL-3.0-or-later
//! `host-state disarm`.

use super::find::Hosts;
use super::permit::wipe_in_words;
use super::who;
use crate::program::{self, Exit};
use hps::situation::{Situation, one_line, permitted_by_rules};
use hps::store::{Store, StoreError};
use hps::types::Claims;

/// End the permissions of hosts to be installed.
///
/// An installation that runs goes on to its end; it is not begun again after that. A permission that is ended counts for
/// nothing, even where its file comes back, and what a rule or a window permits is used up for this host, for good.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  host-state disarm sch-001
  host-state disarm 'sch-[001-040]' --dry-run")]
pub(super) struct Arguments {
    #[command(flatten)]
    hosts: Hosts,
    /// Show what would end, and end nothing; exit code 10 if anything would
    #[arg(long)]
    dry_run: bool,
    /// Answer in JSON: the permissions that end
    #[arg(long)]
    json: bool,
}

pub(super) fn run(store: &Store, arguments: &Arguments) -> anyhow::Result<Exit> {
    program::need_root()?;
    let mut ending = Vec::new();
    let (macs, unknown) = arguments.hosts.readable_macs(store)?;
    let mut exit = Exit::Done;
    let mut exit_rules = Exit::Done;
    // One that cannot be read keeps no permission of the others alive.
    let mut bad = |error: &StoreError| {
        program::note(format_args!("host-state: {}", one_line(error)));
        exit = Exit::Failed;
    };
    unknown.iter().for_each(&mut bad);
    for mac in macs {
        let label = store.host(mac).ok().flatten().map_or_else(|| mac.colons(), |host| host.label());
        let (mut permissions, unreadable) = store.unspent_and_unreadable(mac);
        unreadable.iter().for_each(&mut bad);
        // What a rule or a window permits has no file, and is used up all the same.
        // All of them, the narrower and the wider: where one ends, the next would count.
        let situation = Situation::gather(store, mac, None, &Claims::default(), program::now());
        let claims = situation.host.as_ref().ok().and_then(Option::as_ref).map(|host| host.claims.clone());
        match permitted_by_rules(store, situation.mac, &claims.unwrap_or_default(), program::now()) {
            Ok(ruled) => permissions.extend(ruled),
            Err(why) => {
                program::note(format_args!("host-state: {why}"));
                exit_rules = Exit::Failed;
            }
        }
        ending.extend(permissions.into_iter().map(|permission| (label.clone(), situation.mac, permission)));
    }
    for (label, mac, permission) in &ending {
        if !arguments.dry_run
            && let Err(error) = store.mark_used(permission, "disarmed")
        {
            bad(&error);
            continue;
        }
        if !arguments.json {
            program::say(format_args!(
                "{label}: the permission given by {} until {} {}",
                permission.given_by,
                permission.expires,
                if arguments.dry_run { "would end" } else { "ends" }
            ))?;
        }
        if !arguments.dry_run {
            let wipe = wipe_in_words(&permission.wipe).map_or_else(String::new, |wipe| format!(", {wipe}"));
            let note = format!("given by {} until {}{wipe}", permission.given_by, permission.expires);
            if let Err(error) = store.note_history(*mac, &who(), program::now(), "disarmed", &note) {
                bad(&error);
            }
        }
    }
    if !arguments.dry_run {
        super::retire(store);
    }
    if arguments.json {
        program::say_json(&ending.iter().map(|(.., permission)| permission).collect::<Vec<_>>())?;
    } else if ending.is_empty() && exit == Exit::Done && exit_rules == Exit::Done {
        program::note("host-state: nothing to end: no permission is there");
    }
    let exit = if exit == Exit::Done { exit_rules } else { exit };
    Ok(if exit == Exit::Done && arguments.dry_run && !ending.is_empty() { Exit::WouldChange } else { exit })
}
