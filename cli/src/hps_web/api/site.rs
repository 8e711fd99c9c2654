// SPDX-License-Identifier: GPL-3.0-or-later
//! What is known of the site: how it stands, who waits, and what happens.

use super::{Query, find_host};
use crate::front::gather;
use crate::front::status::Status;
use crate::hps_web::http::{Reply, Request, Response};
use crate::hps_web::site::{Current, Snapshot};
use crate::program::{Ended, Exit};
use std::sync::Arc;

/// The hosts.
///
/// # Errors
/// [`Exit::Busy`] while they are not known. The reason may quote a line of a file of settings, so only the log of this
/// server has it.
pub(in crate::hps_web) fn snapshot(current: &Current) -> anyhow::Result<Arc<Snapshot>> {
    let unknown = |_why| Ended::error(Exit::Busy, "the site cannot be read now; see: host-state check");
    current.snapshot().map_err(unknown)
}

/// How the site stands.
pub(in crate::hps_web) fn standing(current: &Current) -> anyhow::Result<Status> {
    let snapshot = snapshot(current)?;
    let slow = current.slow();
    let hosts = snapshot.hosts.values().map(|known| known.host());
    let status = gather::status(&snapshot.store, &slow.surroundings, hosts, slow.unknown);
    Ok(Status { unreadable: snapshot.unreadable.clone(), ..status }.judged())
}

pub(super) fn status(current: &Current) -> anyhow::Result<Response> {
    Ok(Response::json(&standing(current)?)?)
}

pub(super) fn pending(current: &Current) -> anyhow::Result<Response> {
    snapshot(current)?;
    let slow = current.slow();
    let text = if slow.waiting_json.is_empty() { "[]" } else { &slow.waiting_json };
    Ok(Response::new("application/json", format!("{text}\n").into_bytes()))
}

pub(super) fn windows(current: &Current) -> anyhow::Result<Response> {
    Ok(Response::json(&snapshot(current)?.store.windows().not_closed()?)?)
}

/// What becomes of hosts, as `host-state watch --json` has it; with a host the lines of its log too.
pub(super) fn events(current: &Current, request: &Request, query: &mut Query) -> anyhow::Result<Reply> {
    let host = query.take::<String>("host")?;
    query.end()?;
    let topic = match host {
        Some(host) => Some(find_host(&*snapshot(current)?, &host)?.colons()),
        None => None,
    };
    if request.method == crate::hps_web::http::Method::Head {
        return Ok(Reply::Whole(Response::new("text/event-stream", Vec::new())));
    }
    // A browser that lost the connection comes back after so many milliseconds.
    Ok(Reply::Events { topic, first: "retry: 3000\n\n".to_owned() })
}
