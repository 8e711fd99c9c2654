// SPDX-License-Identifier: GPL-3.0-or-later
//! One line of `host-state watch`: what became of a host, for people or as JSON.

use super::view::describe_stalled;
use crate::program;
use hps::host::{Host, HostState, Stalled};
use hps::types::{Distro, Timestamp};
use serde::Serialize;
use std::fmt;

/// What became of a host.
#[derive(Debug, Serialize)]
pub(crate) struct Step {
    /// When, UTC.
    at: Timestamp,
    /// The name of the host, or its MAC.
    host: String,
    /// Its MAC, with colons.
    mac: String,
    #[serde(flatten)]
    what: What,
}

/// By the kind of line.
#[derive(Debug, Serialize)]
#[serde(tag = "event", rename_all = "lowercase")]
pub(crate) enum What {
    /// An attempt begins.
    Attempt { attempt: u32, distro: Distro, given_by: Option<String> },
    /// A stage was reported, so many seconds after the attempt began.
    Stage { stage: String, seconds: u64 },
    /// The host has another state.
    State { state: HostState, reason: Option<String> },
    /// The machine reported less hardware than before, or a part that fails.
    Hardware { losses: Vec<String> },
    /// A stage takes longer than the limit of the cluster, by now so many seconds.
    Stalled {
        #[serde(skip)]
        words: String,
        stage: String,
        seconds: u64,
    },
}

impl What {
    pub(super) fn stalled(stalled: &Stalled) -> Self {
        Self::Stalled {
            words: describe_stalled(stalled),
            stage: stalled.stage_name().to_owned(),
            seconds: stalled.seconds,
        }
    }
}

impl Step {
    pub(super) fn new(host: &Host, at: Timestamp, what: What) -> Self {
        Self { at, host: host.label().to_string(), mac: host.mac().colons().to_string(), what }
    }

    /// Prints it at once.
    pub(super) fn print(&self, json: bool) -> anyhow::Result<()> {
        if json { program::print_json_line(self) } else { Ok(program::print(self)?) }
    }
}

impl fmt::Display for Step {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let host = &self.host;
        write!(f, "{} {host} ", self.at)?;
        match &self.what {
            What::Attempt { attempt, distro, given_by } => {
                write!(f, "attempt {attempt} begins: {distro}")?;
                given_by.as_ref().map_or(Ok(()), |who| write!(f, ", given by {who}"))
            }
            What::Stage { stage, seconds } => write!(f, "{stage} {seconds}s"),
            What::State { state, reason } => {
                write!(f, "is {state}")?;
                reason.as_ref().map_or(Ok(()), |reason| write!(f, ": {reason}"))
            }
            What::Hardware { losses } => write!(f, "{}; see: host-state hardware {host}", losses.join("; ")),
            What::Stalled { words, .. } => write!(f, "{words}; see: host-state show {host}"),
        }
    }
}
