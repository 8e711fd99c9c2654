// SPDX-License-Identifier: GPL-3.0-or-later
//! Permissions that permit nothing any more.

use super::operator::who;
use crate::program;
use hps::store::Store;
use hps::types::one_line;

/// Removes them when root runs this program; for other users it does nothing. `reported` are the problems that the
/// program has reported already.
pub(super) fn prune_permissions(store: &Store, reported: &[String]) {
    if rustix::process::geteuid().is_root()
        && let Err(error) = store.permissions().prune(&who(), program::now())
    {
        let line = one_line(&error);
        if !reported.contains(&line) {
            program::eprint(format_args!("host-state: {line}"));
        }
    }
}
