// SPDX-License-Identifier: GPL-3.0-or-later
//! What a person at the console may ask of the administrator. A request permits nothing. The record of the host keeps
//! it, and a machine that was ever installed still boots its disk.

use super::boot::boot_response_now;
use crate::boot::MenuItem;
use crate::boot_context::BootContext;
use crate::host::Event;
use crate::manager::boot_script::script_context;
use crate::manager::context::RequestContext;
use crate::manager::failure::Failure;
use crate::manager::response::Response;
use crate::permitted::Permitted;
use crate::render::scripts;
use crate::store::StoreError;
use crate::types::{Line, MacAddr};

/// Their words in the history.
const UNCONFIGURED: &str = "unconfigured";
const ASKED: &str = "requested that a disk be wiped";
const TAKEN_BACK: &str = "withdrew the request that a disk be wiped";
/// A person does not ask more often than this.
const PAUSE_SECONDS: u64 = 60;

/// `unconfigure`, `reinstall`, `force_install_on` and `force_install_off`.
pub(super) fn request(
    context: &RequestContext<'_>,
    machine: &BootContext,
    item: MenuItem,
) -> Result<Response, Failure> {
    RequestContext::require_proven(machine)?;
    let Some(host) = machine.known() else {
        return Err(Failure::not_now("there is no record of this machine"));
    };
    let (mac, label) = (host.mac(), host.label());
    match item {
        MenuItem::Unconfigure => {
            not_again(context, mac, &[UNCONFIGURED])?;
            unconfigure(context, mac, "unconfigured at the console")?;
            Ok(boot_response_now(context, mac))
        }
        MenuItem::Reinstall => {
            move_state(context, mac, Event::ReinstallAsked)?;
            Ok(message(
                context,
                mac,
                &[
                    "Request recorded. A new installation is not permitted yet: this machine still boots its disk.",
                    &format!("On the provisioning node: host-state reinstall {label}"),
                ],
            ))
        }
        MenuItem::ForceOn => {
            not_again(context, mac, &[ASKED, TAKEN_BACK])?;
            record_force(context, mac, true)?;
            Ok(message(
                context,
                mac,
                &[
                    "Request recorded. It permits nothing: only the operator can name a disk that may be wiped.",
                    &format!("On the provisioning node: host-state arm {label} --type TYPE --wipe SERIAL"),
                ],
            ))
        }
        _ => {
            not_again(context, mac, &[ASKED, TAKEN_BACK])?;
            record_force(context, mac, false)?;
            Ok(message(context, mac, &["Request withdrawn: a disk that is not empty is refused."]))
        }
    }
}

/// Refuses a request that this host made less than a minute ago. Each one leaves a line of history, and an ended
/// permission leaves a mark.
fn not_again(context: &RequestContext<'_>, mac: MacAddr, what: &[&str]) -> Result<(), Failure> {
    if context.store.journal().happened_within(mac, PAUSE_SECONDS, what, context.now)? {
        return Err(Failure::not_now("the same request arrived less than a minute ago; try again in a minute"));
    }
    Ok(())
}

fn message(context: &RequestContext<'_>, mac: MacAddr, sentences: &[&str]) -> Response {
    let machine = context.boot_context(mac);
    Response::script(scripts::message(script_context(&context.store, &machine, context.via()), sentences), None)
}

fn move_state(context: &RequestContext<'_>, mac: MacAddr, event: Event) -> Result<(), Failure> {
    context.store.hosts().change(mac, &context.who(), context.now, |host| {
        let before = host.clone();
        host.apply(event, context.now).map_err(StoreError::refused(host))?;
        Ok::<_, StoreError>(host.differs_from(&before).then(|| (Line::lossy(&event.to_string()), None)))
    })?;
    Ok(())
}

/// Removes the type and every permission for it. Address, name and the mark "ever installed" stay.
pub(super) fn unconfigure(context: &RequestContext<'_>, mac: MacAddr, why: &str) -> Result<(), Failure> {
    let store = &context.store;
    let kept = store.hosts().change(mac, &context.who(), context.now, |host| {
        // Checked before a permission is used: a running installation is not disturbed.
        host.state().apply(Event::Unconfigured).map_err(StoreError::refused(host))?;
        Ok::<_, StoreError>(None)
    })?;
    let kept = kept.firmware;
    // Ends what rules and windows permit too, the narrower and the wider. Otherwise the machine would get its type back
    // at its next boot.
    for firmware in [&context.firmware, &kept] {
        let permitted = Permitted::load(store, mac, firmware, context.now);
        for permission in &permitted.permissions {
            store.permissions().mark_used(permission, why)?;
        }
        // What could be read has ended. If something could not be read, the record stays as it is and the sender gets
        // an error.
        permitted.all()?;
    }
    store.hosts().change(mac, &context.who(), context.now, |host| {
        let before = host.clone();
        host.apply(Event::Unconfigured, context.now).map_err(StoreError::refused(host))?;
        host.host_type = None;
        host.profile = None;
        host.reason = None;
        host.force_asked = false;
        Ok::<_, StoreError>(host.differs_from(&before).then(|| (Line::lossy(UNCONFIGURED), None)))
    })?;
    Ok(())
}

pub(super) fn record_force(context: &RequestContext<'_>, mac: MacAddr, asked: bool) -> Result<(), Failure> {
    context.store.hosts().change(mac, &context.who(), context.now, |host| {
        if host.force_asked == asked {
            return Ok::<_, StoreError>(None);
        }
        host.force_asked = asked;
        Ok(Some((Line::lossy(if asked { ASKED } else { TAKEN_BACK }), None)))
    })?;
    Ok(())
}
