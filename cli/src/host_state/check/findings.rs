// SPDX-License-Identifier: GPL-3.0-or-later
//! What is found, with file, line and advice.

use hps::files::FileError;
use hps::store::StoreError;
use std::path::{Path, PathBuf};

/// Something that is not as it should be. The names of the fields are an interface.
#[derive(Debug, serde::Serialize)]
pub(crate) struct Finding {
    pub(crate) severity: Severity,
    pub(crate) file: PathBuf,
    pub(crate) line: Option<usize>,
    pub(crate) problem: String,
    pub(crate) advice: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Severity {
    Problem,
    Note,
}

/// The findings, in the order of the checks.
#[derive(Debug, Default)]
pub(super) struct Findings(pub(super) Vec<Finding>);

impl Findings {
    pub(super) fn add(&mut self, severity: Severity, file: &Path, line: Option<usize>, problem: String, advice: &str) {
        self.0.push(Finding { severity, file: file.to_path_buf(), line, problem, advice: advice.to_owned() });
    }

    pub(super) fn problem(&mut self, file: &Path, line: Option<usize>, problem: impl Into<String>, advice: &str) {
        self.add(Severity::Problem, file, line, problem.into(), advice);
    }

    pub(super) fn note(&mut self, file: &Path, problem: impl Into<String>, advice: &str) {
        self.add(Severity::Note, file, None, problem.into(), advice);
    }

    /// A file that cannot be read or accepted. The store writes `line N: ...` if it knows the line.
    pub(super) fn error(&mut self, file: &Path, error: &StoreError, advice: &str) {
        let (path, text) = match error {
            StoreError::Mistakes { path, mistakes } => {
                for mistake in mistakes.iter() {
                    self.problem(path, Some(mistake.line()), mistake.without_line(), advice);
                }
                return;
            }
            StoreError::Content { path, problem } => (path.as_path(), problem.clone()),
            StoreError::Untrusted(FileError::Untrusted { path, problem, mend }) => {
                return self.problem(path, None, problem, mend);
            }
            StoreError::Io(error) => (error.path(), format!("cannot {}: {}", error.operation(), error.reason())),
            other => (file, other.to_string()),
        };
        let numbered = text.strip_prefix("line ").and_then(|rest| rest.split_once(": "));
        match numbered.and_then(|(number, rest)| Some((number.parse().ok()?, rest))) {
            Some((line, rest)) => self.problem(path, Some(line), rest, advice),
            None => self.problem(path, None, text, advice),
        }
    }
}
