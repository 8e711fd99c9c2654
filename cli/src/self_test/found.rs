// SPDX-License-Identifier: GPL-3.0-or-later
//! What a check found.

/// How much it matters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum Status {
    /// As it should be.
    Ok,
    /// Machines can be built, and a person should look at it.
    Warning,
    /// Some machine cannot be built.
    Problem,
    /// It could not be checked.
    Unchecked,
}

impl Status {
    /// As it is printed.
    pub(super) fn as_str(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::Warning => "warning",
            Self::Problem => "problem",
            Self::Unchecked => "unchecked",
        }
    }

    /// Whether a person should do something about it.
    pub(super) fn is_wrong(self) -> bool {
        matches!(self, Self::Warning | Self::Problem)
    }
}

/// One line of a check, without its name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Found {
    pub(super) status: Status,
    pub(super) text: String,
    /// What to do; empty if there is nothing to do.
    pub(super) advice: String,
}

impl Found {
    fn new(status: Status, text: impl Into<String>, advice: impl Into<String>) -> Self {
        Self { status, text: text.into(), advice: advice.into() }
    }

    pub(super) fn ok(text: impl Into<String>) -> Self {
        Self::new(Status::Ok, text, "")
    }

    pub(super) fn warning(text: impl Into<String>, advice: impl Into<String>) -> Self {
        Self::new(Status::Warning, text, advice)
    }

    pub(super) fn problem(text: impl Into<String>, advice: impl Into<String>) -> Self {
        Self::new(Status::Problem, text, advice)
    }

    pub(super) fn unchecked(text: impl Into<String>, advice: impl Into<String>) -> Self {
        Self::new(Status::Unchecked, text, advice)
    }

    /// A line of another part of HPS, which has its advice behind the last semicolon.
    pub(super) fn problem_line(line: &str) -> Self {
        match line.rsplit_once("; ") {
            Some((text, advice)) => Self::problem(text, advice),
            None => Self::problem(line, ""),
        }
    }
}

/// A line in JSON. The names of the fields are an interface.
#[derive(Debug, serde::Serialize)]
pub(super) struct Row {
    pub(super) name: &'static str,
    pub(super) status: Status,
    pub(super) text: String,
    pub(super) advice: String,
}

/// `problem ports: UDP port 69 ...; end that program`.
impl std::fmt::Display for Row {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} {}: {}", self.status.as_str(), self.name, self.text)?;
        if self.advice.is_empty() { Ok(()) } else { write!(f, "; {}", self.advice) }
    }
}
