// SPDX-License-Identifier: GPL-3.0-or-later
//! Permissions that permit nothing any more, and places of retired hosts.

use super::operator::who;
use crate::program;
use hps::reservation::free_retired;
use hps::store::{Store, StoreError};
use hps::types::one_line;

/// Removes them when root runs this program; for other users it does nothing. `reported` are the problems that the
/// program has reported already.
pub(super) fn prune_permissions(store: &Store, reported: &[String]) {
    if rustix::process::geteuid().is_root()
        && let Err(error) = prune(store)
    {
        let line = one_line(&error);
        if !reported.contains(&line) {
            program::eprint(format_args!("host-state: {line}"));
        }
    }
}

fn prune(store: &Store) -> Result<(), StoreError> {
    store.permissions().prune(&who(), program::now())?;
    store.erasures().prune(&who(), program::now())
}

/// Frees the names and addresses of retired hosts whose time is over, before other hosts get some. A command that only
/// shows what it would do frees none.
pub(super) fn free_places(store: &Store, dry_run: bool) {
    if dry_run || !rustix::process::geteuid().is_root() {
        return;
    }
    for error in free_retired(store, &who(), program::now()).unwrap_or_else(|error| vec![error]) {
        program::eprint(format_args!("host-state: {}", one_line(&error)));
    }
}
