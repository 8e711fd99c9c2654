// SPDX-License-Identifier: GPL-3.0-or-later
//! The list of hosts.

use super::frame::{self, encoded};
use super::row::Row;
use super::templates::{Page, View};
use crate::host_state::list::{Order, sort};
use crate::hps_web::api::{Query, Wanted, order_word};
use crate::hps_web::site::Current;
use crate::program::{self, Ended, Exit};
use clap::ValueEnum as _;
use hps::host::HostState;

/// Hosts of one page.
const SHOWN: usize = 100;

pub(super) fn page(current: &Current, query: &mut Query) -> anyhow::Result<Page> {
    let now = program::now();
    // A form sends empty fields too.
    query.drop_empty();
    let asked = query.values();
    let wanted = Wanted::take(query)?;
    let order = query.take::<String>("sort")?.unwrap_or_else(|| "name".to_owned());
    let offset = query.number("offset", 0..=1_000_000)?.unwrap_or(0);
    query.end()?;
    let by = order_word(&order).map_err(|why| Ended::error(Exit::Usage, format!("sort: {why}")))?;
    let (snapshot, view) = frame::view(current)?;
    let mut hosts = wanted.select(&snapshot, now)?;
    sort(&mut hosts, by, |known| known.host());
    let limits = &snapshot.store.cluster.install.stage_limits;
    let rows: Vec<Row> = hosts.iter().skip(offset).take(SHOWN).map(|known| Row::new(known, limits, now)).collect();
    let value = |name: &str| asked.get(name).cloned().unwrap_or_default();
    let link = |offset: usize| {
        let kept = ["host", "state", "type", "stalled", "sort"].map(|name| (name, value(name)));
        let pairs = kept.into_iter().filter(|(_, value)| !value.is_empty()).chain([("offset", offset.to_string())]);
        format!("/hosts?{}", encoded(&pairs.collect::<Vec<_>>()))
    };
    let names = |order: &Order| order.to_possible_value().map(|value| value.get_name().to_owned());
    let body = serde_json::json!({
        "asked": { "host": value("host"), "state": value("state").to_ascii_uppercase(), "sort": order },
        "states": HostState::ALL.map(HostState::as_str),
        "orders": Order::value_variants().iter().filter_map(names).collect::<Vec<_>>(),
        "total": snapshot.hosts.len(),
        "count": hosts.len(),
        "first": offset.saturating_add(1),
        "last": offset.saturating_add(rows.len()),
        "rows": rows,
        "before": (offset > 0).then(|| link(offset.saturating_sub(SHOWN))),
        "next": (offset.saturating_add(SHOWN) < hosts.len()).then(|| link(offset.saturating_add(SHOWN))),
    });
    let view = View { title: "Hosts".to_owned(), events: "/api/v1/events".to_owned(), ..view };
    Ok(Page::new("hosts", view, body))
}
