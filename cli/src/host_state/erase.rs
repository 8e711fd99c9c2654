// SPDX-License-Identifier: GPL-3.0-or-later
//! `host-state erase`: permits to erase disks of one host, by their serials, after two questions. Only root gives such a
//! permission.

use super::complete;
use super::erase_disks::{Chosen, chosen, show_disks};
use super::erase_end::end;
use super::erase_protocol::protocol;
use super::find::{HostArgument, completer};
use super::grant::serial;
use super::operator::who;
use super::rm::ruled;
use crate::program::{self, Ended, Exit};
use hps::boot_context::node_environment;
use hps::files::{make_dir, random};
use hps::host::{EraseGrant, ErasePermission, Host, HostState, MAX_ERASED_DISKS, PermissionId};
use hps::store::Store;
use hps::types::{DiskName, Lifetime, Line, one_line};

/// Permit to erase disks of a host, by their serials, once, until a given time.
///
/// The disks are erased when the host next boots from the network.
/// It starts the node environment, which erases exactly these disks and no other.
/// If a serial is missing, or two disks have it, it erases nothing.
/// HPS asks twice; the second time you type the name of the host.
///
/// A host that was installed must be retired first; --force erases it nevertheless.
/// A host that is INSTALLING, or that has a permission to install, is refused.
/// Afterwards --protocol shows for each disk: serial, model, size, method, time, verification, result.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  host-state erase sch-003 --disk S3Z8NB0K --dry-run
  host-state erase sch-003 --disk S3Z8NB0K --disk S3Z8NB0L --reason 'sold'
  host-state erase sch-003 --all-disks
      all disks of the hardware record of sch-003
  host-state erase sch-003 --all-disks --yes-erase sch-003
      without a terminal
  host-power boot-once sch-003 --now
      starts the erase
  host-state erase sch-003 --protocol
  host-state erase sch-003 --cancel")]
pub(super) struct Arguments {
    /// MAC or host name
    #[arg(add = completer())]
    host: HostArgument,
    /// A disk to erase, by its serial
    #[arg(long, value_name = "SERIAL", value_parser = serial, group = "what")]
    disk: Vec<DiskName>,
    /// All disks of the hardware record of the host: the permission names their serials
    #[arg(long, group = "what")]
    all_disks: bool,
    /// Show what was erased, and how
    #[arg(long, group = "what", conflicts_with_all = ["force", "yes_erase", "expires", "reason", "dry_run"])]
    protocol: bool,
    /// Revoke the permission to erase; an erase that is running goes on
    #[arg(long, group = "what", conflicts_with_all = ["force", "yes_erase", "expires", "reason"])]
    cancel: bool,
    /// Erase also disks of a host that was installed and is not retired, and disks that its hardware record lacks
    #[arg(long)]
    force: bool,
    /// Do not ask: the name of the host, as a confirmation
    #[arg(long, value_name = "HOST")]
    yes_erase: Option<String>,
    /// How long the permission is valid [default: the cluster's permission_lifetime]
    #[arg(long, value_name = "TIME", add = complete::times())]
    expires: Option<Lifetime>,
    /// The reason, for the history and the protocol
    #[arg(long, default_value = "", hide_default_value = true)]
    reason: Line,
    /// Show what would be erased or revoked, and change nothing; exit code 10
    #[arg(long)]
    dry_run: bool,
    /// Answer in JSON: the permission; with --protocol what was erased
    #[arg(long)]
    json: bool,
}

pub(super) fn run(store: &Store, arguments: &Arguments) -> anyhow::Result<Exit> {
    if arguments.protocol {
        return protocol(store, arguments.host.mac(store)?, arguments.json);
    }
    if arguments.cancel {
        return cancel(store, arguments);
    }
    let host = arguments.host.host(store)?;
    if arguments.disk.is_empty() && !arguments.all_disks {
        let label = host.label();
        let line = format!(
            "name the disks of {label} by their serials with --disk, or --all-disks; see: host-state hardware {label}"
        );
        return Err(Ended::error(Exit::Usage, line));
    }
    let disks = checked(store, &host, arguments)?;
    if arguments.dry_run {
        warn(store, &host)?;
        return preview(&host, &disks, arguments);
    }
    program::need_root()?;
    store.ended_marks().require_place()?;
    let is_confirmed = is_confirmed(&host, arguments)?;
    warn(store, &host)?;
    if !is_confirmed {
        ask_twice(store, &host, &disks)?;
    }
    // The host may have changed while a person read the questions.
    let host = arguments.host.host(store)?;
    let again = checked(store, &host, arguments)?;
    if !again.iter().map(|disk| &disk.serial).eq(disks.iter().map(|disk| &disk.serial)) {
        let line =
            format!("the disks in the hardware record of {} changed meanwhile; nothing was changed", host.label());
        return Err(Ended::error(Exit::Refused, line));
    }
    let permission = give(store, &host, &disks, arguments)?;
    if arguments.json {
        program::print_json(&permission)?;
        return Ok(Exit::Done);
    }
    let label = host.label();
    program::print(format_args!(
        "{label}: the disks {} are erased when it next boots from the network, until {}",
        permission.serials(),
        permission.expires
    ))?;
    program::eprint(format_args!("host-state: to start it: host-power boot-once {label} --now"));
    Ok(Exit::Done)
}

/// The disks, or why they cannot be erased.
fn checked(store: &Store, host: &Host, arguments: &Arguments) -> anyhow::Result<Vec<Chosen>> {
    let label = host.label();
    let refused = |why: String| Err(Ended::error(Exit::Refused, why));
    if host.state() == HostState::Installing {
        return refused(format!(
            "{label} is INSTALLING; if that installation is dead: host-state set {label} state=FAILED, then erase its disks"
        ));
    }
    let now = program::now();
    let installed = store.installed_marks().installed_host(host)?;
    let (mut permissions, unreadable) = store.permissions().unmarked_and_unreadable(host.mac());
    if let Some(error) = unreadable.into_iter().next() {
        return Err(error.into());
    }
    permissions.retain(|permission| installed.objection(permission, Some(host), now).is_none());
    if let Some(permission) = permissions.first() {
        let (by, until) = (&permission.given_by, permission.expires);
        return refused(format!(
            "{label} has a permission to install, given by {by} until {until}; revoke it first: host-state disarm {label}"
        ));
    }
    if installed.ever() && host.retired.is_none() && !arguments.force {
        return refused(format!(
            "{label} was installed and is not retired; give --force, or retire it first: host-state retire {label}"
        ));
    }
    let disks = chosen(store, host, &arguments.disk, arguments.force)?;
    if disks.len() > MAX_ERASED_DISKS {
        return refused(format!("{label}: {} disks; one permission names at most {MAX_ERASED_DISKS}", disks.len()));
    }
    Ok(disks)
}

/// Notes on what is correct and may surprise.
fn warn(store: &Store, host: &Host) -> anyhow::Result<()> {
    let label = host.label();
    if let Some(old) = store.erasures().live_permission(host.mac(), program::now())? {
        program::eprint(format_args!(
            "host-state: {label}: this replaces the permission to erase {}, given by {} until {}",
            old.serials(),
            old.given_by,
            old.expires
        ));
    }
    if let Err(error) = node_environment(store, Some(host), &host.firmware) {
        program::eprint(format_args!("host-state: {label}: nothing can be erased yet: {}", one_line(&error)));
    }
    Ok(())
}

fn preview(host: &Host, disks: &[Chosen], arguments: &Arguments) -> anyhow::Result<Exit> {
    if arguments.json {
        program::print_json(&serde_json::json!({ "host": host.label(), "mac": host.mac().colons(), "disks": disks }))?;
    } else {
        program::print(format_args!("of {} ({}) would be erased:", host.label(), host.mac().colons()))?;
        show_disks(disks, program::print)?;
    }
    Ok(Exit::WouldChange)
}

/// Whether the command line has the confirmation; otherwise a person can be asked.
///
/// # Errors
/// [`Exit::Usage`] where no person can be asked; [`Exit::Refused`] if it confirms another host.
fn is_confirmed(host: &Host, arguments: &Arguments) -> anyhow::Result<bool> {
    let label = host.label();
    match &arguments.yes_erase {
        Some(name) if *name == label => Ok(true),
        Some(name) => {
            let line = format!("--yes-erase names {name}, but the host is {label}; nothing was changed");
            Err(Ended::error(Exit::Refused, line))
        }
        None if program::can_ask() => Ok(false),
        None => {
            let line = format!(
                "this needs two confirmations, and no terminal is connected; nothing was changed; look with --dry-run, then give --yes-erase {label}"
            );
            Err(Ended::error(Exit::Usage, line))
        }
    }
}

/// Shows the disks, and asks twice.
///
/// # Errors
/// [`Exit::Failed`] if an answer is no.
fn ask_twice(store: &Store, host: &Host, disks: &[Chosen]) -> anyhow::Result<()> {
    let label = host.label();
    let last = store.installed_marks().installed_host(host)?;
    program::eprint(format_args!("{label} ({}) is {}; {last}", host.mac().colons(), host.state()));
    show_disks(disks, |line| {
        program::eprint(line);
        Ok(())
    })?;
    let nothing = || Ended::error(Exit::Failed, "nothing was changed");
    let disks = if disks.len() == 1 { "1 disk".to_owned() } else { format!("{} disks", disks.len()) };
    if !program::confirm(&format!("Erase {disks} of {label}, so that the content is lost for ever"))? {
        return Err(nothing());
    }
    let typed = program::terminal::ask(&format!("To confirm, type the name of the host ({label})"), None)?;
    if typed.trim() != label {
        program::eprint(format_args!("host-state: {:?} is not {label}", typed.trim()));
        return Err(nothing());
    }
    Ok(())
}

fn give(store: &Store, host: &Host, disks: &[Chosen], arguments: &Arguments) -> anyhow::Result<ErasePermission> {
    let now = program::now();
    // What rules and windows permit would install the machine afterwards.
    for permission in ruled(store, &store.hosts().plan_removal(host.mac())?)? {
        store.permissions().mark_used(&permission, "its disks are to be erased")?;
    }
    let grant = EraseGrant {
        disks: disks.iter().map(|disk| disk.serial.clone()).collect(),
        given_by: who().as_line().clone(),
        given_at: now,
        expires: now.plus(arguments.expires.unwrap_or(store.cluster.install.permission_lifetime)),
        reason: arguments.reason.clone(),
    };
    let permission = ErasePermission::new(PermissionId::from_random(random()?), host, grant);
    // A cluster of an older version lacks it. Its group is that of the folder above.
    make_dir(&store.paths.erase_permissions_dir(), 0o2750, None)?;
    super::prune::prune_permissions(store, &[]);
    let reason = if arguments.reason.as_str().is_empty() { String::new() } else { format!(": {}", arguments.reason) };
    let note = format!("{} until {}{reason}", permission.serials(), permission.expires);
    // Before it is given: a permission must not exist without a trace of the person who gave it.
    store.journal().note(host.mac(), &who(), now, "erase permitted", &note)?;
    Ok(store.erasures().give(&permission, host)?)
}

fn cancel(store: &Store, arguments: &Arguments) -> anyhow::Result<Exit> {
    let mac = arguments.host.mac(store)?;
    let host = store.hosts().find(mac)?;
    let (mac, label) = host.map_or_else(|| (mac, mac.colons()), |host| (host.mac(), host.label()));
    let Some(permission) = store.erasures().open_permission(mac)? else {
        program::eprint(format_args!("host-state: nothing to revoke: {label} has no permission to erase"));
        if arguments.json {
            program::print_json(&serde_json::Value::Null)?;
        }
        return Ok(Exit::Done);
    };
    if !arguments.dry_run {
        program::need_root()?;
        end(store, mac, &label, "cancelled")?;
    }
    if arguments.json {
        program::print_json(&permission)?;
    } else {
        let ends = if arguments.dry_run { "would end" } else { "ends" };
        program::print(format_args!("{label}: the permission to erase {} {ends}", permission.serials()))?;
    }
    Ok(if arguments.dry_run { Exit::WouldChange } else { Exit::Done })
}
