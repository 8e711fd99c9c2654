// SPDX-License-Identifier: GPL-3.0-or-later
//! What is kept of a machine's hardware: its last report, and the one before that differs.

use super::changes::{Change, changes};
use super::machine::Hardware;
use serde::{Deserialize, Serialize};

/// The file of a machine.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct HardwareRecord {
    version: u32,
    /// Whether an operator has seen the changes and accepted them.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub accepted: bool,
    /// The last report.
    pub now: Hardware,
    /// The last one before it that differs.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub before: Option<Hardware>,
}

impl HardwareRecord {
    const VERSION: u32 = 1;

    /// The record with one more report, and what that changed.
    pub fn with_report(known: Option<Self>, report: Hardware) -> (Self, Vec<Change>) {
        let Some(known) = known else {
            return (Self { version: Self::VERSION, accepted: false, now: report, before: None }, Vec::new());
        };
        let report = report.with_neighbours_of(&known.now);
        let found = changes(&known.now, &report);
        let record = if found.is_empty() {
            Self { now: report, ..known }
        } else {
            Self { version: Self::VERSION, accepted: false, now: report, before: Some(known.now) }
        };
        (record, found)
    }

    /// Reads a file.
    ///
    /// # Errors
    /// What is wrong.
    pub fn parse(text: &str) -> Result<Self, String> {
        let record: Self = toml::from_str(text).map_err(|error| error.message().replace('\n', " "))?;
        if record.version != Self::VERSION {
            return Err(format!("version is {}: this program reads version {}", record.version, Self::VERSION));
        }
        Ok(record)
    }

    /// The file's text.
    pub fn to_text(&self) -> String {
        toml::to_string(self).unwrap_or_default()
    }

    /// What the last report that differs changed.
    pub fn changes(&self) -> Vec<Change> {
        self.before.as_ref().map_or_else(Vec::new, |before| changes(before, &self.now))
    }

    /// The changes that a person should look at and has not accepted yet.
    pub fn losses(&self) -> Vec<Change> {
        if self.accepted { Vec::new() } else { self.changes().into_iter().filter(Change::is_loss).collect() }
    }
}
