// SPDX-License-Identifier: GPL-3.0-or-later
//! A host as a line of a table.

use crate::host_state::KnownHost;
use crate::host_state::elapsed::{ago, elapsed};
use crate::host_state::view::{describe_stage, describe_stalled};
use hps::config::StageLimits;
use hps::host::HostState;
use hps::types::{Stage, Timestamp, printable_line};
use serde::Serialize;

/// The stages of an installation that goes well.
pub(super) const STAGES: usize = 6;

/// A line.
#[derive(Debug, Serialize)]
pub(super) struct Row {
    pub(super) label: String,
    pub(super) mac: String,
    pub(super) state: &'static str,
    #[serde(rename = "type")]
    host_type: String,
    address: String,
    distro: String,
    /// Stages that it reported.
    done: usize,
    /// Since the attempt began.
    elapsed: String,
    updated: String,
    pub(super) stalled: bool,
    /// The reason of its state, its stage, or its permission.
    pub(super) note: String,
}

fn or_dash(value: Option<impl ToString>) -> String {
    value.map_or_else(|| "-".to_owned(), |value| value.to_string())
}

impl Row {
    pub(super) fn new(known: &KnownHost, limits: &StageLimits, now: Timestamp) -> Self {
        let host = known.host();
        let attempt = host.attempt.as_ref();
        let stalled = host.stalled(limits, now);
        let note = match (host.state(), attempt) {
            (HostState::Installing, Some(attempt)) => {
                stalled.as_ref().map_or_else(|| describe_stage(attempt, now), describe_stalled)
            }
            _ => {
                let reason = host.reason.as_ref().map(ToString::to_string);
                let parts = [known.summary(now), reason.unwrap_or_default()];
                parts.into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join("; ")
            }
        };
        Self {
            label: host.label(),
            mac: host.mac().colons(),
            state: host.state().as_str(),
            host_type: or_dash(host.host_type),
            address: or_dash(host.address),
            distro: or_dash(attempt.map(|attempt| &attempt.distro)),
            done: attempt.map_or(0, |a| a.stages.iter().filter(|s| s.stage != Stage::Failed).count()),
            elapsed: attempt.map_or_else(String::new, |attempt| elapsed(now.since(attempt.since))),
            updated: ago(now.since(host.updated)),
            stalled: stalled.is_some(),
            note: printable_line(&note),
        }
    }
}
