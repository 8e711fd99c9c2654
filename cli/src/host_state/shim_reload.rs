// SPDX-License-Identifier: GPL-3.0-or-later
//! Hosts whose next installation needs another shim than DHCP has offered them since the last `reload`.

use crate::program;
use hps::boot_context::BootContext;
use hps::manager::needs_reload_for_shim;
use hps::store::Store;
use hps::types::{FirmwareInfo, MacAddr};

/// Warns of each one, by its MAC and its name in messages.
pub(super) fn warn<'a>(store: &Store, hosts: impl Iterator<Item = (MacAddr, &'a str)>) {
    let now = program::now();
    for (mac, label) in hosts {
        let machine = BootContext::load(store, mac, None, &FirmwareInfo::default(), now);
        if let Some(why) = needs_reload_for_shim(store, &machine, now) {
            program::eprint(format_args!("host-state: {label}: {why}; run: reload"));
        }
    }
}
