// SPDX-License-Identifier: GPL-3.0-or-later
//! Edits of hosts by `set` and `unset`, shown as a diff before they are made.

use super::address_use;
use super::find::{macs_of, refs_of};
use super::host_word::HostWord;
use super::loader_cards;
use super::operator::who;
use super::own_name;
use super::prune::free_places;
use crate::change::Change;
use crate::program::{self, Ended, Exit};
use hps::files::Access;
use hps::host::{Edit, Host, HostState, Permission};
use hps::permitted::Permitted;
use hps::reservation::{complete, gaps, reserve};
use hps::store::{HeldAllocations, Store};
use hps::types::{Line, MacAddr, Timestamp, one_line};

#[derive(Debug, clap::Args)]
pub(super) struct How {
    /// Show what would change, and change nothing; exit code 10 if anything would
    #[arg(long)]
    dry_run: bool,
    /// Answer in JSON: the hosts as they are, or would be, after the change
    #[arg(long)]
    json: bool,
}

/// The hosts that the words name.
pub(super) fn named_hosts(store: &Store, words: &[HostWord]) -> anyhow::Result<Vec<Host>> {
    if words.is_empty() {
        return Err(Ended::error(Exit::Usage, "no host is named; give a MAC, a name or a range"));
    }
    let find = |mac: MacAddr| {
        store.hosts().find(mac)?.ok_or_else(|| {
            Ended::error(
                Exit::NotFound,
                format!("cluster {} has no host {}; see: host-state list", store.cluster.name, mac.colons()),
            )
        })
    };
    macs_of(store, &refs_of(store, words)?)?.into_iter().map(find).collect()
}

/// Every refusal comes before the diff and the first write.
pub(super) fn change(store: &Store, edits: Vec<(Host, Edit)>, how: &How) -> anyhow::Result<Exit> {
    let now = program::now();
    free_places(store, how.dry_run);
    let held = store.allocations().held()?;
    let mut planned = Vec::new();
    let mut after_all = Vec::new();
    for (host, edit) in edits {
        own_name::refuse(&edit, Some(&host))?;
        let (_, after) = store.hosts().preview_edit(host.mac(), &edit, now)?;
        let ends = ends(store, &host, &edit, &after, now)?;
        // There is nothing to do only if everything that follows from the record exists too.
        let needed = after.differs_from(&host) || !ends.is_empty() || !gaps(store, &after, &held)?.is_empty();
        after_all.push(Changed::new(after.clone(), &ends));
        if needed {
            planned.push((host, edit, after, ends));
        }
    }
    let given = planned.iter().filter(|(host, _, after, _)| after.address != host.address);
    address_use::refuse(store, given.map(|(_, _, after, _)| after))?;
    if !how.json {
        for (host, _, after, ends) in &planned {
            show(store, host, after, ends, &held)?;
        }
    }
    if !how.dry_run {
        let what = Line::lossy("set by hand");
        after_all.retain(|after| planned.iter().all(|(host, ..)| host.mac() != after.host.mac()));
        for (host, edit, _, ends) in &planned {
            // Before the record: a reader must not see a permission that contradicts the record. Those of other MACs
            // end with the edit.
            for (permission, why) in ends.iter().filter(|(_, why)| *why == BY_STATE) {
                store.permissions().mark_used(permission, why)?;
                let note = format!("{why}; given by {} until {}", permission.given_by, permission.expires);
                store.journal().note(host.mac(), &who(), now, "disarmed", &note)?;
            }
            let host = store.hosts().edit(host.mac(), edit, &what, &who(), now)?;
            reserve(store, &host)?;
            complete(store, &host, &held, &who(), now)?;
            after_all.push(Changed::new(host, ends));
        }
        for after in &after_all {
            disagrees(store, &after.host)?;
        }
        if !planned.is_empty() {
            crate::reload::reread_hosts(store)?;
            for (before, _, after, _) in &planned {
                loader_cards::warn(store, before, after);
            }
        }
    }
    if how.json {
        program::print_json(&after_all)?;
    } else {
        let done = match (planned.len(), how.dry_run) {
            (0, _) => "nothing to change".to_owned(),
            (1, true) => "dry run: 1 host would be changed".to_owned(),
            (1, false) => "1 host is changed".to_owned(),
            (many, true) => format!("dry run: {many} hosts would be changed"),
            (many, false) => format!("{many} hosts are changed"),
        };
        program::eprint_progress("host-state", done);
    }
    Ok(if how.dry_run && !planned.is_empty() { Exit::WouldChange } else { Exit::Done })
}

/// A host as it is or would be, in JSON.
#[derive(Debug, serde::Serialize)]
struct Changed {
    #[serde(flatten)]
    host: Host,
    /// What the change ends.
    ended_permissions: Vec<Permission>,
}

impl Changed {
    fn new(host: Host, ends: &[(Permission, &str)]) -> Self {
        Self { host, ended_permissions: ends.iter().map(|(permission, _)| permission.clone()).collect() }
    }
}

const BY_STATE: &str = "state set by hand";

/// The permissions that an edit ends, each with why.
fn ends(
    store: &Store,
    host: &Host,
    edit: &Edit,
    after: &Host,
    now: Timestamp,
) -> anyhow::Result<Vec<(Permission, &'static str)>> {
    let by_state = match edit.state {
        None => Vec::new(),
        // As at the menu: otherwise a rule would set the type again at the machine's next boot.
        Some(HostState::Unconfigured) => Permitted::load(store, host.mac(), &host.firmware, now)
            .all()
            .map_err(|problem| Ended::error(Exit::Failed, one_line(&problem)))?,
        // Setting the same state again also ends a permission.
        Some(_) => store.permissions().unmarked(host.mac())?,
    };
    let mut ends: Vec<(Permission, &str)> = by_state.into_iter().map(|permission| (permission, BY_STATE)).collect();
    for (permission, why) in store.hosts().permissions_ended_by(Some(host), after, now)? {
        if ends.iter().all(|(other, _)| other.id != permission.id) {
            ends.push((permission, why));
        }
    }
    Ok(ends)
}

/// Warns if a permission gives the host another type than its record now has: the permission counts.
fn disagrees(store: &Store, host: &Host) -> anyhow::Result<()> {
    for permission in store.permissions().unmarked(host.mac())? {
        let differs = host.host_type.is_some_and(|t| t != permission.host_type)
            || host.profile.is_some_and(|p| permission.profile.is_some_and(|given| given != p));
        if differs {
            let label = host.label();
            let profile = permission.profile.map_or_else(String::new, |p| format!(" {p}"));
            program::eprint(format_args!(
                "host-state: {label} is still armed as {}{profile}; for a new permission: host-state arm {label}",
                permission.host_type
            ));
        }
    }
    Ok(())
}

fn show(
    store: &Store,
    host: &Host,
    after: &Host,
    ends: &[(Permission, &str)],
    held: &HeldAllocations,
) -> anyhow::Result<()> {
    if after.differs_from(host) {
        let path = store.paths.host(host.mac()).path().to_path_buf();
        let change = Change::new(path, after.to_text().into_bytes(), Access::Group)?;
        program::print_text(change.diff().trim_end())?;
    } else {
        for gap in gaps(store, after, held)? {
            program::print(format_args!("{}: {}: completed", host.label(), gap))?;
        }
    }
    for (permission, why) in ends {
        let mac = if permission.mac == host.mac() { String::new() } else { format!(" of {}", permission.mac.colons()) };
        let why = if *why == BY_STATE { String::new() } else { format!(": {why}") };
        program::print(format_args!(
            "the permission{mac} given by {} until {} ends{why}",
            permission.given_by, permission.expires
        ))?;
    }
    // By its state, or because one of its MACs belongs to a machine that was installed.
    let boots = |host: &Host| -> anyhow::Result<bool> { Ok(store.installed_marks().installed_host(host)?.ever()) };
    let said = after.state().has_system() && !host.state().has_system();
    if said || (boots(after)? && !boots(host)?) {
        program::eprint(format_args!("host-state: {} boots its disk from now on, until it is armed", after.label()));
    }
    Ok(())
}
