// SPDX-License-Identifier: GPL-3.0-or-later
//! Compares a list with the registry: what would be added and changed. Then makes the changes.

use super::super::address_use;
use super::super::operator::who;
use super::super::own_name;
use super::entry::Entry;
use super::problem::Problem;
use crate::program;
use hps::host::{Edit, Host};
use hps::reservation::{complete, gaps, reserve};
use hps::store::{HeldAllocations, Store, StoreError};
use hps::types::one_line;
use hps::types::{Line, MacAddr};

#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum Action {
    Add,
    Change,
    Same,
}

impl Action {
    pub(super) fn as_str(self) -> &'static str {
        match self {
            Self::Add => "add",
            Self::Change => "change",
            Self::Same => "same",
        }
    }
}

/// One host of the list, and its change.
#[derive(Debug, serde::Serialize)]
pub(super) struct Planned {
    pub(super) line: usize,
    pub(super) action: Action,
    /// The record as it will be.
    pub(super) host: Host,
    /// The differences from the present record, in words.
    pub(super) changes: Vec<String>,
    /// Whether it is remembered as ever installed.
    boots_its_disk: bool,
    #[serde(skip)]
    was_marked: bool,
    #[serde(skip)]
    gets_address: bool,
    #[serde(skip)]
    mac: MacAddr,
    #[serde(skip)]
    edit: Edit,
}

impl Planned {
    /// Whether it boots its disk from now on.
    pub(super) fn is_protected_now(&self) -> bool {
        self.boots_its_disk && !self.was_marked
    }
}

/// The changes. Errors found in the registry are added to the problems.
///
/// # Errors
/// When the registry cannot be read: then no line is to blame.
pub(super) fn plan(
    store: &Store,
    entries: Vec<Entry>,
    problems: &mut Vec<Problem>,
    update: bool,
    new_machines: bool,
) -> Result<Vec<Planned>, StoreError> {
    let held = store.allocations().held()?;
    let mut planned = Vec::new();
    for entry in entries {
        let line = entry.line;
        match one(store, &entry, &held, update, new_machines) {
            Ok(one) => planned.extend(one),
            Err(Wrong::Store(error)) => return Err(error),
            Err(Wrong::Line(why)) => {
                let mut all = each_alone(store, &entry)?;
                if !all.contains(&why) {
                    all.insert(0, why);
                }
                problems.extend(all.into_iter().map(|why| Problem::new(line, why)));
            }
        }
    }
    let given = planned.iter().filter(|planned| planned.gets_address).map(|planned| &planned.host);
    for conflict in address_use::used_by_others(store, given) {
        let line = planned.iter().find(|planned| planned.host.mac() == conflict.mac).map_or(0, |planned| planned.line);
        problems.push(Problem::new(line, address_use::refusal(&conflict)));
    }
    Ok(planned)
}

/// Why a line is refused.
enum Wrong {
    Line(String),
    Store(StoreError),
}

impl From<StoreError> for Wrong {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::Taken(_)
            | StoreError::Edit { .. }
            | StoreError::Refused { .. }
            | StoreError::Content { .. } => Self::Line(one_line(&error)),
            error => Self::Store(error),
        }
    }
}

/// The errors of each value: the first error of an edit hides the others.
fn each_alone(store: &Store, entry: &Entry) -> Result<Vec<String>, StoreError> {
    let Some(first) = entry.macs.first().copied() else { return Ok(Vec::new()) };
    let Edit { name, address, macs, .. } = entry.edit.clone();
    let role = Edit { name: None, address: None, macs: None, ..entry.edit.clone() };
    let parts =
        [Edit { name, ..Edit::default() }, Edit { address, ..Edit::default() }, Edit { macs, ..Edit::default() }, role];
    let mut wrong = Vec::new();
    for part in parts.into_iter().filter(|part| *part != Edit::default()) {
        match store.hosts().preview_edit(first, &part, program::now()).map_err(Wrong::from) {
            Err(Wrong::Line(why)) => wrong.push(why),
            Err(Wrong::Store(error)) => return Err(error),
            Ok(_) => {}
        }
    }
    wrong.dedup();
    Ok(wrong)
}

/// Nothing for a line without a MAC, which was reported already.
fn one(
    store: &Store,
    entry: &Entry,
    held: &HeldAllocations,
    update: bool,
    new_machines: bool,
) -> Result<Option<Planned>, Wrong> {
    let Some(first) = entry.macs.first().copied() else { return Ok(None) };
    let (known, host) = store.hosts().preview_edit(first, &entry.edit, program::now())?;
    own_name::check(&entry.edit, known.as_ref()).map_err(|why| Wrong::Line(why.to_string()))?;
    if new_machines && host.state().has_system() {
        return Err(Wrong::Line(format!(
            "state {} means that it has a system, so it is not a new machine: leave out --new-machines or the state",
            host.state()
        )));
    }
    let marked = store.installed_marks().installed_host(&host)?.is_marked();
    let mut changes = known.as_ref().map_or_else(Vec::new, |known| differences(known, &host));
    if !new_machines && !marked && known.is_some() {
        changes.push("boots its disk from now on, until it is armed".to_owned());
    }
    if let Some(known) = known.as_ref().filter(|_| !update && !changes.is_empty()) {
        let label = known.label();
        return Err(Wrong::Line(format!(
            "{} is already host {label}, with other values; --update changes them",
            first.colons()
        )));
    }
    if let Some(known) = known.as_ref().filter(|_| changes.is_empty()) {
        // What an interrupted import did not do.
        changes.extend(gaps(store, known, held)?.into_iter().map(|gap| gap.to_string()));
    }
    if known.is_none() || !changes.is_empty() {
        let ended = store.hosts().permissions_ended_by(known.as_ref(), &host, program::now())?;
        changes.extend(ended.iter().map(|(permission, why)| {
            format!("the permission given by {} until {} ends: {why}", permission.given_by, permission.expires)
        }));
    }
    let gets_address = known.as_ref().and_then(|known| known.address) != host.address;
    let action = match known {
        None => Action::Add,
        Some(_) if changes.is_empty() => Action::Same,
        Some(_) => Action::Change,
    };
    Ok(Some(Planned {
        line: entry.line,
        action,
        changes,
        boots_its_disk: marked || !new_machines,
        was_marked: marked,
        gets_address,
        mac: first,
        edit: entry.edit.clone(),
        host,
    }))
}

fn differences(before: &Host, after: &Host) -> Vec<String> {
    let lines = |host: &Host| -> Vec<String> {
        host.to_text().lines().filter(|line| !line.starts_with("updated")).map(str::to_owned).collect()
    };
    let (old, new) = (lines(before), lines(after));
    let gone = old.iter().filter(|line| !new.contains(line)).map(|line| format!("-{line}"));
    let added = new.iter().filter(|line| !old.contains(line)).map(|line| format!("+{line}"));
    gone.chain(added).collect()
}

/// Makes the changes, host by host. After an interruption, `import --update` of the same list does the rest.
pub(super) fn apply(store: &Store, planned: &[Planned]) -> anyhow::Result<()> {
    let now = program::now();
    let held = store.allocations().held()?;
    for planned in planned.iter().filter(|p| p.action != Action::Same) {
        // Before the record, so that at no moment it counts as a new machine.
        if planned.boots_its_disk {
            store.installed_marks().mark_imported(&planned.host, now)?;
        }
        if planned.edit.state.is_some() {
            for permission in store.permissions().unmarked(planned.host.mac())? {
                store.permissions().mark_used(&permission, "state imported")?;
            }
        }
        let host = store.hosts().edit(planned.mac, &planned.edit, &Line::lossy("imported"), &who(), now)?;
        reserve(store, &host)?;
        complete(store, &host, &held, &who(), now)?;
    }
    Ok(())
}
