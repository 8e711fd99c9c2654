// SPDX-License-Identifier: GPL-3.0-or-later
//! A list against the registry: what would be added, what changed, and doing it.

use super::super::who;
use super::Problem;
use super::entry::Entry;
use crate::program;
use hps::host::{Edit, Host};
use hps::reservation::reserve;
use hps::situation::one_line;
use hps::store::Store;
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

/// One host of the list, and what is to become of it.
#[derive(Debug, serde::Serialize)]
pub(super) struct Planned {
    pub(super) line: usize,
    pub(super) action: Action,
    /// The record as it will be.
    pub(super) host: Host,
    /// What differs from the record as it is, in words.
    pub(super) changes: Vec<String>,
    /// Whether it is remembered as ever installed.
    boots_its_disk: bool,
    #[serde(skip)]
    mac: MacAddr,
    #[serde(skip)]
    edit: Edit,
}

/// All of it, or all problems: those that are known already, and those with the registry.
pub(super) fn plan(
    store: &Store,
    (entries, mut problems): (Vec<Entry>, Vec<Problem>),
    update: bool,
    new_machines: bool,
) -> Result<Vec<Planned>, Vec<Problem>> {
    let mut planned = Vec::new();
    for entry in entries {
        let line = entry.line;
        match one(store, entry, update, new_machines) {
            Ok(one) => planned.push(one),
            Err(why) => problems.push(Problem::new(line, why)),
        }
    }
    if problems.is_empty() { Ok(planned) } else { Err(problems) }
}

fn one(store: &Store, entry: Entry, update: bool, new_machines: bool) -> Result<Planned, String> {
    let first = entry.macs.first().copied().ok_or("mac is missing")?;
    let (known, host) = store.preview_edit(first, &entry.edit, program::now()).map_err(|e| one_line(&e))?;
    if let Some(known) = known.as_ref().filter(|_| !update) {
        return Err(format!("{} is host {} already; --update changes it", first.colons(), known.label()));
    }
    if new_machines && host.state().has_system() {
        return Err(format!(
            "state {} says that it has a system; that is no new machine: leave out --new-machines or the state",
            host.state()
        ));
    }
    let marked = store.ever_installed_any(&host).map_err(|e| one_line(&e))?.is_some();
    let mut changes = known.as_ref().map_or_else(Vec::new, |known| differences(known, &host));
    if !new_machines && !marked && known.is_some() {
        changes.push("boots its disk from now on, until it is armed".to_owned());
    }
    let action = match known {
        None => Action::Add,
        Some(_) if changes.is_empty() => Action::Same,
        Some(_) => Action::Change,
    };
    Ok(Planned {
        line: entry.line,
        action,
        changes,
        boots_its_disk: marked || !new_machines,
        mac: first,
        edit: entry.edit,
        host,
    })
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

/// Does it, host by host. Where it is interrupted, `import --update` of the same list does the rest.
pub(super) fn apply(store: &Store, planned: &[Planned]) -> anyhow::Result<()> {
    let now = program::now();
    for planned in planned.iter().filter(|p| p.action != Action::Same) {
        // Before the record: there is no moment in which it could be taken for a new machine.
        if planned.boots_its_disk {
            store.mark_host_ever_installed(&planned.host, now)?;
        }
        if planned.edit.state.is_some() {
            for permission in store.unspent_permissions(planned.host.mac())? {
                store.spend_permission(&permission.id, "state imported")?;
            }
        }
        let host = store.edit_host(planned.mac, &planned.edit, &Line::lossy("imported"), &who(), now)?;
        reserve(store, &host)?;
    }
    Ok(())
}
