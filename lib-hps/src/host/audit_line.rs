// SPDX-License-Identifier: GPL-3.0-or-later
//! One line of the site's audit: who changed what, when and by which program. JSON, one object a line, appended only.

use super::{HistoryLine, HostState, Who};
use crate::types::{ClusterName, Line, MacAddr, Timestamp};
use serde::{Deserialize, Serialize};
use std::fmt;

/// One change of the site: of a host, of a file of settings, or of what is served.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AuditLine {
    /// When.
    pub at: Timestamp,
    /// The person and the program, or the request with its address.
    pub who: Who,
    /// The cluster, if the change is of one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cluster: Option<ClusterName>,
    /// The host, by the MAC that names its record.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub host: Option<MacAddr>,
    /// The file, if a file of settings changed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub file: Option<Line>,
    /// What happened, in a few words.
    pub what: Line,
    /// The state of the host before, if it changed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<HostState>,
    /// The state after, if it changed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub to: Option<HostState>,
    /// What was before and what is after: `name a -> b`, or a line of a file behind `-` or `+`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub changes: Vec<Line>,
    /// Further details.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<Line>,
}

impl AuditLine {
    /// A change that is not of a host.
    pub fn new(at: Timestamp, who: Who, what: &str) -> Self {
        Self {
            at,
            who,
            cluster: None,
            host: None,
            file: None,
            what: Line::lossy(what),
            from: None,
            to: None,
            changes: Vec::new(),
            note: None,
        }
    }

    /// The change of a host that its history has.
    pub fn from_history(cluster: &ClusterName, host: MacAddr, line: &HistoryLine) -> Self {
        let moved = line.from != line.to;
        Self {
            cluster: Some(cluster.clone()),
            host: Some(host),
            from: moved.then_some(line.from),
            to: moved.then_some(line.to),
            note: line.note.clone(),
            ..Self::new(line.at, line.who.clone(), line.what.as_str())
        }
    }
}

impl fmt::Display for AuditLine {
    /// For the system's log: without the time, which the log adds, and without the changed lines. A profile may have a
    /// secret, and that log may leave this machine.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(cluster) = &self.cluster {
            write!(f, "{cluster} ")?;
        }
        if let Some(host) = self.host {
            write!(f, "{} ", host.colons())?;
        }
        if let Some(file) = &self.file {
            write!(f, "{file} ")?;
        }
        if let (Some(from), Some(to)) = (self.from, self.to) {
            write!(f, "{from} -> {to} ")?;
        }
        write!(f, "{}", self.what)?;
        if let Some(note) = &self.note {
            write!(f, ": {note}")?;
        }
        match self.changes.len() {
            0 => {}
            1 => f.write_str("; 1 line")?,
            many => write!(f, "; {many} lines")?,
        }
        write!(f, ", {}", self.who.as_line())
    }
}
