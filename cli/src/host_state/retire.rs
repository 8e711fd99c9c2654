// SPDX-License-Identifier: GPL-3.0-or-later
//! `host-state retire`.

use super::complete;
use super::find::Hosts;
use super::operator::who;
use super::rm::ruled;
use super::view::describe_place;
use crate::program::{self, Ended, Exit};
use hps::host::{Host, HostState, Retirement};
use hps::store::Store;
use hps::types::{Lifetime, Line, Timestamp};

/// Retire hosts that leave the site: no permission counts any more, and their names and addresses become free after a time.
///
/// A retired host boots its disk if it comes back. arm refuses it.
/// No rule, no window and no menu installs the machine again, in any cluster, also if it was never installed.
/// Record, history and logs stay; host-state rm removes the record.
/// After the time, the next reload, add, arm or import frees name and address.
/// With --undo the host is as before, without its permissions; the name and the address may be those of another host then.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  host-state retire sch-003 --reason sold --dry-run
  host-state retire 'sch-[001-040]' --keep 90d
  host-state retire sch-003 --free
  host-state retire sch-003 --undo")]
pub(super) struct Arguments {
    #[command(flatten)]
    hosts: Hosts,
    /// How long name and address are kept
    #[arg(long, value_name = "TIME", default_value = "30d", add = complete::times())]
    keep: Lifetime,
    /// Free name and address now
    #[arg(long, conflicts_with = "keep")]
    free: bool,
    /// The reason, for the history
    #[arg(long, default_value = "", hide_default_value = true)]
    reason: Line,
    /// Take the hosts back
    #[arg(long, conflicts_with_all = ["keep", "free", "reason"])]
    undo: bool,
    /// Show what would change, and change nothing; exit code 10 if something would
    #[arg(long)]
    dry_run: bool,
    /// Answer in JSON: the records
    #[arg(long)]
    json: bool,
}

pub(super) fn run(store: &Store, arguments: &Arguments) -> anyhow::Result<Exit> {
    let hosts = arguments.hosts.records(store)?;
    let now = program::now();
    let free_at = if arguments.free { now } else { now.plus(arguments.keep) };
    if !arguments.undo {
        refuse_installing(&hosts)?;
    }
    let changes = |host: &Host| !arguments.undo || host.retired.is_some();
    hosts.iter().filter(|host| !changes(host)).for_each(|host| {
        program::eprint(format_args!("host-state: {} is not retired; nothing of it changes", host.label()));
    });
    if arguments.dry_run {
        let would: Vec<Host> = hosts.iter().map(|host| preview(host, arguments.undo, free_at, now)).collect();
        hosts.iter().zip(&would).filter(|(host, _)| changes(host)).try_for_each(|(_, after)| say(after, arguments))?;
        answer(&would, arguments)?;
        return Ok(if hosts.iter().any(changes) { Exit::WouldChange } else { Exit::Done });
    }
    program::need_root()?;
    store.ended_marks().require_place()?;
    let mut done = Vec::new();
    for host in &hosts {
        let after = if arguments.undo {
            store.hosts().take_back(host.mac(), &who(), now)?
        } else {
            // Rules and windows have no file; what they permit is marked as used.
            for permission in ruled(store, &store.hosts().plan_removal(host.mac())?)? {
                store.permissions().mark_used(&permission, "host retired")?;
            }
            super::erase_end::end_with(store, host, "host retired")?;
            store.hosts().retire(host.mac(), free_at, &arguments.reason, &who(), now)?
        };
        if changes(host) {
            say(&after, arguments)?;
        }
        done.push(after);
    }
    super::prune::prune_permissions(store, &[]);
    super::prune::free_places(store, false);
    crate::reload::reread_hosts(store)?;
    answer(&done, arguments)?;
    Ok(Exit::Done)
}

/// Every host is checked before the first one is retired.
fn refuse_installing(hosts: &[Host]) -> anyhow::Result<()> {
    let Some(host) = hosts.iter().find(|host| host.state() == HostState::Installing) else { return Ok(()) };
    let label = host.label();
    Err(Ended::error(
        Exit::Refused,
        format!(
            "{label} is INSTALLING; if that installation is dead: host-state set {label} state=FAILED, then retire it"
        ),
    ))
}

fn preview(host: &Host, undo: bool, free_at: Timestamp, now: Timestamp) -> Host {
    let at = host.retired.map_or(now, |retired| retired.at);
    let mut host = host.clone();
    host.retired = (!undo).then_some(Retirement { at, free_at });
    host
}

fn say(host: &Host, arguments: &Arguments) -> std::io::Result<()> {
    if arguments.json {
        return Ok(());
    }
    let (label, is) = (host.label(), if arguments.dry_run { "would be" } else { "is" });
    match arguments.undo {
        true => program::print(format_args!("{label} {is} in use again; it has no permission")),
        false if arguments.free => program::print(format_args!("{label} {is} retired: name and address are free")),
        false => program::print(format_args!("{label} {is} retired: {}", describe_place(host))),
    }
}

fn answer(hosts: &[Host], arguments: &Arguments) -> anyhow::Result<()> {
    if arguments.json {
        program::print_json(&hosts)?;
    }
    Ok(())
}
