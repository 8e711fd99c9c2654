// SPDX-License-Identifier: GPL-3.0-or-later
//! `host-state replace-nic`.

use super::find::{HostArgument, completer, record};
use super::loader_cards;
use super::operator::who;
use crate::program::{self, Exit};
use hps::host::Host;
use hps::reservation::{entry, finish_card, replace_card};
use hps::store::{EntryKind, Store};
use hps::types::MacAddr;
use similar::TextDiff;
use std::path::Path;

/// Replace a network card of a host: its record, state, name, address, permission and marks stay.
///
/// The change is shown as a diff, and the DHCP reservation follows without a restart.
/// NEW takes the place of OLD in macs.
/// If NEW is a card of this host already, the two change places: so another card becomes the first one.
/// A MAC of another host is refused.
/// History and logs are under the new card if OLD named the record.
/// OLD stays marked as installed, if it was: it may be in another machine next.
/// If the command was interrupted, the same command again finishes it.
/// The permission of the host may be lost then; host-state arm gives a new one.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  host-state replace-nic sch-001 52:54:00:12:34:56 52:54:00:ab:cd:ef --dry-run
  host-state replace-nic sch-001 52:54:00:12:34:56 52:54:00:ab:cd:ef")]
pub(super) struct Arguments {
    /// MAC or host name
    #[arg(add = completer())]
    host: HostArgument,
    /// MAC of the card that is gone
    old: MacAddr,
    /// MAC of the card that is there instead
    new: MacAddr,
    /// Show what would change, and change nothing; exit code 10
    #[arg(long)]
    dry_run: bool,
    /// Answer in JSON: the record
    #[arg(long)]
    json: bool,
}

pub(super) fn run(store: &Store, arguments: &Arguments) -> anyhow::Result<Exit> {
    let (old, new, now) = (arguments.old, arguments.new, program::now());
    let before = host(store, arguments)?;
    let has = |mac| before.macs().any(|own| own == mac);
    if !has(old) && has(new) {
        // The same command again: what an interrupted one did not write.
        if arguments.dry_run {
            return answer(&before, arguments, Exit::Done);
        }
        program::need_root()?;
        let host = finish_card(store, before, old, new, &who(), now)?;
        crate::reload::reread_hosts(store)?;
        warn(store, &host, old);
        loader_cards::warn_replaced(store, &host, old, new);
        return answer(&host, arguments, Exit::Done);
    }
    let after = store.hosts().preview_card(&before, old, new)?;
    if !arguments.json {
        show(store, &before, &after)?;
    }
    if arguments.dry_run {
        return answer(&after, arguments, Exit::WouldChange);
    }
    program::need_root()?;
    super::erase_end::end_with(store, &before, "card replaced")?;
    let host = replace_card(store, before.mac(), old, new, &who(), now)?;
    crate::reload::reread_hosts(store)?;
    warn(store, &host, old);
    loader_cards::warn(store, &before, &host);
    answer(&host, arguments, Exit::Done)
}

/// The host. If it was named by the old MAC in an earlier run that ended, or nearly, the new one names it now.
fn host(store: &Store, arguments: &Arguments) -> anyhow::Result<Host> {
    let (mac, old, new) = (arguments.host.mac(store)?, arguments.old, arguments.new);
    let is_replaced = mac == old && store.hosts().find(old)?.is_none() && store.hosts().is_replaced(old, new)?;
    record(store, if is_replaced { new } else { mac })
}

fn answer(host: &Host, arguments: &Arguments, exit: Exit) -> anyhow::Result<Exit> {
    if arguments.json {
        program::print_json(host)?;
    }
    Ok(exit)
}

/// The difference of the records, and of what follows from them for dnsmasq.
pub(super) fn show(store: &Store, before: &Host, after: &Host) -> std::io::Result<()> {
    let paths = &store.paths;
    let record = |host: &Host| paths.host(host.mac()).path().to_path_buf();
    print_diff((&record(before), before.to_text()), (&record(after), after.to_text()))?;
    for kind in EntryKind::ALL {
        let path = |host: &Host| paths.host_entry(kind, host.mac());
        let text = |host: &Host| entry(store, kind, host).unwrap_or_default();
        print_diff((&path(before), text(before)), (&path(after), text(after)))?;
    }
    Ok(())
}

fn print_diff(before: (&Path, String), after: (&Path, String)) -> std::io::Result<()> {
    if before == after {
        return Ok(());
    }
    let diff = TextDiff::from_lines(&before.1, &after.1);
    let diff = diff.unified_diff().header(&before.0.display().to_string(), &after.0.display().to_string()).to_string();
    if diff.is_empty() {
        return program::print(format_args!("{} is renamed to {}", before.0.display(), after.0.display()));
    }
    program::print_text(diff.trim_end())
}

/// What HPS does not change: the system on the disk, and files of an administrator.
fn warn(store: &Store, host: &Host, old: MacAddr) {
    let label = host.label();
    if host.state().has_system() {
        program::eprint(format_args!(
            "host-state: the installed system of {label} may know its network by {}: see the files hps-* of /etc/systemd/network or /etc/NetworkManager/system-connections there",
            old.colons()
        ));
    }
    for rule in store.cluster.rules.iter().filter(|rule| rule.mac == Some(old)) {
        program::eprint(format_args!(
            "host-state: rule {} of the cluster file still names {}",
            rule.name,
            old.colons()
        ));
    }
}
