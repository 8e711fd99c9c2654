// SPDX-License-Identifier: GPL-3.0-or-later
//! `answer`: the answer file, against a ticket. The first fetch of an attempt begins it; a further one gets the same bytes,
//! until the installer reports.

use crate::boot::Source;
use crate::boot::identity::Identity;
use crate::boot::token::{Purpose, disk_mark, is_genuine, mint};
use crate::host::{Host, HostState, Permission};
use crate::manager::context::{Context, Failure};
use crate::manager::response::{Problem, Response};
use crate::media;
use crate::render::answer::{Answer, kickstart, node};
use crate::store::{Store, StoreError};
use crate::types::{Line, MacAddr, Method, Timestamp, Token};

/// `cmd=answer`.
pub(crate) fn answer(context: &Context<'_>) -> Result<Response, Failure> {
    // Whatever is wrong with a ticket, the client is told the same.
    let refused = |why: &str| Failure::new(Problem::Refused, why.to_owned());
    let mac = context.mac()?;
    let ticket: Token = context.parameter("ticket")?.parse().map_err(|_| refused("malformed ticket"))?;
    let store = &context.store;
    let key = store.paths.read_site_key()?;
    let situation = context.situation(mac);
    if let Identity::Foreign(other) = situation.identity {
        return Err(refused(&format!("the ticket of {mac}, from the address of {other}")));
    }
    let permission = situation.permission.as_ref().ok_or_else(|| refused("the permission is used up"))?;
    let purpose = Purpose::Ticket(&permission.id);
    if !is_genuine(&key, purpose, &store.cluster.name, situation.mac, &ticket, context.now) {
        return Err(refused("a ticket that is not genuine or has expired"));
    }
    let newest = source_of(store, permission, None)?;

    let host = store.change_host(situation.mac, &context.who(), context.now, |host| {
        if is_current_attempt(host, permission, &ticket) {
            return Ok(None);
        }
        let begun = host.attempts_of(&permission.id);
        // Asked again behind the record: whoever ended the permission did so before changing the record.
        if store.is_spent(&permission.id)? || host.has_ended(permission, store.ever_installed_any(host)?) {
            return Err(refused("the permission of an installation that ended"));
        }
        if ticket.attempt != host.next_attempt()
            || begun >= store.cluster.install.max_attempts
            || !permission.is_current(context.now)
        {
            return Err(refused("the ticket of an attempt that is over, or that nothing permits any more"));
        }
        begin(host, permission, &newest, context.now)?;
        Ok(Some((
            Line::lossy("installation begins"),
            Some(Line::lossy(&format!("{}, attempt {}", permission.distro, ticket.attempt))),
        )))
    })?;

    let text = document(store, &host, permission, situation.interface)?;
    let number = host.attempt.as_ref().map_or(0, |a| a.number);
    let name = host.name.as_ref().map(|n| n.as_str());
    context.log(host.mac(), name, &format!("answer file fetched, attempt {number}"));
    Ok(Response::text(text))
}

/// Begins the next attempt in a record.
pub(crate) fn begin(
    host: &mut Host,
    permission: &Permission,
    source: &Source,
    now: Timestamp,
) -> Result<(), StoreError> {
    let label = host.label();
    host.begin_attempt(&permission.id, permission.distro.clone(), source.build().cloned(), now)
        .map_err(|refused| StoreError::Refused { host: label, refused })
}

/// What a permission installs from: the build that an attempt began with, or the newest one.
pub(crate) fn source_of(store: &Store, permission: &Permission, build: Option<&Line>) -> Result<Source, Failure> {
    media::source(store.paths.distros(), &permission.distro, permission.host_type, build)
        .map_err(|e| Failure::new(Problem::NotAble, e.to_string()))
}

/// The answer file of a host's current attempt: the same bytes each time. Changes nothing, so `host-state render` asks it too.
pub(crate) fn document(
    store: &Store,
    host: &Host,
    permission: &Permission,
    interface: MacAddr,
) -> Result<String, Failure> {
    let unable = |why: String| Failure::new(Problem::NotAble, why);
    let attempt = host.attempt.as_ref().ok_or_else(|| unable("no attempt is recorded".to_owned()))?;
    let source = source_of(store, permission, attempt.build.as_ref())?;
    let key = store.paths.read_site_key()?;
    let expires = attempt.since.plus(store.cluster.install.attempt_lifetime);
    let purpose = Purpose::Report(&permission.id);
    let token = mint(&key, purpose, &store.cluster.name, host.mac(), attempt.number, expires);
    let mark = disk_mark(&key, &permission.id);
    let answer = Answer::new(&store.cluster, host, interface, permission, &source, &token, mark)
        .ok_or_else(|| unable(format!("{}: the record has no address or name; arm the host again", host.label())))?;
    match permission.distro.method() {
        Method::Kickstart => kickstart(&answer).map_err(|e| unable(e.to_string())),
        Method::Image => node(&answer).ok_or_else(|| unable("no image".to_owned())),
    }
}

/// Whether this ticket already began the attempt that stands, and its installer has not reported yet.
fn is_current_attempt(host: &Host, permission: &Permission, ticket: &Token) -> bool {
    host.state() == HostState::Installing
        && host
            .attempt
            .as_ref()
            .is_some_and(|a| a.number == ticket.attempt && a.permission == permission.id && !a.has_reported())
}
