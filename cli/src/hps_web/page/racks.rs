// SPDX-License-Identifier: GPL-3.0-or-later
//! Hosts as they stand in racks, by their names: `r07-12` is place 12 of rack `r07`.

use super::frame::{self, encoded};
use super::templates::{Page, View};
use crate::host_state::KnownHost;
use crate::host_state::list::{Order, sort};
use crate::hps_web::api::Query;
use crate::hps_web::site::Current;
use crate::program;
use hps::config::StageLimits;
use hps::host::{Host, HostState};
use hps::types::Timestamp;
use serde::Serialize;
use std::collections::BTreeMap;
use std::sync::Arc;

/// With more hosts than this, each rack has its cells on a page of its own.
const MAX_CELLS: usize = 2000;
/// Racks of one page.
const MAX_RACKS: usize = 500;

#[derive(Serialize)]
struct Rack {
    name: String,
    link: String,
    /// `38 INSTALLED, 2 FAILED`.
    summary: String,
    cells: Vec<Cell>,
    more: usize,
}

#[derive(Serialize)]
struct Cell {
    mac: String,
    place: String,
    state: &'static str,
    stalled: bool,
    title: String,
}

/// Rack and place of a host. One without a name, or whose name has no number at its end, is in no rack.
fn place(host: &Host) -> (String, String) {
    let label = host.label();
    let Some(name) = &host.name else { return ("without a name".to_owned(), label) };
    let name = name.as_str();
    let rack = name.trim_end_matches(|c: char| c.is_ascii_digit());
    let number = name.strip_prefix(rack).unwrap_or_default();
    let rack = rack.trim_end_matches('-');
    if number.is_empty() || rack.is_empty() {
        return ("without a number".to_owned(), label);
    }
    (rack.to_owned(), number.to_owned())
}

pub(super) fn page(current: &Current, query: &mut Query) -> anyhow::Result<Page> {
    let now = program::now();
    let only = query.take::<String>("rack")?;
    query.end()?;
    let (snapshot, view) = frame::view(current)?;
    let mut hosts: Vec<Arc<KnownHost>> = snapshot.hosts.values().cloned().collect();
    sort(&mut hosts, Order::Name, |known| known.host());
    let mut racks: BTreeMap<String, Vec<(String, Arc<KnownHost>)>> = BTreeMap::new();
    for known in hosts {
        let (rack, place) = place(known.host());
        if only.as_ref().is_none_or(|only| *only == rack) {
            racks.entry(rack).or_default().push((place, known));
        }
    }
    let with_cells = only.is_some() || snapshot.hosts.len() <= MAX_CELLS;
    let limits = &snapshot.store.cluster.install.stage_limits;
    let racks: Vec<Rack> = racks
        .into_iter()
        .take(MAX_RACKS)
        .map(|(name, hosts)| {
            let shown = if with_cells { hosts.len().min(MAX_CELLS) } else { 0 };
            Rack {
                link: format!("/racks?{}", encoded(&[("rack", name.clone())])),
                name,
                summary: summary(&hosts),
                cells: hosts.iter().take(shown).map(|(place, known)| cell(place, known, limits, now)).collect(),
                more: if with_cells { hosts.len().saturating_sub(shown) } else { 0 },
            }
        })
        .collect();
    let body = serde_json::json!({
        "only": only,
        "racks": racks,
        "states": HostState::ALL.map(HostState::as_str),
    });
    let view = View { title: "Racks".to_owned(), events: "/api/v1/events".to_owned(), ..view };
    Ok(Page::new("racks", view, body))
}

fn summary(hosts: &[(String, Arc<KnownHost>)]) -> String {
    let count = |state: HostState| hosts.iter().filter(|(_, known)| known.host().state() == state).count();
    let counts = HostState::ALL.into_iter().map(|state| (state, count(state))).filter(|(_, count)| *count > 0);
    counts.map(|(state, count)| format!("{count} {state}")).collect::<Vec<_>>().join(", ")
}

fn cell(place: &str, known: &KnownHost, limits: &StageLimits, now: Timestamp) -> Cell {
    let host = known.host();
    let stalled = host.stalled(limits, now).is_some();
    let words = if stalled { ", stalled" } else { "" };
    Cell {
        mac: host.mac().colons(),
        place: place.to_owned(),
        state: host.state().as_str(),
        stalled,
        title: format!("{} {}{words}", host.label(), host.state()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_number_of_a_name_is_the_place() {
        let place = |name: &str| {
            let mut host = Host::new("525400000001".parse().unwrap(), Timestamp::from_unix(0));
            host.name = name.parse().ok();
            super::place(&host)
        };
        let pair = |rack: &str, place: &str| (rack.to_owned(), place.to_owned());
        assert_eq!(place("r07-12"), pair("r07", "12"));
        assert_eq!(place("sch-001"), pair("sch", "001"));
        assert_eq!(place("node12"), pair("node", "12"));
        assert_eq!(place("tape"), pair("without a number", "tape"));
        assert_eq!(place("_"), pair("without a name", "52:54:00:00:00:01"));
    }
}
