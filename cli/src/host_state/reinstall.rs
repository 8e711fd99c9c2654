// SPDX-License-Identifier: GPL-3.0-or-later
//! `host-state reinstall`: hosts that have a system are installed again, on the disks that are named: by serial for one
//! host, or for many the disks that their records have from the last installation. These are shown, and asked for once.

use super::arm::plan;
use super::find::Hosts;
use super::grant::{Terms, describe_plan, grant, serial};
use super::permission_plan::Plan;
use crate::program::{self, Ended, Exit};
use hps::host::Host;
use hps::store::Store;
use hps::types::{DiskName, MacAddr};
use std::str::FromStr;

/// Permit a new installation of hosts that were installed.
///
/// The content of their disks is lost.
/// So you name the disk by its serial, or by its WWN if several disks of the machine share that serial.
/// With --wipe last they are the disks of the last installation: HPS shows them for each host and asks once.
/// No other disk is wiped, whatever values the machine reports.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  host-state reinstall sch-001
      names the disk that its last installation used
  host-state reinstall sch-001 --wipe S3Z8NB0K --reason 'new release'
  host-state reinstall 'sch-[001-040]' --wipe last --reason 'new release'
      shows hosts and disks, and asks once
  host-state reinstall 'sch-[001-040]' --wipe last --dry-run
  host-state reinstall --hosts-from rack7.txt --wipe last --yes
  host-state reinstall sch-001 --wipe S3Z8NB0K --boot       and boot it from the network now")]
pub(super) struct Arguments {
    #[command(flatten)]
    hosts: Hosts,
    /// A disk that may be wiped, by its serial or its WWN, for one host; or the word last: for each host the disks of its
    /// last installation
    #[arg(long, value_name = "SERIAL|last")]
    wipe: Vec<Wipe>,
    /// Do not ask before the disks of the last installation may be wiped
    #[arg(long)]
    yes: bool,
    #[command(flatten)]
    terms: Terms,
}

/// A disk that may be wiped, as it is typed.
#[derive(Debug, Clone)]
enum Wipe {
    /// The disks of the last installation.
    Last,
    Disk(DiskName),
}

impl FromStr for Wipe {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        if text.eq_ignore_ascii_case("last") { Ok(Self::Last) } else { serial(text).map(Self::Disk) }
    }
}

pub(super) fn run(store: &Store, arguments: &Arguments) -> anyhow::Result<Exit> {
    let hosts = arguments.hosts.records(store)?;
    let disks = disks_to_wipe(&arguments.wipe, &hosts)?;
    let wiped: Vec<(MacAddr, Vec<DiskName>)> = hosts.iter().map(Host::mac).zip(disks).collect();
    let mut plans = plans(store, &wiped, &arguments.terms)?;
    let is_last = arguments.wipe.iter().any(|wipe| matches!(wipe, Wipe::Last));
    if is_last && !arguments.yes && !arguments.terms.dry_run {
        program::need_root()?;
        ask(store, &plans, &arguments.terms)?;
        // A host may have changed while a person read the question.
        plans = self::plans(store, &wiped, &arguments.terms)?;
    }
    grant(store, plans, &arguments.terms)
}

/// Every host is checked before the first one is armed.
fn plans(store: &Store, wiped: &[(MacAddr, Vec<DiskName>)], terms: &Terms) -> anyhow::Result<Vec<Plan>> {
    let plans = wiped.iter().map(|(mac, wipe)| {
        Ok(Plan { wipe: wipe.clone(), what: "reinstall", ..plan(store, *mac, None, None, None, terms)? })
    });
    plans.collect()
}

/// For each host the disks that may be wiped.
fn disks_to_wipe(wipe: &[Wipe], hosts: &[Host]) -> anyhow::Result<Vec<Vec<DiskName>>> {
    let refused = |why: String| Ended::error(Exit::Refused, why);
    let without_type: Vec<String> = hosts.iter().filter(|h| h.host_type.is_none()).map(Host::label).collect();
    if let Some(first) = without_type.first() {
        return Err(refused(format!(
            "{} has no type; name its type: host-state arm {first} --type TYPE",
            without_type.join(" ")
        )));
    }
    let named: Vec<DiskName> = wipe.iter().filter_map(Wipe::disk).cloned().collect();
    match (hosts, wipe) {
        (_, [Wipe::Last]) => last_disks(hosts),
        (_, [_, ..]) if named.len() < wipe.len() => Err(refused(
            "give either --wipe last or serials, not both: the word takes all disks of the record".to_owned(),
        )),
        ([host], [_, ..]) => {
            warn_of_disks(host, &named);
            Ok(vec![named])
        }
        ([host], []) => {
            Err(refused(format!("{}: name the disk to wipe with --wipe SERIAL; {}", host.label(), known_disks(host))))
        }
        (_, []) => {
            let known = hosts.iter().map(|host| match host.last_disks().as_slice() {
                [] => format!("{}: no disk in its record", host.label()),
                disks => format!("{}: {}", host.label(), joined(disks)),
            });
            let known = known.collect::<Vec<_>>().join("; ");
            Err(refused(format!(
                "name the disks to wipe; the last installations used: {known}; to name these: --wipe last"
            )))
        }
        (_, _) => Err(refused(
            "--wipe SERIAL names a disk of one host, but several hosts are given; for the disks that their records \
             have: --wipe last"
                .to_owned(),
        )),
    }
}

impl Wipe {
    fn disk(&self) -> Option<&DiskName> {
        match self {
            Self::Disk(disk) => Some(disk),
            Self::Last => None,
        }
    }
}

fn last_disks(hosts: &[Host]) -> anyhow::Result<Vec<Vec<DiskName>>> {
    let disks: Vec<Vec<DiskName>> = hosts.iter().map(Host::last_disks).collect();
    let without: Vec<String> =
        hosts.iter().zip(&disks).filter(|(_, disks)| disks.is_empty()).map(|(host, _)| host.label()).collect();
    if let Some(first) = without.first() {
        return Err(Ended::error(
            Exit::Refused,
            format!(
                "the records of these hosts have no disk of a last installation: {}; nothing was changed; leave them out, \
                 and name the disk of each: host-state reinstall {first} --wipe SERIAL",
                without.join(" ")
            ),
        ));
    }
    Ok(disks)
}

fn known_disks(host: &Host) -> String {
    match host.last_disks().as_slice() {
        [] => {
            "its record has no disk; read the label of the disk, or run lsblk -o NAME,SERIAL,WWN on the host".to_owned()
        }
        disks => format!("its last installation used: {}", joined(disks)),
    }
}

/// Notes on disks that differ from those of the last installation. A disk may be new, so nothing is refused.
fn warn_of_disks(host: &Host, named: &[DiskName]) {
    let label = host.label();
    let disks = host.last_disks();
    let left: Vec<DiskName> = disks.iter().filter(|d| !is_among(d, named)).cloned().collect();
    if !left.is_empty() && left.len() < disks.len() {
        program::eprint(format_args!(
            "host-state: {label}: its last installation used {} too; such a disk is refused unless it is empty or named with --wipe",
            joined(&left)
        ));
    }
    let strange: Vec<DiskName> = named.iter().filter(|d| !is_among(d, &disks)).cloned().collect();
    if !strange.is_empty() && !disks.is_empty() {
        program::eprint(format_args!(
            "host-state: {label}: --wipe names {}, but its last installation used: {}",
            joined(&strange),
            joined(&disks)
        ));
    }
}

fn is_among(disk: &DiskName, disks: &[DiskName]) -> bool {
    disks.iter().any(|other| other.is_as(disk))
}

fn joined(disks: &[DiskName]) -> String {
    disks.iter().map(DiskName::as_str).collect::<Vec<_>>().join(" ")
}

/// Shows every host with its disks, and asks once.
///
/// # Errors
/// [`Exit::Failed`] if the answer is no; [`Exit::Usage`] where no person can be asked.
fn ask(store: &Store, plans: &[Plan], terms: &Terms) -> anyhow::Result<()> {
    if !program::can_ask() {
        return Err(program::needs_yes());
    }
    for plan in plans {
        program::eprint(format_args!("  {} ({}) {}", plan.label, plan.mac.colons(), describe_plan(store, plan, terms)));
    }
    let (hosts, disks) = (plans.len(), plans.iter().map(|plan| plan.wipe.len()).sum::<usize>());
    let plural = |count: usize, noun: &str| if count == 1 { format!("1 {noun}") } else { format!("{count} {noun}s") };
    let question =
        format!("Install {} again, so that the content of {} is lost", plural(hosts, "host"), plural(disks, "disk"));
    if program::confirm(&question)? {
        return Ok(());
    }
    Err(Ended::error(Exit::Failed, "nothing was changed"))
}
