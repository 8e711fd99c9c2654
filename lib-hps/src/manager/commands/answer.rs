// SPDX-License-Identifier: GPL-3.0-or-later
//! `answer`: the answer file, against a ticket. The first fetch of an attempt begins it; a further one gets the same bytes,
//! until the installer reports.

use crate::boot::Source;
use crate::boot::identity::Identity;
use crate::boot::token::{DiskMark, Purpose, disk_mark, is_genuine, mint};
use crate::host::{Host, HostState, Permission};
use crate::manager::context::{Context, Failure};
use crate::manager::response::{Problem, Response};
use crate::media;
use crate::render::answer::{Answer, kickstart, node};
use crate::situation::Situation;
use crate::store::StoreError;
use crate::types::{Line, Method, Token};

/// `cmd=answer`.
pub(crate) fn answer(context: &Context<'_>) -> Result<Response, Failure> {
    // Whatever is wrong with a ticket, the client is told the same.
    let refused = |why: &str| Failure::new(Problem::Refused, why.to_owned());
    let mac = context.mac()?;
    let ticket: Token = context.parameter("ticket")?.parse().map_err(|_| refused("malformed ticket"))?;
    let store = &context.store;
    let key = store.paths.read_site_key()?;
    let situation = Situation::gather(store, mac, context.request.remote, context.now);
    if let Identity::Foreign(other) = situation.identity {
        return Err(refused(&format!("the ticket of {mac}, from the address of {other}")));
    }
    let permission = situation.permission.as_ref().ok_or_else(|| refused("the permission is used up"))?;
    if !is_genuine(&key, Purpose::Ticket(&permission.id), &store.cluster.name, mac, &ticket, context.now) {
        return Err(refused("a ticket that is not genuine or has expired"));
    }
    let newest = media::source(store.paths.distros(), &permission.distro, permission.host_type, None)
        .map_err(|e| Failure::new(Problem::NotAble, e.to_string()))?;

    let host = store.change_host(mac, &context.who(), context.now, |host| {
        if is_current_attempt(host, permission, &ticket) {
            return Ok(None);
        }
        let begun = host.attempts_of(&permission.id);
        // Asked again behind the record: whoever ended the permission did so before changing the record.
        let unspent = store.permission(mac, context.now)?.is_some_and(|p| p.id == permission.id);
        if !unspent || host.has_ended(permission, store.ever_installed(mac)?) {
            return Err(refused("the permission of an installation that ended"));
        }
        if ticket.attempt != host.next_attempt()
            || begun >= store.cluster.install.max_attempts
            || !permission.is_current(context.now)
        {
            return Err(refused("the ticket of an attempt that is over, or that nothing permits any more"));
        }
        host.begin_attempt(&permission.id, permission.distro.clone(), newest.build().cloned(), context.now)
            .map_err(|refused| StoreError::Refused { host: host.label(), refused })?;
        Ok(Some((
            Line::lossy("installation begins"),
            Some(Line::lossy(&format!("{}, attempt {}", permission.distro, ticket.attempt))),
        )))
    })?;

    let attempt = host.attempt.as_ref().ok_or_else(|| Failure::new(Problem::NotAble, "no attempt is recorded"))?;
    let source = media::source(store.paths.distros(), &permission.distro, permission.host_type, attempt.build.as_ref())
        .map_err(|e| Failure::new(Problem::NotAble, e.to_string()))?;
    let expires = attempt.since.plus(store.cluster.install.attempt_lifetime);
    let token = mint(&key, Purpose::Report(&permission.id), &store.cluster.name, mac, attempt.number, expires);
    let text = render(context, &host, permission, &source, &token, disk_mark(&key, &permission.id))?;
    let name = host.name.as_ref().map(|n| n.as_str());
    context.log(mac, name, &format!("answer file fetched, attempt {}", attempt.number));
    Ok(Response::text(text))
}

/// Whether this ticket already began the attempt that stands, and its installer has not reported yet.
fn is_current_attempt(host: &Host, permission: &Permission, ticket: &Token) -> bool {
    host.state() == HostState::Installing
        && host
            .attempt
            .as_ref()
            .is_some_and(|a| a.number == ticket.attempt && a.permission == permission.id && !a.has_reported())
}

fn render(
    context: &Context<'_>,
    host: &Host,
    permission: &Permission,
    source: &Source,
    token: &Token,
    mark: DiskMark,
) -> Result<String, Failure> {
    let unable = |why: String| Failure::new(Problem::NotAble, why);
    let answer = Answer::new(&context.store.cluster, host, permission, source, token, mark)
        .ok_or_else(|| unable(format!("{}: the record has no address or name; arm the host again", host.label())))?;
    match permission.distro.method() {
        Method::Kickstart => kickstart(&answer).map_err(|e| unable(e.to_string())),
        Method::Image => node(&answer).ok_or_else(|| unable("no image".to_owned())),
    }
}
