// SPDX-License-Identifier: GPL-3.0-or-later
//! The steps of a decision, for a person who asks why.

use serde::Serialize;

/// What a step looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Subject {
    /// The record of the host.
    Record,
    /// The mark that the machine was ever installed.
    EverInstalled,
    /// A task of the node environment.
    Task,
    /// The permission to erase disks.
    Erase,
    /// The permission to install.
    Permission,
    /// The rules of the cluster file, and windows.
    Rules,
    /// How often the permission was used.
    Attempts,
    /// Who sent the request.
    Sender,
    /// Its processor.
    Processor,
    /// What it would be installed from.
    Source,
    /// Address and name.
    Place,
    /// The state alone.
    State,
    /// Whether a person at the console may choose in this cluster.
    Enrolment,
}

impl Subject {
    /// Its name for people.
    pub fn title(self) -> &'static str {
        match self {
            Self::Record => "record",
            Self::EverInstalled => "ever installed",
            Self::Task => "task",
            Self::Erase => "erase",
            Self::Permission => "permission",
            Self::Rules => "rules",
            Self::Attempts => "attempts",
            Self::Sender => "sender",
            Self::Processor => "processor",
            Self::Source => "source",
            Self::Place => "address, name",
            Self::State => "state",
            Self::Enrolment => "enrolment",
        }
    }
}

/// One step.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Step {
    /// What it looked at.
    pub subject: Subject,
    /// What was found there.
    pub finding: String,
    /// Whether this step decided.
    pub decides: bool,
}

/// Collects the steps if a caller wants them, and costs nothing otherwise.
#[derive(Debug, Default)]
pub struct Trace(Option<Vec<Step>>);

impl Trace {
    /// Keeps nothing.
    pub fn off() -> Self {
        Self(None)
    }

    /// Keeps the steps.
    pub fn on() -> Self {
        Self(Some(Vec::new()))
    }

    /// A step that does not decide.
    pub(super) fn found(&mut self, subject: Subject, finding: impl FnOnce() -> String) {
        if let Some(steps) = &mut self.0 {
            steps.push(Step { subject, finding: finding(), decides: false });
        }
    }

    /// The step that decides.
    pub(super) fn settled(&mut self, subject: Subject, finding: impl FnOnce() -> String) {
        if let Some(steps) = &mut self.0 {
            steps.push(Step { subject, finding: finding(), decides: true });
        }
    }

    /// The steps, in the order in which they were taken.
    pub fn into_steps(self) -> Vec<Step> {
        self.0.unwrap_or_default()
    }
}
