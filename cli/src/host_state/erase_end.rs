// SPDX-License-Identifier: GPL-3.0-or-later
//! The end of a permission to erase disks: it is cancelled, or its host leaves or gets another machine.

use super::operator::who;
use crate::program;
use hps::host::Host;
use hps::store::Store;
use hps::types::MacAddr;

/// Ends the permission to erase disks of a host, if it has one, and says so: the host leaves, or its machine is another
/// one from now on.
///
/// # Errors
/// The files.
pub(super) fn end(store: &Store, mac: MacAddr, label: &str, why: &str) -> anyhow::Result<()> {
    let now = program::now();
    let running = store.erasures().is_running(mac, now)?;
    let Some(permission) = store.erasures().revoke(mac, why, now)? else { return Ok(()) };
    let note = format!("{why}: {}, given by {}", permission.serials(), permission.given_by);
    store.journal().note(mac, &who(), now, "permission to erase ended", &note)?;
    if running {
        program::eprint(format_args!(
            "host-state: {label}: the erase of {} is running, and goes on until the machine is switched off",
            permission.serials()
        ));
    }
    Ok(())
}

/// The same where the caller does not end it on purpose.
pub(super) fn end_with(store: &Store, host: &Host, why: &str) -> anyhow::Result<()> {
    if let Some(permission) = store.erasures().open_permission(host.mac())? {
        program::eprint(format_args!(
            "host-state: {}: the permission to erase {} ends",
            host.label(),
            permission.serials()
        ));
    }
    end(store, host.mac(), &host.label(), why)
}
