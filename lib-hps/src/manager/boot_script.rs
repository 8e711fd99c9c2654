// SPDX-License-Identifier: GPL-3.0-or-later
//! A boot decision as the script that the machine receives.

use super::failure::{Failure, without_paths};
use crate::boot::token::{Purpose, TokenSubject, mint};
use crate::boot::{Decision, Install};
use crate::boot_context::BootContext;
use crate::render::scripts::{self, ScriptContext, Shims};
use crate::store::Store;
use crate::types::{Distro, Lifetime, Line, Loader, Timestamp, Token};

/// Tickets expire at a full hour, so that a repeated request gets the same script. A slow machine fetches kernel and
/// initrd first, so a ticket lives for at least one hour. A ticket also ends when the installer reports.
pub(super) const TICKET_LIFETIME: Lifetime = Lifetime::HOUR;

/// What a machine came through.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Via<'a> {
    /// Whose scripts it reads.
    pub(crate) loader: Loader,
    /// The line of releases whose shim started it; `None` for Debian's.
    pub(crate) shim: Option<&'a Distro>,
}

/// The script of one decision.
pub(crate) struct BootScript {
    /// The bytes.
    pub(crate) text: String,
    /// Whether it stops the machine until a person corrects what the script names.
    pub(crate) stopped: bool,
    /// Why it does not carry out the decision, if it does not.
    pub(crate) failure: Option<Failure>,
}

impl BootScript {
    /// Renders it. It changes nothing, so `host-state render` uses it too.
    pub(crate) fn new(store: &Store, machine: &BootContext, decision: &Decision, via: Via<'_>, now: Timestamp) -> Self {
        let script = script_context(store, machine, via);
        match decision {
            Decision::Install(install) => match installer_ticket(store, machine, install, now) {
                Ok(ticket) => {
                    let stopped = scripts::check_installer(script, install, &ticket).is_err();
                    Self { text: scripts::decision(script, decision, Some(&ticket)), stopped, failure: None }
                }
                Err(failure) => Self::without_key(script, failure),
            },
            Decision::Task(task) => {
                let purpose = Purpose::TaskTicket(&task.request.id);
                match ticket(store, machine, purpose, 1, now) {
                    Ok(ticket) => Self::going_on(scripts::decision(script, decision, Some(&ticket))),
                    Err(failure) => Self::without_key(script, failure),
                }
            }
            Decision::Erase(erase) => {
                let purpose = Purpose::Ticket(&erase.permission.id);
                match ticket(store, machine, purpose, erase.attempt, now) {
                    Ok(ticket) => {
                        let stopped = scripts::check_erase(script, erase, &ticket).is_err();
                        Self { text: scripts::decision(script, decision, Some(&ticket)), stopped, failure: None }
                    }
                    Err(failure) => Self::without_key(script, failure),
                }
            }
            Decision::Stop(why) => {
                let stop = Decision::Stop(Line::lossy(&without_paths(why.as_str())));
                Self { text: scripts::decision(script, &stop, None), stopped: true, failure: None }
            }
            other => Self::going_on(scripts::decision(script, other, None)),
        }
    }

    fn going_on(text: String) -> Self {
        Self { text, stopped: false, failure: None }
    }

    fn without_key(script: ScriptContext<'_>, failure: Failure) -> Self {
        let why = "the site key of the provisioning node cannot be read; see the log of its web server";
        let stop = Decision::Stop(Line::lossy(why));
        Self { text: scripts::decision(script, &stop, None), stopped: true, failure: Some(failure) }
    }
}

/// The facts that the scripts of a machine are rendered from.
pub(super) fn script_context<'a>(store: &'a Store, machine: &'a BootContext, via: Via<'a>) -> ScriptContext<'a> {
    ScriptContext {
        cluster: &store.cluster,
        mac: machine.interface,
        host: machine.known(),
        probable_host: machine.probable_host.as_deref(),
        was_installed: machine.was_installed(),
        has_storage: store.hosts().has_storage(),
        loader: via.loader,
        shims: Shims { started: via.shim, offered: machine.offered_shim.as_ref() },
    }
}

fn installer_ticket(store: &Store, machine: &BootContext, install: &Install, now: Timestamp) -> Result<Token, Failure> {
    ticket(store, machine, Purpose::Ticket(&install.permission.id), install.attempt, now)
}

fn ticket(
    store: &Store,
    machine: &BootContext,
    purpose: Purpose<'_>,
    attempt: u32,
    now: Timestamp,
) -> Result<Token, Failure> {
    let key = store.site_key().read()?;
    let expires = now.plus(TICKET_LIFETIME).next_full_hour();
    let subject = TokenSubject { cluster: &store.cluster.name, mac: machine.mac, purpose };
    Ok(mint(&key, subject, attempt, expires))
}
