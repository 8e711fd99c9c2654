// SPDX-License-Identifier: GPL-3.0-or-later
//! A warning that nothing answers the machines that were just permitted.

use crate::program;
use hps::store::Store;

/// Prints which services do not run and the command that starts them. Returns them.
pub(super) fn warn(store: &Store) -> Vec<&'static str> {
    let down = crate::reload::services_down(store.paths.conf());
    if !down.is_empty() {
        let verb = if down.len() == 1 { "does" } else { "do" };
        let names = down.join(" and ");
        program::eprint(format_args!("host-state: {names} {verb} not run, so no machine can boot; start with: reload"));
    }
    down
}
