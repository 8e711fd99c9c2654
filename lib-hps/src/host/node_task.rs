// SPDX-License-Identifier: GPL-3.0-or-later
//! What the node environment does on a machine that it does not install: one task, once for each request.
//!
//! An operator asks for a task of a machine by a file that only root writes. A discovery window
//! asks for it of every unknown machine, and then the task is always [`NodeTask::Discover`]. A task that has begun does not begin again
//! (decision 171).

use super::discovery_window::DiscoveryWindow;
use super::document_error::DocumentError;
use super::permission::{PermissionId, is_past};
use crate::types::{Lifetime, Line, MacAddr, Timestamp, text_enum};
use serde::{Deserialize, Serialize};

/// A task, with what it needs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case", deny_unknown_fields)]
pub enum NodeTask {
    /// Look at the hardware and report it. Nothing is written, mounted, imported or assembled.
    Discover,
}

text_enum! {
    /// The word of a task: on the wire, in files, and for people.
    TaskKind, "task of the node environment",

    /// [`NodeTask::Discover`].
    Discover = "discover",
}

text_enum! {
    /// What a machine does when its task has ended.
    #[derive(Default)]
    AfterTask, "what follows a task",

    /// It restarts and asks the boot manager again, which follows the boot decision without the task.
    #[default]
    Restart = "restart",
    /// It switches itself off.
    Off = "off",
}

text_enum! {
    /// Who asked for a task.
    #[derive(Default)]
    TaskSource, "source of a task",

    /// An operator, for this very machine: a file that only root writes.
    #[default]
    Operator = "operator",
    /// A discovery window, for unknown machines.
    Window = "window",
}

impl NodeTask {
    /// Its word.
    pub fn kind(&self) -> TaskKind {
        match self {
            Self::Discover => TaskKind::Discover,
        }
    }

    /// How long it may run, from its begin to its last report. The machine restarts when that time is over.
    pub fn most_seconds(&self) -> u64 {
        match self {
            Self::Discover => 1_800,
        }
    }

    /// What the node environment needs beyond the kind: lines `KEY=VALUE`, of characters that a shell reads as plain text.
    pub fn lines(&self) -> Vec<String> {
        match self {
            Self::Discover => Vec::new(),
        }
    }

    /// For the screen of the machine, to follow "The node environment ".
    pub fn describe(&self) -> String {
        match self {
            Self::Discover => "looks at the hardware of this machine; it writes on no disk".to_owned(),
        }
    }
}

/// A request for a task.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TaskRequest {
    version: u32,
    /// Its own name; the mark of its begin has it too.
    pub id: PermissionId,
    /// The machine.
    pub mac: MacAddr,
    /// Who asked for it.
    pub asked_by: Line,
    /// When.
    pub asked_at: Timestamp,
    /// Until when it may begin.
    pub expires: Timestamp,
    /// Why.
    pub reason: Line,
    /// What the machine does afterwards.
    #[serde(default)]
    pub then: AfterTask,
    /// What it is to do.
    pub task: NodeTask,
    /// Where the request was found. This is not in the file, which could lie about it.
    #[serde(skip)]
    pub source: TaskSource,
}

/// What an operator asks of a machine, until when.
#[derive(Debug, Clone)]
pub struct TaskDraft {
    /// The machine.
    pub mac: MacAddr,
    /// What it is to do.
    pub task: NodeTask,
    /// What it does afterwards.
    pub then: AfterTask,
    /// Who asks.
    pub asked_by: Line,
    /// When.
    pub asked_at: Timestamp,
    /// How long the request counts.
    pub lifetime: Lifetime,
    /// Why.
    pub reason: Line,
}

impl TaskRequest {
    const VERSION: u32 = 1;

    /// A request of an operator.
    pub fn new(id: PermissionId, draft: TaskDraft) -> Self {
        let TaskDraft { mac, task, then, asked_by, asked_at, lifetime, reason } = draft;
        let expires = asked_at.plus(lifetime);
        let source = TaskSource::Operator;
        Self { version: Self::VERSION, id, mac, asked_by, asked_at, expires, reason, then, task, source }
    }

    /// A request that follows from a window, for any unknown machine: to look. `id` differs by window and machine.
    pub(crate) fn from_window(window: &DiscoveryWindow, id: PermissionId, mac: MacAddr) -> Self {
        let (task, source) = (NodeTask::Discover, TaskSource::Window);
        let (asked_at, expires, then) = (window.opened, window.closes, window.then);
        let (asked_by, reason) = (window.opened_by.clone(), Line::lossy(&format!("discovery window {}", window.name)));
        Self { version: Self::VERSION, id, mac, asked_by, asked_at, expires, reason, then, task, source }
    }

    /// Reads a file of an operator.
    ///
    /// # Errors
    /// What is wrong, with the line.
    pub fn parse(text: &str) -> Result<Self, DocumentError> {
        let request: Self = toml::from_str(text).map_err(|error| DocumentError::toml(text, &error))?;
        DocumentError::check_version(request.version, Self::VERSION)?;
        Ok(request)
    }

    /// The file's text.
    pub fn to_text(&self) -> String {
        toml::to_string(self).unwrap_or_default()
    }

    /// Whether it may still begin. One from the future, by this clock, does not count either: the clock went back.
    pub fn is_current(&self, now: Timestamp) -> bool {
        now < self.expires && is_past(self.asked_at, now)
    }

    /// `discover, asked for by root with host-state: rack 7`.
    pub fn describe(&self) -> String {
        let reason = if self.reason.as_str().is_empty() { String::new() } else { format!(": {}", self.reason) };
        format!("{}, asked for by {}{reason}", self.task.kind(), self.asked_by)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_names_one_task_and_no_source() {
        let draft = TaskDraft {
            mac: "525400000001".parse().unwrap(),
            task: NodeTask::Discover,
            then: AfterTask::Off,
            asked_by: Line::lossy("root"),
            asked_at: Timestamp::from_unix(1_000),
            lifetime: Lifetime::HOUR,
            reason: Line::lossy("rack 7"),
        };
        let request = TaskRequest::new(PermissionId::from_random([1; 16]), draft);
        let text = request.to_text();
        assert_eq!(TaskRequest::parse(&text).unwrap(), request);
        assert!(!text.contains("source"), "{text}");
        assert!(TaskRequest::parse(&format!("source = \"operator\"\n{text}")).is_err());
        assert!(TaskRequest::parse(&text.replace("discover", "format")).is_err());
        assert!(request.is_current(Timestamp::from_unix(4_599)) && !request.is_current(Timestamp::from_unix(4_600)));
        assert!(!request.is_current(Timestamp::from_unix(0)), "the clock went back");
    }
}
