// SPDX-License-Identifier: GPL-3.0-or-later
//! Hosts of the shell release, taken over as a list is imported: each boots its disk until it is armed.

use super::super::view::or_dash;
use super::entry::Entry;
use super::plan::{self, Action, Planned};
use crate::program;
use hps::config::{Fate, Note, ShellHost};
use hps::host::{Edit, Host};
use hps::store::Store;
use hps::types::MacAddr;
use std::collections::BTreeSet;

/// What will be written, and what became of each host.
#[derive(Debug)]
pub(crate) struct TakenOver {
    planned: Vec<Planned>,
    /// Machines whose host cannot be written. They have a system all the same.
    refused: BTreeSet<MacAddr>,
    notes: Vec<Note>,
}

/// Compares the hosts with the registry. One that is there already with other values stays as it is.
///
/// # Errors
/// When the registry cannot be read.
pub(crate) fn take_over(store: &Store, hosts: &[ShellHost]) -> anyhow::Result<TakenOver> {
    let entries =
        hosts.iter().enumerate().map(|(line, host)| Ok(Entry { line, macs: vec![host.mac], edit: edit(host)? }));
    let entries = entries.collect::<anyhow::Result<Vec<Entry>>>()?;
    let mut problems = Vec::new();
    let planned = plan::plan(store, entries, &mut problems, false, false)?;
    let file = |line: usize| hosts.get(line).map_or_else(String::new, |host| host.file.clone());
    let mut notes: Vec<Note> = planned
        .iter()
        .map(|planned| {
            let host = &planned.host;
            let (state, name, address) = (host.state(), or_dash(host.name.as_ref()), or_dash(host.address));
            let text = format!("{name} {} {state} {} {address}", host.mac().colons(), or_dash(host.host_type));
            Note { file: file(planned.line), line: 0, fate: Fate::Kept, text }
        })
        .collect();
    let refused = problems.iter().filter_map(|problem| Some(hosts.get(problem.line)?.mac)).collect();
    notes.extend(problems.into_iter().map(|problem| {
        let text = format!("the host: {}; its machine boots its disk all the same", problem.text);
        Note { file: file(problem.line), line: 0, fate: Fate::Refused, text }
    }));
    notes.sort_by(|a, b| a.file.cmp(&b.file));
    Ok(TakenOver { planned, refused, notes })
}

impl TakenOver {
    /// What became of each host.
    pub(crate) fn notes(&self) -> &[Note] {
        &self.notes
    }

    /// How many hosts are in the registry afterwards.
    pub(crate) fn count(&self) -> usize {
        self.planned.len()
    }

    /// Writes the hosts, and that the machines of the others have a system.
    ///
    /// # Errors
    /// When one cannot be written; the same command goes on with the rest.
    pub(crate) fn apply(&self, store: &Store) -> anyhow::Result<()> {
        let now = program::now();
        for mac in &self.refused {
            // A mark of one of its MACs protects a machine, so its record need not be readable.
            store.installed_marks().mark_imported(&Host::new(*mac, now), now)?;
        }
        if self.planned.iter().all(|planned| planned.action == Action::Same) {
            return Ok(());
        }
        plan::apply(store, &self.planned)
    }
}

fn edit(host: &ShellHost) -> anyhow::Result<Edit> {
    Ok(Edit {
        name: host.name.clone().map(Some),
        host_type: host.host_type.map(Some),
        profile: host.profile.map(Some),
        address: host.address.map(Some),
        state: Some(host.state.parse()?),
        ..Edit::default()
    })
}
