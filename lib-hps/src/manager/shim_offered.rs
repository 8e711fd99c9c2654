// SPDX-License-Identifier: GPL-3.0-or-later
//! Whether DHCP offers a host the shim that its installation needs under Secure Boot.

use crate::boot_context::BootContext;
use crate::store::Store;
use crate::types::Timestamp;

/// Why `reload` must run before this host is started; `None` if it need not. A sentence without its end.
pub fn needs_reload_for_shim(store: &Store, machine: &BootContext, now: Timestamp) -> Option<String> {
    let wanted = machine.wanted_shim(store, now);
    if wanted == machine.offered_shim {
        return None;
    }
    Some(match wanted {
        Some(line) => format!("DHCP does not offer it the shim of {line} yet, which Secure Boot needs"),
        None => "DHCP still offers it the shim of another system, with which Secure Boot refuses this one".to_owned(),
    })
}
