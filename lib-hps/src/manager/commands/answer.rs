// SPDX-License-Identifier: GPL-3.0-or-later
//! `answer`: the answer file. The sender proves itself by a ticket or, if the cluster permits it, by its address. The
//! first fetch of an attempt begins it. A further fetch gets the same bytes until the installer reports.

use crate::answer::{AnswerError, AnswerInputs, AttemptMedia, MediaFolders};
use crate::boot::identity::Identity;
use crate::boot::token::{Purpose, TokenSubject, is_genuine};
use crate::boot::{Decision, Source};
use crate::boot_context::{BootContext, check_system, site_profiles};
use crate::host::{Host, HostState, Permission};
use crate::manager::boot_script::TICKET_LIFETIME;
use crate::manager::context::RequestContext;
use crate::manager::failure::Failure;
use crate::manager::response::{Problem, Response};
use crate::media;
use crate::reservation::ensure_reserved;
use crate::store::{Store, StoreError};
use crate::types::{Line, MacAddr, Timestamp, Token};

/// `cmd=answer`.
pub(crate) fn answer(context: &RequestContext<'_>) -> Result<Response, Failure> {
    let (machine, credential) = with_ticket(context)?;
    hand_over(context, &machine, permission_of(&machine)?, &credential)
}

/// Begins the attempt of a ticket, or continues it, as a fetched answer file would.
pub(super) fn begin_with_ticket(context: &RequestContext<'_>) -> Result<Host, Failure> {
    let (machine, credential) = with_ticket(context)?;
    take_attempt(context, &machine, permission_of(&machine)?, &credential)
}

fn permission_of(machine: &BootContext) -> Result<&Permission, Failure> {
    machine.permission.as_ref().ok_or_else(|| Failure::refused("the permission ended"))
}

/// A request with a ticket that is genuine.
fn with_ticket(context: &RequestContext<'_>) -> Result<(BootContext, Credential), Failure> {
    let mac = context.mac()?;
    let ticket: Token = context.parameter("ticket")?.parse().map_err(|_| Failure::refused("malformed ticket"))?;
    let store = &context.store;
    let key = store.site_key().read()?;
    let machine = context.boot_context(mac);
    if let Identity::Foreign(other) = machine.identity {
        return Err(Failure::refused(format!("the ticket of {mac}, from the address of {other}")));
    }
    let purpose = Purpose::Ticket(&permission_of(&machine)?.id);
    let subject = TokenSubject { cluster: &store.cluster.name, mac: machine.mac, purpose };
    if !is_genuine(&key, subject, &ticket, context.now) {
        return Err(Failure::refused("a ticket that is not genuine or has expired"));
    }
    Ok((machine, Credential::Ticket(ticket)))
}

/// The answer file without a ticket, for `kickstart`. A ticket proves that a boot was decided; without one this
/// function asks the boot decision.
pub(super) fn to_proven_sender(context: &RequestContext<'_>, machine: &BootContext) -> Result<Response, Failure> {
    RequestContext::require_proven(machine)?;
    let permission = machine.permission.as_ref().ok_or_else(|| Failure::refused("nothing permits an installation"))?;
    let may_begin = matches!(machine.decide(&context.store.cluster, context.now), Decision::Install(_));
    let credential = Credential::Sender { may_begin };
    // Checked before a record is touched: there may be none.
    if !may_begin && !machine.known().is_some_and(|host| credential.continues(host, permission, context.now)) {
        return Err(Failure::refused("nothing permits an installation now"));
    }
    hand_over(context, machine, permission, &credential)
}

/// What entitles a client to an answer file.
enum Credential {
    /// The ticket of one attempt, from the kernel's command line.
    Ticket(Token),
    /// Its address, if the cluster accepts that as proof.
    Sender {
        /// Whether the boot decision would install it now.
        may_begin: bool,
    },
}

fn hand_over(
    context: &RequestContext<'_>,
    machine: &BootContext,
    permission: &Permission,
    credential: &Credential,
) -> Result<Response, Failure> {
    let host = take_attempt(context, machine, permission, credential)?;
    ensure_reserved(&context.store, &host)?;
    let text = document(&context.store, &host, permission, machine.interface)?;
    let number = host.attempt.as_ref().map_or(0, |a| a.number);
    let name = host.name.as_ref().map(|n| n.as_str());
    context.log(host.mac(), name, &format!("answer file fetched, attempt {number}"));
    Ok(Response::text(text))
}

/// The record with the attempt: the one that the client began already, or the next one, which begins now.
fn take_attempt(
    context: &RequestContext<'_>,
    machine: &BootContext,
    permission: &Permission,
    credential: &Credential,
) -> Result<Host, Failure> {
    let store = &context.store;
    let newest = source_of(store, permission, None)?;
    // Held over check and record: an installation that ends meanwhile ends before this or after it.
    let _locked = store.hosts().lock_installation(machine.mac)?;
    store.hosts().change(machine.mac, &context.who(), context.now, |host| {
        // Checked again after the record was locked: a program ends a permission before it changes the record.
        if let Some(dead) = store.installed_marks().installed_host(host)?.outdates(permission, Some(host)) {
            return Err(Failure::refused(format!("a permission that {dead}")));
        }
        if credential.continues(host, permission, context.now) {
            return Ok(None);
        }
        let begun = host.attempts_of(&permission.id);
        if store.permissions().is_ended(permission)? {
            return Err(Failure::refused("the permission of an installation that ended"));
        }
        if !credential.may_begin(host)
            || begun >= store.cluster.install.max_attempts
            || !permission.is_current(context.now)
        {
            return Err(Failure::refused("an attempt that is over, or that is no longer permitted"));
        }
        if !host.has_address_and_name() {
            let why = format!("{}: the record has no address or name; arm the host again", host.label());
            return Err(Failure::new(Problem::NotAble, why));
        }
        begin(store, host, permission, &newest, context.now)?;
        let attempt = host.attempt.as_ref().map_or(0, |a| a.number);
        Ok(Some((
            Line::lossy("installation begins"),
            Some(Line::lossy(&format!("{}, attempt {attempt}", permission.distro))),
        )))
    })
}

/// Begins the next attempt in a record.
pub(crate) fn begin(
    store: &Store,
    host: &mut Host,
    permission: &Permission,
    source: &Source,
    now: Timestamp,
) -> Result<(), Failure> {
    let media = AttemptMedia::find(&store.cluster, folders(store), &permission.distro, permission.host_type, source)?;
    Ok(media.begin_attempt(host, permission, source, now).map_err(StoreError::refused(host))?)
}

fn folders(store: &Store) -> MediaFolders<'_> {
    MediaFolders { distros: store.paths.distros(), packages: store.paths.packages() }
}

/// What a permission installs from: the build that an attempt began with, or the newest one.
pub(crate) fn source_of(store: &Store, permission: &Permission, build: Option<&Line>) -> Result<Source, Failure> {
    Ok(media::source(store.paths.distros(), &permission.distro, permission.host_type, build)?)
}

/// The answer file of a host's current attempt: the same bytes each time. It changes nothing, so `host-state render`
/// calls it too.
pub(crate) fn document(
    store: &Store,
    host: &Host,
    permission: &Permission,
    interface: MacAddr,
) -> Result<String, Failure> {
    let attempt = host.attempt.as_ref().ok_or(AnswerError::NoAttempt)?;
    let source = source_of(store, permission, attempt.build.as_ref())?;
    let key = store.site_key().read()?;
    let profiles = site_profiles(store, permission, host.mac(), Some(host))?;
    // The cluster file may have been changed since the machine was sent here.
    check_system(store, permission, &source, &profiles)?;
    let inputs = AnswerInputs::collect(folders(store), &key, &store.cluster, host, permission, &source, &profiles)?;
    Ok(inputs.answer_file(interface)?)
}

impl Credential {
    /// Whether the sender already began the current attempt, and the installer has not reported yet. Without a ticket
    /// this holds as long as a ticket would live: a machine that comes back later begins another attempt, which is
    /// counted.
    fn continues(&self, host: &Host, permission: &Permission, now: Timestamp) -> bool {
        host.state() == HostState::Installing
            && host.attempt.as_ref().is_some_and(|a| {
                a.permission == permission.id
                    && !a.has_reported()
                    && match self {
                        Self::Ticket(ticket) => a.number == ticket.attempt,
                        Self::Sender { .. } => now.since(a.since) < TICKET_LIFETIME.as_secs(),
                    }
            })
    }

    /// Whether it is valid for the next attempt of this record.
    fn may_begin(&self, host: &Host) -> bool {
        match self {
            Self::Ticket(ticket) => ticket.attempt == host.next_attempt(),
            Self::Sender { may_begin } => *may_begin,
        }
    }
}
