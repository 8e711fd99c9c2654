// SPDX-License-Identifier: GPL-3.0-or-later
//! `host-state replace-machine`.

use super::find::{HostArgument, completer};
use super::operator::who;
use super::replace_nic::show;
use super::rm::ruled;
use super::{complete, loader_cards};
use crate::program::{self, Exit};
use hps::host::Host;
use hps::reservation::{finish_machine, replace_machine, unfinished_machine};
use hps::store::Store;
use hps::types::MacAddr;

/// Give the place of a host to another machine: its name, address, type and profile.
///
/// The change is shown as a diff, and the DHCP reservation follows without a restart.
/// Nothing else of the old machine stays: permissions end, and the new machine has a history of its own.
/// The new machine may be known only as UNCONFIGURED, without a name.
/// The old machine keeps its history, its logs, and the mark that it was installed, so it boots its disk if it comes back.
/// The new machine is installed once a permission (host-state arm), a rule or a window permits it.
/// If the command was interrupted, the same command again finishes it.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  host-state replace-machine sch-003 52:54:00:ab:cd:ef --dry-run
  host-state replace-machine sch-003 52:54:00:ab:cd:ef 52:54:00:ab:cd:f0
  host-state arm sch-003 --reason 'new machine'")]
pub(super) struct Arguments {
    /// MAC, host name or address of the host whose place is given
    #[arg(add = completer())]
    host: HostArgument,
    /// MACs of the new machine; the first is the card that it boots from
    #[arg(required = true, value_name = "MAC", add = complete::unknown_macs())]
    macs: Vec<MacAddr>,
    /// Show what would change, and change nothing; exit code 10
    #[arg(long)]
    dry_run: bool,
    /// Answer in JSON: the record
    #[arg(long)]
    json: bool,
}

pub(super) fn run(store: &Store, arguments: &Arguments) -> anyhow::Result<Exit> {
    let now = program::now();
    let before = match replaced_by_mac(store, arguments)? {
        Some(host) => host,
        None => arguments.host.host(store)?,
    };
    if before.macs().eq(arguments.macs.iter().copied()) {
        // The same command again: what an interrupted one did not write.
        if arguments.dry_run {
            let Some(old) = unfinished_machine(store, &before)? else { return answer(&before, arguments, Exit::Done) };
            let label = before.label();
            program::eprint(format_args!(
                "host-state: {label}: a replacement of {} was interrupted; the same command without --dry-run would complete it",
                old.colons()
            ));
            return answer(&before, arguments, Exit::WouldChange);
        }
        program::need_root()?;
        finish_machine(store, &before, &who(), now)?;
        crate::reload::reread_hosts(store)?;
        return answer(&before, arguments, Exit::Done);
    }
    let after = store.hosts().preview_machine(&before, &arguments.macs, now)?;
    if !arguments.json {
        show(store, &before, &after)?;
    }
    if arguments.dry_run {
        return answer(&after, arguments, Exit::WouldChange);
    }
    program::need_root()?;
    store.ended_marks().require_place()?;
    // A rule that permits the old machine would install it when it comes back.
    for permission in ruled(store, &store.hosts().plan_removal(before.mac())?)? {
        store.permissions().mark_used(&permission, "machine replaced")?;
    }
    super::erase_end::end_with(store, &before, "machine replaced")?;
    let host = replace_machine(store, before.mac(), &arguments.macs, &who(), now)?;
    crate::reload::reread_hosts(store)?;
    loader_cards::warn(store, &before, &host);
    warn(store, &before, &host)?;
    answer(&host, arguments, Exit::Done)
}

/// The new machine, if the old one was named by its MAC and is replaced already: that MAC is no host any more.
fn replaced_by_mac(store: &Store, arguments: &Arguments) -> anyhow::Result<Option<Host>> {
    let [first, ..] = arguments.macs.as_slice() else { return Ok(None) };
    let Some(host) = store.hosts().find(*first)?.filter(|host| host.macs().eq(arguments.macs.iter().copied())) else {
        return Ok(None);
    };
    let old = arguments.host.mac(store)?;
    // It may have asked since then.
    let is_gone = store.hosts().find(old)?.is_none_or(|stranger| stranger.name.is_none() && stranger.address.is_none());
    Ok((is_gone && store.hosts().predecessor(&host)? == Some(old)).then_some(host))
}

fn answer(host: &Host, arguments: &Arguments, exit: Exit) -> anyhow::Result<Exit> {
    if arguments.json {
        program::print_json(host)?;
    }
    Ok(exit)
}

/// What a person must know or do.
fn warn(store: &Store, before: &Host, host: &Host) -> anyhow::Result<()> {
    let label = host.label();
    for rule in store.cluster.rules.iter().filter(|rule| rule.mac.is_some_and(|mac| before.macs().any(|m| m == mac))) {
        program::eprint(format_args!("host-state: rule {} of the cluster file still names the old machine", rule.name));
    }
    if store.installed_marks().installed_host(host)?.ever() {
        program::eprint(format_args!(
            "host-state: {label}: the new machine was installed before, so its disk must be named: host-state arm {label} --wipe SERIAL"
        ));
    } else {
        program::eprint(format_args!(
            "host-state: {label} has no permission yet; to install it: host-state arm {label}"
        ));
    }
    Ok(())
}
