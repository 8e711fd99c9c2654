// SPDX-License-Identifier: GPL-3.0-or-later
//! The JSON API: each answer is that of a command of `host-state` with `--json`. `openapi.json` describes it.

mod find;
mod hosts;
mod one_host;
mod query;
mod site;

pub(super) use find::find_host;
pub(super) use hosts::{Wanted, order_word};
pub(super) use query::Query;
pub(super) use site::{snapshot, standing};

use super::change::{ACTIONS, Changes};
use super::http::{Method, Reply, Request, Response, Status};
use super::site::Current;
use crate::program::{Exit, error_lines, exit_of};

/// The description of the API (OpenAPI 3.1).
pub(super) const DESCRIPTION: &str = include_str!("openapi.json");

/// The begin of every path of it.
pub(super) const BEGIN: &str = "/api/v1/";

/// The answer to a request below [`BEGIN`].
pub(super) fn answer(current: &Current, changes: &Changes, request: &Request) -> Reply {
    let path = request.path.strip_prefix(BEGIN).unwrap_or_default();
    let parts: Vec<&str> = path.split('/').collect();
    if let ["hosts", host, action] = parts.as_slice()
        && ACTIONS.contains(action)
    {
        return Reply::Whole(match request.method {
            Method::Post => changes.answer(host, action, request),
            _ => Response::error(Status::MethodNotAllowed, "this address changes something: use POST")
                .with_field("Allow", "POST"),
        });
    }
    let known = matches!(
        parts.as_slice(),
        ["openapi.json" | "status" | "hosts" | "pending" | "windows" | "events"]
            | ["hosts", _]
            | ["hosts", _, "history" | "log" | "install-log" | "explain"]
    );
    if !known {
        return Reply::Whole(Response::error(Status::NotFound, "there is no such address; see /api/v1/openapi.json"));
    }
    if !matches!(request.method, Method::Get | Method::Head) {
        let refusal = Response::error(Status::MethodNotAllowed, "this address only reads: use GET");
        return Reply::Whole(refusal.with_field("Allow", "GET, HEAD"));
    }
    if !request.body.is_empty() {
        return Reply::Whole(Response::error(Status::BadRequest, "this address takes no body"));
    }
    let reply = Query::new(&request.query).and_then(|mut query| {
        let reply = read(current, &parts, request, &mut query)?;
        query.end().map(|()| reply)
    });
    reply.unwrap_or_else(|error| Reply::Whole(refusal(&error)))
}

fn read(current: &Current, parts: &[&str], request: &Request, query: &mut Query) -> anyhow::Result<Reply> {
    let whole = |response: anyhow::Result<Response>| response.map(Reply::Whole);
    match parts {
        ["openapi.json"] => whole(Ok(Response::new("application/json", DESCRIPTION.as_bytes()))),
        ["status"] => whole(site::status(current)),
        ["pending"] => whole(site::pending(current)),
        ["windows"] => whole(site::windows(current)),
        ["events"] => site::events(current, request, query),
        ["hosts"] => whole(hosts::list(current, query)),
        ["hosts", host] => whole(one_host::show(current, host)),
        ["hosts", host, "history"] => whole(one_host::history(current, host, query)),
        ["hosts", host, "log"] => whole(one_host::log(current, host, query)),
        ["hosts", host, "install-log"] => whole(one_host::install_log(current, host, query)),
        ["hosts", host, "explain"] => whole(one_host::explain(current, host, query)),
        _ => Err(crate::program::Ended::error(Exit::NotFound, "there is no such address")),
    }
}

/// An error as an answer, with the status that fits its exit code.
pub(super) fn refusal(error: &anyhow::Error) -> Response {
    let status = match exit_of(error) {
        Exit::Usage => Status::BadRequest,
        Exit::NotFound => Status::NotFound,
        Exit::Refused => Status::Conflict,
        Exit::Busy => Status::Unavailable,
        _ => Status::Failed,
    };
    Response::error(status, &error_lines(error).join("; "))
}

#[cfg(test)]
mod tests;
