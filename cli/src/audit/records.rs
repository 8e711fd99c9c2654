// SPDX-License-Identifier: GPL-3.0-or-later
//! Records that somebody edited by hand.

use crate::program;
use hps::host::{Host, Who};
use hps::store::{Store, StoreError};
use hps::types::one_line;
use std::time::Duration;

/// A program writes the history right after the record. A record that still differs after this time was edited.
const SETTLED: Duration = Duration::from_millis(300);

/// Notes the edits. Returns what could not be noted; one host stops no other.
pub(super) fn note(store: &Store, seen_by: &Who) -> Vec<String> {
    let hosts = match store.hosts().list() {
        Ok(files) => files.into_iter().filter_map(|file| file.host.ok()),
        Err(error) => return vec![one_line(&error)],
    };
    let mut problems = Vec::new();
    let mut edited: Vec<Host> = Vec::new();
    for host in hosts {
        match store.hosts().hand_edits(&host) {
            Ok(edits) if edits.is_empty() => {}
            Ok(_) => edited.push(host),
            Err(error) => problems.push(format!("{}: {}", host.label(), one_line(&error))),
        }
    }
    if !edited.is_empty() {
        std::thread::sleep(SETTLED);
    }
    for host in edited {
        if let Err(error) = note_one(store, &host, seen_by) {
            problems.push(format!("{}: {}", host.label(), one_line(&error)));
        }
    }
    problems
}

fn note_one(store: &Store, host: &Host, seen_by: &Who) -> Result<(), StoreError> {
    let Some(host) = store.hosts().find(host.mac())? else { return Ok(()) };
    let edits = store.hosts().hand_edits(&host)?;
    if edits.is_empty() {
        return Ok(());
    }
    store.hosts().note_hand_edits(&host, &edits, seen_by, program::now())
}
