// SPDX-License-Identifier: GPL-3.0-or-later
//! Addresses that other machines of the network use now.

use crate::program::{self, Ended, Exit};
use hps::host::Host;
use hps::reservation::{AddressConflict, Addresses, conflicts};
use hps::store::Store;
use hps::types::one_line;
use hps::wire::AddressProbe;

/// The hosts among these whose address another machine uses. A network that cannot be asked is reported.
pub(super) fn used_by_others<'h>(store: &Store, hosts: impl IntoIterator<Item = &'h Host>) -> Vec<AddressConflict> {
    let mut hosts = hosts.into_iter().peekable();
    if hosts.peek().is_none() {
        return Vec::new();
    }
    conflicts(&AddressProbe::new(&store.cluster.network), hosts).unwrap_or_else(|error| {
        let why = one_line(&error);
        program::eprint(format_args!("host-state: nobody looked for addresses that are in use: {why}"));
        Vec::new()
    })
}

/// What to do about an address that an administrator gave.
pub(super) fn refusal(conflict: &AddressConflict) -> String {
    format!(
        "{}: address {}; choose another address, or add this MAC to the macs of the host if it is one of its cards",
        conflict.host, conflict.used
    )
}

/// Refuses records with an address that another machine uses.
pub(super) fn refuse<'h>(store: &Store, hosts: impl IntoIterator<Item = &'h Host>) -> anyhow::Result<()> {
    match used_by_others(store, hosts).first() {
        Some(conflict) => Err(Ended::error(Exit::Refused, refusal(conflict))),
        None => Ok(()),
    }
}

/// Prints which addresses were passed over.
pub(super) fn report(addresses: &Addresses<'_>) {
    for note in addresses.notes() {
        program::eprint(format_args!("host-state: {note}"));
    }
}
