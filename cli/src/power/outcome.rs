// SPDX-License-Identifier: GPL-3.0-or-later
//! What became of one host, as a line and as JSON.

use super::Ready;
use hps::power::{BootHolds, Done, PowerState};
use hps::types::{Line, PowerProtocol};

/// What became of one host.
#[derive(Debug, serde::Serialize)]
pub(crate) struct Outcome {
    pub(crate) host: String,
    mac: String,
    protocol: PowerProtocol,
    action: &'static str,
    /// `done`, `failed` or `interrupted`.
    result: &'static str,
    /// Whether something was changed.
    changed: bool,
    state: Option<PowerState>,
    /// The BMC stored the boot from the network for each boot, not for one.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    boots_always: bool,
    pub(crate) error: Option<Line>,
}

impl Outcome {
    pub(crate) fn done(ready: &Ready, action: &'static str, done: Done) -> Self {
        let boots_always = done.boot == Some(BootHolds::Always);
        Self { changed: done.changed, state: Some(done.state), boots_always, ..Self::new(ready, action, "done") }
    }

    pub(crate) fn failed(ready: &Ready, action: &'static str, error: &str, interrupted: bool) -> Self {
        // The messages of the library know no host.
        let error = error.replace("host-power set HOST", &format!("host-power set {}", ready.label));
        let result = if interrupted { "interrupted" } else { "failed" };
        Self { error: Some(Line::lossy(&error)), ..Self::new(ready, action, result) }
    }

    fn new(ready: &Ready, action: &'static str, result: &'static str) -> Self {
        Self {
            host: ready.label.clone(),
            mac: ready.mac.colons(),
            protocol: ready.control.protocol,
            action,
            result,
            changed: false,
            state: None,
            boots_always: false,
            error: None,
        }
    }

    pub(crate) fn is_done(&self) -> bool {
        self.error.is_none()
    }

    /// The state, as the sum counts it.
    pub(crate) fn word(&self) -> &'static str {
        self.state.map_or(self.result, PowerState::as_str)
    }

    /// `sch-001: on`, `sch-001: on already`, `sch-001: boots from the network, off`.
    pub(crate) fn describe(&self) -> String {
        let state = self.state.map_or("-", PowerState::as_str);
        let host = &self.host;
        match (self.action, self.changed) {
            ("boot-once", _) if self.boots_always => {
                format!("{host}: boots from the network at each start, since its BMC stores no other setting, {state}")
            }
            ("boot-once", _) => format!("{host}: boots from the network at its next start, {state}"),
            ("start", _) if self.boots_always => {
                format!(
                    "{host}: boots from the network now and at each start, since its BMC stores no other setting, {state}"
                )
            }
            ("start", _) => format!("{host}: boots from the network now, {state}"),
            ("status", _) | (_, true) => format!("{host}: {state}"),
            (_, false) => format!("{host}: {state} already"),
        }
    }
}
