// SPDX-License-Identifier: GPL-3.0-or-later
//! Boot loaders that the cluster file chooses for some hosts: dnsmasq knows their cards since the last `reload`.

use crate::program;
use hps::config::BootLoaderChoice;
use hps::host::Host;
use hps::store::Store;
use hps::types::MacAddr;
use std::collections::BTreeSet;

/// Warns if the cards of a host changed, and a `[[boot_loader]]` section chooses by its name, a card or its product.
pub(super) fn warn(store: &Store, before: &Host, after: &Host) {
    let cards = before.macs().collect();
    warn_about(store, (before, &cards), after);
}

/// The same where `new` took the place of `old` in an earlier run.
pub(super) fn warn_replaced(store: &Store, host: &Host, old: MacAddr, new: MacAddr) {
    let cards = host.macs().map(|mac| if mac == new { old } else { mac }).collect();
    warn_about(store, (host, &cards), host);
}

fn warn_about(store: &Store, (before, old): (&Host, &BTreeSet<MacAddr>), after: &Host) {
    let new: BTreeSet<MacAddr> = after.macs().collect();
    if *old == new {
        return;
    }
    let label = after.label();
    for choice in &store.cluster.boot_loaders {
        let file = &choice.file;
        if fits(choice, after, &new) {
            program::eprint(format_args!(
                "host-state: boot_loader {file} of the cluster file is for {label}, and dnsmasq may not know its new cards; run: reload"
            ));
        } else if fits(choice, before, old) {
            program::eprint(format_args!(
                "host-state: boot_loader {file} of the cluster file names a card that {label} no longer has; change it there, then run: reload"
            ));
        }
    }
}

/// As `reload` chooses. A prefix needs no list of cards.
fn fits(choice: &BootLoaderChoice, host: &Host, macs: &BTreeSet<MacAddr>) -> bool {
    if choice.mac_prefix.is_some() {
        return false;
    }
    match (&choice.hosts, &choice.product) {
        (Some(pattern), _) => {
            let macs: Vec<MacAddr> = macs.iter().copied().collect();
            pattern.has_mac(&macs) || host.name.as_ref().is_some_and(|name| pattern.has_name(name))
        }
        (None, Some(product)) => host.firmware.product.as_ref() == Some(product),
        (None, None) => false,
    }
}
