// SPDX-License-Identifier: GPL-3.0-or-later
//! Requests with a bad ticket or token. Each is logged with both addresses and counted; too many of them end the
//! permission of the host.
//!
//! Only hosts that may be installed are counted. Any machine on the LAN can bring a host to the limit. The only effect
//! is that the host is not installed until the operator has looked.

use super::context::RequestContext;
use crate::boot::identity::{Identity, Proof};
use crate::boot_context::BootContext;
use crate::host::HostState;
use crate::store::StoreError;
use crate::types::{FirmwareInfo, Line, one_line};

/// Counts one. A failure here must not change the answer, so it only goes to the log.
pub(super) fn count(context: &RequestContext<'_>, why: &str) {
    let Ok(mac) = context.mac() else { return };
    // Uses the stored firmware information: a stranger's firmware must not decide which rule's permission ends.
    let machine = BootContext::load(&context.store, mac, context.request.remote, &FirmwareInfo::default(), context.now);
    let Some(host) = machine.known() else { return };
    let from = context.request.remote.map_or_else(|| "by hand".to_owned(), |a| format!("from {a}"));
    let sender = match machine.identity {
        Identity::Foreign(other) => format!("{from}, the address of {}", other.colons()),
        Identity::Proven(Proof::ReservedAddress) => format!("{from}, its own address"),
        Identity::Proven(proof) => format!("{from}, known by {proof}"),
        Identity::Unknown => from,
    };
    let own = host.address.map_or_else(|| "no address".to_owned(), |a| a.to_string());
    let name = host.name.as_ref().map(|n| n.as_str());
    context.log(host.mac(), name, &format!("refused: {why} ({sender}; the host has {own})"));
    if let Err(error) = limit(context, &machine) {
        context.diagnostics.add(&one_line(&error));
    }
}

fn limit(context: &RequestContext<'_>, machine: &BootContext) -> Result<(), StoreError> {
    let store = &context.store;
    let most = store.cluster.install.max_refusals;
    let Some(host) = machine.known() else { return Ok(()) };
    if most == 0 {
        return Ok(());
    }
    let installing = host.state() == HostState::Installing;
    let live = machine.live_permission(context.now).is_some();
    if let Some(permission) = machine.permission.as_ref().filter(|_| installing || live) {
        store.refusals().count(permission, most)?;
    }
    // Also if another process counted the last one and died: the count ended the permission, and this follows from it.
    if !store.refusals().has_unmarked(host.mac())? {
        return Ok(());
    }
    let reason = Line::lossy(&format!(
        "disarmed after {most} requests with a bad ticket or token; see host-state log {}, then arm it again",
        host.label()
    ));
    store.hosts().change(host.mac(), &context.who(), context.now, |host| {
        let known = host.reason.replace(reason.clone()).is_some_and(|before| before == reason);
        Ok::<_, StoreError>((!known).then(|| (Line::lossy("disarmed"), Some(reason.clone()))))
    })?;
    // The mark is written last. Until it exists, the next refused request repeats this.
    store.refusals().mark_ended(host.mac())?;
    context.diagnostics.add(&format!("{}: {reason}", host.label()));
    Ok(())
}
