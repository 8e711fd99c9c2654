// SPDX-License-Identifier: GPL-3.0-or-later
//! The list of hosts, a page at a time.

use super::Query;
use crate::host_state::list::{Order, sort};
use crate::host_state::view::View;
use crate::host_state::{HostWord, KnownHost};
use crate::hps_web::http::Response;
use crate::hps_web::site::{Current, Snapshot};
use crate::program::{self, Ended, Exit};
use clap::ValueEnum as _;
use hps::host::HostState;
use hps::types::{HostRef, HostType, Timestamp};
use std::collections::HashSet;
use std::sync::Arc;

/// The most hosts of one answer, and how many there are without `limit`.
pub(in crate::hps_web) const MAX_LIMIT: usize = 1000;
const LIMIT: usize = 100;
/// The most hosts that a request may name.
const MAX_NAMED: usize = 20_000;

/// Which hosts.
#[derive(Debug, Default)]
pub(in crate::hps_web) struct Wanted {
    pub(in crate::hps_web) hosts: Vec<HostWord>,
    pub(in crate::hps_web) states: Vec<HostState>,
    types: Vec<HostType>,
    stalled: Option<bool>,
}

impl Wanted {
    /// Takes them from a query.
    ///
    /// # Errors
    /// [`Exit::Usage`] for a value that is not accepted, [`Exit::NotFound`] for a word that names no host.
    pub(in crate::hps_web) fn take(query: &mut Query) -> anyhow::Result<Self> {
        Ok(Self {
            hosts: query.list("host", str::parse).map_err(|why| Ended::error(Exit::NotFound, why.to_string()))?,
            states: query.list("state", program::in_any_case::<HostState>)?,
            types: query.list("type", program::in_any_case::<HostType>)?,
            stalled: query.take::<bool>("stalled")?,
        })
    }

    /// Those of a snapshot that fit.
    ///
    /// # Errors
    /// [`Exit::Usage`] if ranges name more hosts than a cluster has.
    pub(in crate::hps_web) fn select(
        &self,
        snapshot: &Snapshot,
        now: Timestamp,
    ) -> anyhow::Result<Vec<Arc<KnownHost>>> {
        let mut refs = HashSet::new();
        for word in &self.hosts {
            refs.extend(refs_of(word, snapshot));
            if refs.len() > MAX_NAMED {
                return Err(Ended::error(Exit::Usage, format!("host: these name over {MAX_NAMED} hosts")));
            }
        }
        let limits = &snapshot.store.cluster.install.stage_limits;
        let fits = |known: &KnownHost| {
            let host = known.host();
            let is_named = || {
                host.name.as_ref().is_some_and(|name| refs.contains(&HostRef::Name(name.clone())))
                    || host.macs().any(|mac| refs.contains(&HostRef::Mac(mac)))
            };
            (self.states.is_empty() || self.states.contains(&host.state()))
                && (self.types.is_empty() || host.host_type.is_some_and(|own| self.types.contains(&own)))
                && self.stalled.is_none_or(|stalled| host.stalled(limits, now).is_some() == stalled)
                && (self.hosts.is_empty() || is_named())
        };
        Ok(snapshot.hosts.values().filter(|known| fits(known)).cloned().collect())
    }
}

fn refs_of(word: &HostWord, snapshot: &Snapshot) -> Vec<HostRef> {
    match word {
        HostWord::Pattern(pattern) => pattern.hosts(),
        HostWord::Address(address) => {
            let hosts = snapshot.hosts.values().map(|known| known.host());
            hosts.filter(|host| host.address == Some(*address)).map(|host| HostRef::Mac(host.mac())).collect()
        }
        HostWord::Qualified(name, domain) => {
            let ours = snapshot.store.cluster.placements().any(|place| place.domain() == domain);
            if ours { vec![HostRef::Name(name.clone())] } else { Vec::new() }
        }
    }
}

/// An order of the list by its word, in any case.
///
/// # Errors
/// One line with the words.
pub(in crate::hps_web) fn order_word(text: &str) -> Result<Order, String> {
    Order::from_str(text, true).map_err(|_| {
        let words = Order::value_variants().iter().filter_map(|order| order.to_possible_value());
        let words: Vec<String> = words.map(|word| word.get_name().to_owned()).collect();
        format!("expected one of {}", words.join(", "))
    })
}

/// A page of the list; the fields `X-Next-Offset` and `X-Total-Count` lead to the others.
pub(super) fn list(current: &Current, query: &mut Query) -> anyhow::Result<Response> {
    let now = program::now();
    let wanted = Wanted::take(query)?;
    let order = query.list("sort", order_word)?;
    let limit = query.number("limit", 1..=MAX_LIMIT)?.unwrap_or(LIMIT);
    let offset = query.number("offset", 0..=1_000_000)?.unwrap_or(0);
    query.end()?;
    let snapshot = super::site::snapshot(current)?;
    let mut hosts = wanted.select(&snapshot, now)?;
    sort(&mut hosts, order.first().copied().unwrap_or(Order::Name), |known| known.host());
    let limits = &snapshot.store.cluster.install.stage_limits;
    let page = hosts.iter().skip(offset).take(limit);
    let views = page.map(|known| known.view(limits, now)).collect::<anyhow::Result<Vec<View>>>()?;
    let response = Response::json(&views)?.with_field("X-Total-Count", hosts.len().to_string());
    let next = offset.saturating_add(limit);
    Ok(if next < hosts.len() { response.with_field("X-Next-Offset", next.to_string()) } else { response })
}
