// SPDX-License-Identifier: GPL-3.0-or-later
//! The page: HTML that can be read without a script, made from the same values as the API.

mod frame;
mod host;
mod hosts;
mod overview;
mod racks;
mod row;
mod templates;

pub(super) use templates::Templates;

use super::api::{Query, refusal};
use super::http::{Method, Reply, Request, Response, Status};
use super::site::Current;
use crate::program::{Ended, Exit};
use templates::Page;

const CSS: &str = include_str!("hps.css");
const SCRIPT: &str = include_str!("hps.js");
const ICON: &str = include_str!("icon.svg");

/// The answer to a request that is not for the API.
pub(super) fn answer(current: &Current, templates: &Templates, request: &Request) -> Reply {
    if let Some(file) = file(&request.path) {
        return Reply::Whole(file.with_field("Cache-Control", "max-age=3600"));
    }
    if !matches!(request.method, Method::Get | Method::Head) {
        let refusal = Response::error(Status::MethodNotAllowed, "this address only reads: use GET");
        return Reply::Whole(refusal.with_field("Allow", "GET, HEAD"));
    }
    let page = Query::new(&request.query).and_then(|mut query| {
        let page = page(current, &request.path, &mut query)?;
        query.end().map(|()| page)
    });
    let response = page.and_then(|page| templates.render(&page)).unwrap_or_else(|error| {
        let json = refusal(&error);
        let why = crate::program::error_lines(&error).join("; ");
        let page = Page::error(json.status, why);
        // A page that cannot be rendered is still an answer.
        templates.render(&page).map_or(json, |html| html.with_status(page.status))
    });
    Reply::Whole(response)
}

fn page(current: &Current, path: &str, query: &mut Query) -> anyhow::Result<Page> {
    let parts: Vec<&str> = path.trim_start_matches('/').split('/').collect();
    match parts.as_slice() {
        [""] => overview::page(current),
        ["hosts"] => hosts::page(current, query),
        ["hosts", host] => host::page(current, host),
        ["racks"] => racks::page(current, query),
        _ => Err(Ended::error(Exit::NotFound, "there is no such page")),
    }
}

/// A file that pages use.
fn file(path: &str) -> Option<Response> {
    let (kind, text) = match path {
        "/static/hps.css" => ("text/css; charset=utf-8", CSS),
        "/static/hps.js" => ("text/javascript; charset=utf-8", SCRIPT),
        "/static/icon.svg" => ("image/svg+xml", ICON),
        _ => return None,
    };
    Some(Response::new(kind, text.as_bytes()))
}
