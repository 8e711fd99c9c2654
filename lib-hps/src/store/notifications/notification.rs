// SPDX-License-Identifier: GPL-3.0-or-later
//! One notification, and how long it waits after a failure.

use crate::host::HostState;
use crate::types::{ClusterName, Line, MacAddr, Timestamp};
use serde::{Deserialize, Serialize};

/// After how many seconds a notification is tried again; after the last one it is given up.
pub(super) const RETRY_SECONDS: [u64; 5] = [5, 30, 120, 600, 1800];

/// That a host came into a state.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Notification {
    /// Its name, or its MAC where it has none.
    pub host: Line,
    /// Its MAC.
    pub mac: MacAddr,
    /// The state it came into.
    pub state: HostState,
    /// The state it came from.
    pub from: HostState,
    /// Why; empty where no reason is known.
    pub reason: Line,
    /// When.
    pub time: Timestamp,
    /// Its cluster.
    pub cluster: ClusterName,
    /// How often the command failed on it.
    #[serde(default)]
    pub failures: u32,
    /// Before this it is not tried again.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub not_before: Option<Timestamp>,
}

/// A file of the queue that cannot be used.
#[derive(Debug, thiserror::Error)]
#[error("not a notification: {0}")]
pub(super) struct NotANotification(String);

impl Notification {
    /// Whether it may be tried now. A clock that went back does not make it wait longer than any pause is.
    pub fn is_due(&self, now: Timestamp) -> bool {
        let longest = RETRY_SECONDS.into_iter().max().unwrap_or_default();
        self.not_before.is_none_or(|at| at <= now || at.since(now) > longest)
    }

    /// The same after one more failure; `None` where that was the last try.
    pub(super) fn after_failure(&self, now: Timestamp) -> Option<(Self, Timestamp)> {
        let pause = usize::try_from(self.failures).ok().and_then(|index| RETRY_SECONDS.get(index))?;
        let again = Timestamp::from_unix(i64::try_from(now.as_unix().saturating_add(*pause)).unwrap_or(i64::MAX));
        let failures = self.failures.saturating_add(1);
        Some((Self { failures, not_before: Some(again), ..self.clone() }, again))
    }

    pub(super) fn to_text(&self) -> String {
        // Texts and numbers: TOML can hold all of them.
        toml::to_string(self).unwrap_or_default()
    }

    pub(super) fn parse(text: &str) -> Result<Self, NotANotification> {
        toml::from_str(text).map_err(|error| NotANotification(error.message().replace('\n', " ")))
    }
}
