// SPDX-License-Identifier: GPL-3.0-or-later
//! The first page: how the site stands, at a glance.

use super::frame;
use super::row::{Row, STAGES};
use super::templates::{Page, View};
use crate::host_state::elapsed::ago;
use crate::host_state::waiting::Waiting;
use crate::hps_web::api::standing;
use crate::hps_web::site::Current;
use crate::program;
use hps::host::HostState;
use hps::types::{Timestamp, printable_line};
use serde::Serialize;

/// How many hosts of one kind are shown.
const MAX_SHOWN: usize = 50;

#[derive(Serialize)]
struct Note {
    problem: String,
    advice: String,
}

#[derive(Serialize)]
struct Machine {
    mac: String,
    name: Option<String>,
    address: String,
    since: String,
    asks: &'static str,
    what: String,
}

impl Machine {
    fn new(one: &Waiting, now: Timestamp) -> Self {
        let mut what: Vec<String> = one.firmware.iter().map(|(key, value)| format!("{key} {value}")).collect();
        what.extend(one.notes.iter().cloned());
        what.extend(one.netboot.as_ref().map(|netboot| netboot.problem.clone()));
        Self {
            mac: one.mac.clone(),
            name: one.name.clone(),
            address: one.address.map_or_else(|| "-".to_owned(), |address| address.to_string()),
            since: ago(now.since(one.since)),
            asks: one.asks,
            what: printable_line(&what.join("; ")),
        }
    }
}

pub(super) fn page(current: &Current) -> anyhow::Result<Page> {
    let now = program::now();
    let (snapshot, view) = frame::view(current)?;
    let status = standing(current)?;
    let slow = current.slow();
    let limits = &snapshot.store.cluster.install.stage_limits;
    let of_state = |state: HostState| {
        let mut hosts: Vec<_> = snapshot.hosts.values().filter(|known| known.host().state() == state).collect();
        hosts.sort_by_key(|known| std::cmp::Reverse(known.host().updated));
        let rows: Vec<Row> = hosts.iter().take(MAX_SHOWN).map(|known| Row::new(known, limits, now)).collect();
        (rows, hosts.len().saturating_sub(MAX_SHOWN))
    };
    let (mut installing, installing_more) = of_state(HostState::Installing);
    installing.sort_by_key(|row| !row.stalled);
    let (failed, failed_more) = of_state(HostState::Failed);
    let mut notes: Vec<Note> = Vec::new();
    let mut note = |problem: &str, advice: &str| {
        notes.push(Note { problem: problem.to_owned(), advice: advice.to_owned() });
    };
    for service in status.services.iter().filter(|service| !service.runs) {
        note(&format!("{} does not run, so no machine can boot", service.name), "reload");
    }
    for one in status.interface_problem.iter().chain(&status.interface_warning).chain(&status.media) {
        note(&one.problem, &one.advice);
    }
    for line in status.unreadable.iter().chain(&slow.problems).take(MAX_SHOWN) {
        note(line, "host-state check");
    }
    let states: Vec<_> = HostState::ALL
        .iter()
        .filter_map(|state| status.hosts.get(state.as_str()).map(|count| (state.as_str(), *count)))
        .map(|(state, count)| serde_json::json!({ "state": state, "count": count }))
        .collect();
    let waiting: Vec<Machine> = slow.waiting.iter().take(MAX_SHOWN).map(|one| Machine::new(one, now)).collect();
    let body = serde_json::json!({
        "cluster": status.cluster,
        "interface": status.interface,
        "address": status.address,
        "notes": notes,
        "total": status.hosts.values().sum::<usize>(),
        "states": states,
        "failed": failed,
        "failed_more": failed_more,
        "installing": installing,
        "installing_more": installing_more,
        "stages": STAGES,
        "waiting": waiting,
        "waiting_more": slow.waiting.len().saturating_sub(MAX_SHOWN),
    });
    let view = View { title: view.cluster.clone(), events: "/api/v1/events".to_owned(), ..view };
    Ok(Page::new("overview", view, body))
}
