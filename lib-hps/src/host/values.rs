// SPDX-License-Identifier: GPL-3.0-or-later
//! The values of a record that people set. The history has them, so that an edit of the file by hand is seen later.

use super::Host;
use crate::types::{Line, MacAddr};
use serde::{Deserialize, Serialize};

/// What a person may set, without the state, which the history has in its own fields. Missing values are not set.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Values {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    name: Option<Line>,
    #[serde(default, rename = "type", skip_serializing_if = "Option::is_none")]
    host_type: Option<Line>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    profile: Option<Line>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    address: Option<Line>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    macs: Option<Line>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    local: Option<Line>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    cpu: Option<Line>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    reason: Option<Line>,
}

impl Values {
    /// Those of a record.
    pub fn from_host(host: &Host) -> Self {
        let line = |value: Option<String>| value.map(|value| Line::lossy(&value));
        Self {
            name: line(host.name.as_ref().map(ToString::to_string)),
            host_type: line(host.host_type.map(|value| value.to_string())),
            profile: line(host.profile.map(|value| value.to_string())),
            address: line(host.address.map(|value| value.to_string())),
            macs: line(Some(host.macs().map(MacAddr::colons).collect::<Vec<_>>().join(" "))),
            local: line(host.local.map(|value| value.to_string())),
            cpu: line(host.cpu.map(|value| value.to_string())),
            reason: host.reason.clone(),
        }
    }

    /// What differs, in words: `name a -> b`; `-` stands for a missing value.
    pub fn changes_to(&self, after: &Self) -> Vec<String> {
        let word = |key: &str, value: &Option<Line>| match (key, value) {
            (_, None) => "-".to_owned(),
            ("reason", Some(value)) => format!("\"{value}\""),
            (_, Some(value)) => value.to_string(),
        };
        let pairs = self.list().into_iter().zip(after.list()).filter(|((_, old), (_, new))| old != new);
        pairs.map(|((key, old), (_, new))| format!("{key} {} -> {}", word(key, old), word(key, new))).collect()
    }

    fn list(&self) -> [(&'static str, &Option<Line>); 8] {
        [
            ("name", &self.name),
            ("type", &self.host_type),
            ("profile", &self.profile),
            ("address", &self.address),
            ("macs", &self.macs),
            ("local", &self.local),
            ("cpu", &self.cpu),
            ("reason", &self.reason),
        ]
    }
}
