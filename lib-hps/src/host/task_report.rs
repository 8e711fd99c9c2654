// SPDX-License-Identifier: GPL-3.0-or-later
//! What a machine reported about its tasks: of each kind the last one. It comes from the network, so it is a claim: it is
//! shown to people, and permits nothing.

use super::document_error::DocumentError;
use super::node_task::{TaskKind, TaskRequest};
use super::permission::PermissionId;
use crate::types::{Line, Timestamp, text_enum};
use serde::{Deserialize, Serialize};

text_enum! {
    /// How a task ended.
    Verdict, "verdict of a task",

    /// It did what it is for.
    Done = "DONE",
    /// It checked something, and found nothing wrong.
    Passed = "PASSED",
    /// It found something wrong, or could not do its work.
    Failed = "FAILED",
}

/// One task of a machine.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TaskReport {
    /// What it was.
    pub task: TaskKind,
    /// The request.
    pub id: PermissionId,
    /// Who asked for it.
    pub asked_by: Line,
    /// When it began.
    pub begun: Timestamp,
    /// When it reported its end.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ended: Option<Timestamp>,
    /// How it ended.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub verdict: Option<Verdict>,
    /// Why, in a sentence; while it runs, how far it is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub message: Option<Line>,
    /// Its protocol.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub details: Vec<Line>,
}

/// The file of a machine.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TaskReports {
    version: u32,
    /// One for each kind.
    #[serde(default, rename = "report")]
    pub reports: Vec<TaskReport>,
}

impl Default for TaskReports {
    fn default() -> Self {
        Self { version: Self::VERSION, reports: Vec::new() }
    }
}

/// The end of a task, or a step of it, as the machine reported it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TaskWord {
    /// How it ended; none while it runs.
    pub verdict: Option<Verdict>,
    /// Why, or how far it is.
    pub message: Line,
    /// Its protocol, which comes with the verdict.
    pub details: Vec<Line>,
}

/// More lines than a protocol has.
const MAX_DETAILS: usize = 500;

impl TaskReports {
    const VERSION: u32 = 1;

    /// Reads a file.
    ///
    /// # Errors
    /// What is wrong, with the line.
    pub fn parse(text: &str) -> Result<Self, DocumentError> {
        let reports: Self = toml::from_str(text).map_err(|error| DocumentError::toml(text, &error))?;
        DocumentError::check_version(reports.version, Self::VERSION)?;
        Ok(reports)
    }

    /// The file's text.
    pub fn to_text(&self) -> String {
        toml::to_string(self).unwrap_or_default()
    }

    /// The last task of this kind.
    pub fn last(&self, kind: TaskKind) -> Option<&TaskReport> {
        self.reports.iter().find(|report| report.task == kind)
    }

    /// Notes that a task begins. The one before it of the same kind goes.
    pub fn begin(&mut self, request: &TaskRequest, now: Timestamp) {
        self.reports.retain(|report| report.task != request.task.kind());
        self.reports.push(TaskReport {
            task: request.task.kind(),
            id: request.id.clone(),
            asked_by: request.asked_by.clone(),
            begun: now,
            ended: None,
            verdict: None,
            message: None,
            details: Vec::new(),
        });
    }

    /// Notes what the machine reports of a task. `false` if that task has ended, or is not the last of its kind: then nothing changes.
    pub fn hear(&mut self, kind: TaskKind, id: &PermissionId, word: &TaskWord, now: Timestamp) -> bool {
        let running = |report: &&mut TaskReport| report.task == kind && report.id == *id && report.ended.is_none();
        let Some(report) = self.reports.iter_mut().find(running) else { return false };
        report.verdict = word.verdict;
        report.ended = word.verdict.map(|_| now);
        report.message = (!word.message.as_str().is_empty()).then(|| word.message.clone());
        report.details = word.details.iter().take(MAX_DETAILS).cloned().collect();
        true
    }
}

impl TaskReport {
    /// `PASSED 2026-11-30T10:00:00Z: memory and 3 disks`, or since when it runs.
    pub fn describe(&self) -> String {
        let message = self.message.as_ref().map_or_else(String::new, |message| format!(": {message}"));
        match (self.verdict, self.ended) {
            (Some(verdict), Some(at)) => format!("{verdict} {at}{message}"),
            _ => format!("begun {}, no end reported{message}", self.begun),
        }
    }
}
