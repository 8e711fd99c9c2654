// SPDX-License-Identifier: GPL-3.0-or-later
//! What a person at the console may ask the operator for. A wish permits nothing: it is kept with the host, and a machine that
//! was ever installed goes on booting its disk.

use super::install::prove;
use super::menu::tell_again;
use crate::boot::MenuItem;
use crate::host::Event;
use crate::manager::context::{Context, Failure};
use crate::manager::response::{Problem, Response};
use crate::render::scripts;
use crate::situation::{Permitted, Situation};
use crate::store::StoreError;
use crate::types::{Line, MacAddr};

/// How they stand in the history.
const UNCONFIGURED: &str = "unconfigured";
const ASKED: &str = "asked that a disk may be wiped";
const TAKEN_BACK: &str = "took back that a disk may be wiped";
/// A person does not wish faster.
const PAUSE_SECONDS: u64 = 60;

/// `unconfigure`, `reinstall`, `force_install_on` and `force_install_off`.
pub(super) fn wish(context: &Context<'_>, situation: &Situation, item: MenuItem) -> Result<Response, Failure> {
    prove(situation)?;
    let Some(host) = situation.known() else {
        return Err(Failure::new(Problem::NotNow, "there is no record of this machine"));
    };
    let (mac, label) = (host.mac(), host.label());
    match item {
        MenuItem::Unconfigure => {
            not_again(context, mac, &[UNCONFIGURED])?;
            unconfigure(context, mac, "unconfigured at the console")?;
            Ok(tell_again(context, situation))
        }
        MenuItem::Reinstall => {
            move_state(context, mac, Event::ReinstallAsked)?;
            Ok(message(
                context,
                mac,
                &[
                    "A new installation was asked for. It is not permitted yet, and this machine goes on booting its disk.",
                    &format!("On the provisioning node: host-state reinstall {label}"),
                ],
            ))
        }
        MenuItem::ForceOn => {
            not_again(context, mac, &[ASKED, TAKEN_BACK])?;
            note_force(context, mac, true)?;
            Ok(message(
                context,
                mac,
                &[
                    "The wish is noted. It permits nothing: only the operator can name a disk that may be wiped.",
                    &format!("On the provisioning node: host-state arm {label} --type TYPE --wipe SERIAL"),
                ],
            ))
        }
        _ => {
            not_again(context, mac, &[ASKED, TAKEN_BACK])?;
            note_force(context, mac, false)?;
            Ok(message(context, mac, &["The wish is taken back: a disk that carries anything is refused."]))
        }
    }
}

/// Refuses what this host did less than a minute ago: each time leaves a line of history, and ending a permission a mark.
fn not_again(context: &Context<'_>, mac: MacAddr, what: &[&str]) -> Result<(), Failure> {
    if context.store.happened_within(mac, PAUSE_SECONDS, what, context.now)? {
        return Err(Failure::new(Problem::NotNow, "this was asked less than a minute ago; try again in a minute"));
    }
    Ok(())
}

fn message(context: &Context<'_>, mac: MacAddr, sentences: &[&str]) -> Response {
    let situation = context.situation(mac);
    Response::script(scripts::message(situation.scene(&context.store), sentences), None)
}

fn move_state(context: &Context<'_>, mac: MacAddr, event: Event) -> Result<(), Failure> {
    context.store.change_host(mac, &context.who(), context.now, |host| {
        let before = host.clone();
        host.apply(event, context.now).map_err(|refused| StoreError::Refused { host: host.label(), refused })?;
        Ok::<_, StoreError>(host.differs_from(&before).then(|| (Line::lossy(&event.to_string()), None)))
    })?;
    Ok(())
}

/// The type goes, and with it every permission for it. Address and name stay its own, and so does the mark that it was installed.
pub(super) fn unconfigure(context: &Context<'_>, mac: MacAddr, why: &str) -> Result<(), Failure> {
    let store = &context.store;
    let kept = store.change_host(mac, &context.who(), context.now, |host| {
        // Asked before anything is spent: a running installation is not disturbed.
        host.state()
            .apply(Event::Unconfigured)
            .map_err(|refused| StoreError::Refused { host: host.label(), refused })?;
        Ok::<_, StoreError>(None)
    })?;
    let kept = kept.claims;
    // What rules and windows give ends too, the narrower and the wider: else the machine would be what it was at its next boot.
    for claims in [&context.claims, &kept] {
        let permitted = Permitted::gather(store, mac, claims, context.now);
        for permission in &permitted.permissions {
            store.mark_used(permission, why)?;
        }
        // What could be read has ended; what could not keeps the record as it is, and the sender is not told that it is done.
        permitted.all().map_err(|problem| Failure::new(Problem::NotAble, problem))?;
    }
    store.change_host(mac, &context.who(), context.now, |host| {
        let before = host.clone();
        host.apply(Event::Unconfigured, context.now)
            .map_err(|refused| StoreError::Refused { host: host.label(), refused })?;
        host.host_type = None;
        host.profile = None;
        host.reason = None;
        host.force_asked = false;
        Ok::<_, StoreError>(host.differs_from(&before).then(|| (Line::lossy(UNCONFIGURED), None)))
    })?;
    Ok(())
}

pub(super) fn note_force(context: &Context<'_>, mac: MacAddr, asked: bool) -> Result<(), Failure> {
    context.store.change_host(mac, &context.who(), context.now, |host| {
        if host.force_asked == asked {
            return Ok::<_, StoreError>(None);
        }
        host.force_asked = asked;
        Ok(Some((Line::lossy(if asked { ASKED } else { TAKEN_BACK }), None)))
    })?;
    Ok(())
}
