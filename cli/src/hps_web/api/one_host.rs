// SPDX-License-Identifier: GPL-3.0-or-later
//! What is known of one host: read from its files at each request, so that it is never old.

use super::{Query, find_host};
use crate::host_state::history::newest;
use crate::host_state::log::{self, LogLine};
use crate::host_state::{explain, show};
use crate::hps_web::http::Response;
use crate::hps_web::site::Current;
use crate::program::{self, Ended, Exit};
use hps::types::{Lifetime, printable};
use std::net::Ipv4Addr;

/// The most lines of one answer, and how many there are without `lines`.
const MAX_LINES: usize = 5000;
const LINES: usize = 200;

pub(super) fn show(current: &Current, host: &str) -> anyhow::Result<Response> {
    let snapshot = super::site::snapshot(current)?;
    let store = &snapshot.store;
    let mac = find_host(&snapshot, host)?;
    let missing = || {
        let cluster = &store.cluster.name;
        Ended::error(Exit::NotFound, format!("cluster {cluster} has no host {}; see: host-state list", mac.colons()))
    };
    let host = store.hosts().find(mac)?.ok_or_else(missing)?;
    Ok(Response::json(&show::Whole::load(store, &host, program::now())?)?)
}

pub(super) fn history(current: &Current, host: &str, query: &mut Query) -> anyhow::Result<Response> {
    let lines = query.number("lines", 1..=MAX_LINES)?.unwrap_or(LINES);
    let snapshot = super::site::snapshot(current)?;
    let mac = find_host(&snapshot, host)?;
    let _alone = current.large();
    Ok(Response::json(&newest(&snapshot.store, mac, Some(lines))?)?)
}

pub(super) fn log(current: &Current, host: &str, query: &mut Query) -> anyhow::Result<Response> {
    let lines = query.number("lines", 1..=MAX_LINES)?.unwrap_or(LINES);
    let since = query.take::<Lifetime>("since")?;
    let snapshot = super::site::snapshot(current)?;
    let mac = find_host(&snapshot, host)?;
    let _alone = current.large();
    let text = snapshot.store.journal().read_log(mac)?;
    let begin = since.map(|time| program::now().as_unix().saturating_sub(time.as_secs()));
    let text = begin.map_or_else(|| text.clone(), |begin| log::since(&text, begin));
    let skipped = text.lines().count().saturating_sub(lines);
    Ok(Response::json(&text.lines().skip(skipped).map(LogLine::from_line).collect::<Vec<_>>())?)
}

pub(super) fn install_log(current: &Current, host: &str, query: &mut Query) -> anyhow::Result<Response> {
    let lines = query.number("lines", 1..=MAX_LINES)?.unwrap_or(LINES);
    let attempt = query.number("attempt", 1..=u32::MAX as usize)?.and_then(|number| u32::try_from(number).ok());
    let snapshot = super::site::snapshot(current)?;
    let mac = find_host(&snapshot, host)?;
    let _alone = current.large();
    let text = log::install_log(&snapshot.store, mac, attempt)?;
    let skipped = text.lines().count().saturating_sub(lines);
    let lines: String = text.lines().skip(skipped).map(|line| format!("{}\n", printable(line))).collect();
    Ok(Response::new("text/plain; charset=utf-8", lines.into_bytes()))
}

pub(super) fn explain(current: &Current, host: &str, query: &mut Query) -> anyhow::Result<Response> {
    let from = query.take::<Ipv4Addr>("from")?;
    let snapshot = super::site::snapshot(current)?;
    let mac = find_host(&snapshot, host)?;
    let _alone = current.large();
    Ok(Response::json(&explain::explanation(&snapshot.store, mac, from, program::now()))?)
}
