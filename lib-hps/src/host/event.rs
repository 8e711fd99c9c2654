// SPDX-License-Identifier: GPL-3.0-or-later
//! One line of a host's history: time, who, what, from, to. JSON, one object a line, appended only.

use super::HostState;
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
}
