// SPDX-License-Identifier: GPL-3.0-or-later
//! Records that an administrator edited by hand.

use crate::program;
use hps::host::Who;
use hps::reservation::complete;
use hps::store::{HeldAllocations, Store, StoreError};
use hps::types::one_line;

/// A record that was edited by hand has no claims. So this claims its names, addresses and MACs if no other host has
/// them, and makes the rest that follows from a record. It returns problems of single hosts, a line each; they do not
/// stop the others.
pub(super) fn complete_hand_edits(store: &Store) -> anyhow::Result<Vec<String>> {
    let mut warnings = Vec::new();
    let held = store.allocations().held().unwrap_or_else(|error| {
        warnings.push(format!("old allocations of hosts could not be removed: {}", one_line(&error)));
        HeldAllocations::default()
    });
    for host in store.hosts().list()?.into_iter().filter_map(|file| file.host.ok()) {
        let done = store.allocations().complete(&host, program::now()).and_then(|()| {
            complete(store, &host, &held, &Who::operator("reload", &program::operator()), program::now())
        });
        match done {
            Ok(_) => {}
            Err(error @ StoreError::Taken(_)) => {
                warnings.push(format!("{}: {error}", store.paths.host(host.mac()).path().display()));
            }
            Err(error) => warnings.push(format!("{}: {}", host.label(), one_line(&error))),
        }
    }
    Ok(warnings)
}
