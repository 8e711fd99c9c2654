// SPDX-License-Identifier: GPL-3.0-or-later
//! `host-state rm`.

use super::find::{Hosts, macs_of};
use super::operator::who;
use crate::program::{self, Ended, Exit};
use hps::host::{Host, Permission};
use hps::permitted::permitted_by_rules;
use hps::store::{AllocationKind, RemovalPlan, Store, StoreError};
use hps::types::{FirmwareInfo, HostRef, MacAddr, one_line};

/// Remove hosts from the active cluster: records, addresses, names, reservations and permissions.
///
/// The history and the logs stay.
/// The mark of a machine that was ever installed stays for good, so it boots its disk when it comes back.
/// If a removal was interrupted, the same command completes it.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  host-state rm sch-001 --dry-run
  host-state rm 'sch-[001-040]'
  host-state rm 52:54:00:12:34:56 --force")]
pub(super) struct Arguments {
    #[command(flatten)]
    hosts: Hosts,
    /// Also remove hosts that are INSTALLING, or whose records cannot be read
    #[arg(long)]
    force: bool,
    /// Show what would be removed, and change nothing; exit code 10 if there is something
    #[arg(long)]
    dry_run: bool,
    /// Answer in JSON
    #[arg(long)]
    json: bool,
}

/// What is, or would be, removed of one host.
#[derive(Debug, serde::Serialize)]
struct Removed {
    mac: String,
    host: String,
    files: Vec<String>,
    kept: Vec<String>,
    ended_permissions: usize,
}

pub(super) fn run(store: &Store, arguments: &Arguments) -> anyhow::Result<Exit> {
    program::need_root()?;
    let mut all = Vec::new();
    for mac in macs(store, &arguments.hosts.refs(store)?)? {
        let left = store.hosts().plan_removal(mac)?;
        if left.is_empty() {
            let mac = mac.colons();
            let cluster = &store.cluster.name;
            return Err(Ended::error(
                Exit::NotFound,
                format!("cluster {cluster} has no host {mac}; see: host-state list"),
            ));
        }
        if !arguments.force {
            left.refuse()?;
        }
        all.push((ruled(store, &left)?, left));
    }
    let mut answer = Vec::new();
    for (ruled, left) in &all {
        let mut removed = removed(store, left)?;
        removed.ended_permissions += ruled.len();
        if !arguments.json {
            show(&removed, arguments.dry_run)?;
        }
        answer.push(removed);
    }
    if !arguments.dry_run {
        for (ruled, left) in &all {
            for permission in ruled {
                store.permissions().mark_used(permission, "host removed")?;
            }
            let label = left.record.iter().flatten().next().map_or_else(|| left.mac.colons(), Host::label);
            super::erase_end::end(store, left.mac, &label, "host removed")?;
            store.hosts().remove(left.mac, arguments.force, &who(), program::now())?;
        }
        // dnsmasq sees new files by itself, but a removed one only after a signal.
        crate::reload::reread_hosts(store)?;
    }
    if arguments.json {
        program::print_json(&answer)?;
    }
    Ok(if arguments.dry_run { Exit::WouldChange } else { Exit::Done })
}

/// Also by a name whose record is gone already, as after an interrupted removal.
fn macs(store: &Store, hosts: &[HostRef]) -> anyhow::Result<Vec<MacAddr>> {
    let mut macs = Vec::new();
    for host in hosts {
        let mac = match (macs_of(store, std::slice::from_ref(host)), host) {
            (Ok(found), _) => found.first().copied(),
            (Err(error), HostRef::Mac(_)) => return Err(error),
            (Err(error), HostRef::Name(name)) => {
                let allocations = store.allocations().list()?;
                let allocation =
                    allocations.into_iter().find(|c| c.kind == AllocationKind::Name && c.value == name.as_str());
                let Some(holder) = allocation.map_or(Ok(None), |allocation| allocation.holder)? else {
                    return Err(error);
                };
                match store.hosts().find(holder) {
                    // If the record behind the claim has another name, it is another host.
                    Ok(Some(_)) => return Err(error),
                    Ok(None) => Some(holder),
                    Err(unread) if !unread.was_read() => return Err(unread.into()),
                    Err(_) => Some(holder),
                }
            }
        };
        macs.extend(mac.filter(|mac| !macs.contains(mac)));
    }
    Ok(macs)
}

/// What rules and windows permit this machine by any of its MACs. Without the record each MAC is that of a stranger.
pub(super) fn ruled(store: &Store, left: &RemovalPlan) -> anyhow::Result<Vec<Permission>> {
    let none = FirmwareInfo::default();
    let firmware = left.record.iter().flatten().next().map_or(&none, |host| &host.firmware);
    let mut permissions = Vec::new();
    for mac in left.macs() {
        let found = permitted_by_rules(store, mac, firmware, program::now());
        permissions.extend(found.map_err(|problem| Ended::error(Exit::Failed, one_line(&problem)))?);
    }
    Ok(permissions)
}

fn removed(store: &Store, left: &RemovalPlan) -> Result<Removed, StoreError> {
    let label = match &left.record {
        Some(Ok(host)) => host.label(),
        _ => left.mac.colons(),
    };
    let record = left.record.as_ref().map(|_| store.paths.host(left.mac).path().to_path_buf());
    let allocations = left.allocations.iter().map(|allocation| allocation.path.clone());
    let files = left.files.iter().cloned().chain(record).chain(allocations);
    let mut kept = vec![store.paths.history(left.mac)];
    if store.hardware().exists(left.mac)? {
        kept.push(store.paths.hardware(left.mac).path().to_path_buf());
    }
    if store.erasures().has_protocol(left.mac)? {
        kept.push(store.paths.erase_protocol(left.mac).path().to_path_buf());
    }
    if store.hosts().leaves_marks(left)? {
        kept.extend(left.macs().into_iter().map(|mac| store.paths.ever_installed(mac).path().to_path_buf()));
    }
    let text = |paths: Vec<std::path::PathBuf>| paths.iter().map(|p| p.display().to_string()).collect();
    Ok(Removed {
        mac: left.mac.colons(),
        host: label,
        files: text(files.collect()),
        kept: text(kept),
        ended_permissions: left.permissions.len(),
    })
}

fn show(removed: &Removed, dry_run: bool) -> std::io::Result<()> {
    let word = if dry_run { "would remove" } else { "removes" };
    program::print(format_args!("{} ({})", removed.host, removed.mac))?;
    if removed.ended_permissions > 0 {
        program::print(format_args!("  {:<12} its permission to install", if dry_run { "would end" } else { "ends" }))?;
    }
    for file in &removed.files {
        program::print(format_args!("  {word:<12} {file}"))?;
    }
    for file in &removed.kept {
        program::print(format_args!("  {:<12} {file}", "keeps"))?;
    }
    Ok(())
}
