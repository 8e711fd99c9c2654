// SPDX-License-Identifier: GPL-3.0-or-later
//! One line of a host's history: time, who, what, from, to. JSON, one object a line, appended only.

use super::{HostState, Values};
use crate::types::{Line, Timestamp};
use serde::{Deserialize, Serialize};

/// Who changed a host.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Who(Line);

impl Who {
    /// A request from the network, from this address.
    pub fn request(address: Option<std::net::Ipv4Addr>) -> Self {
        Self(Line::lossy(&address.map_or_else(|| "request by hand".to_owned(), |a| format!("request from {a}"))))
    }

    /// A person or a job on this node: a program, and the login name.
    pub fn operator(program: &str, user: &str) -> Self {
        Self(Line::lossy(&format!("{user} with {program}")))
    }

    /// A person who edited a file, whom nobody knows.
    pub fn by_hand() -> Self {
        Self(Line::lossy("by hand"))
    }

    /// Whether it was a request from the network.
    pub fn is_request(&self) -> bool {
        let who = self.0.as_str();
        who.starts_with("request from ") || who == "request by hand"
    }

    /// One line.
    pub fn as_line(&self) -> &Line {
        &self.0
    }
}

impl HistoryLine {
    /// An event, without the values of the record.
    pub fn new(at: Timestamp, who: Who, what: Line, from: HostState, to: HostState, note: Option<Line>) -> Self {
        Self { at, who, what, from, to, note, values: None, before: None }
    }

    /// The same, with the values of the record, and those before if they differ.
    #[must_use]
    pub fn with_values(self, before: Option<&Values>, after: Values) -> Self {
        let before = before.filter(|before| **before != after).cloned();
        Self { values: Some(after), before, ..self }
    }
}

/// One event of a host.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct HistoryLine {
    /// When.
    pub at: Timestamp,
    /// Who.
    pub who: Who,
    /// What happened, in a word or two.
    pub what: Line,
    /// The state before.
    pub from: HostState,
    /// The state after.
    pub to: HostState,
    /// Further details; the message of a node.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<Line>,
    /// The values of the record after it. Older versions did not note them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub values: Option<Values>,
    /// The values before, if this event changed them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub before: Option<Values>,
}
