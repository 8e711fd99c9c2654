// SPDX-License-Identifier: GPL-3.0-or-later
//! What the preflight check found: what is wrong, where, for which types, and what to do.

use super::InstallTarget;
use std::path::{Path, PathBuf};

/// How much it matters.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FindingKind {
    /// The cluster file itself makes a host wrong, whatever is published: an installation would fail or give an
    /// unusable system.
    Served,
    /// What is published is damaged.
    Media,
    /// The published media lack something that a type needs.
    Lacking,
    /// Nothing is published yet.
    Absent,
    /// It could not be checked, or something is worth knowing.
    Note,
    /// Hosts will be installed, and get no updates. An isolated cluster may want that.
    NoUpdates,
    /// What hosts will have. Nothing is wrong.
    Fact,
}

/// Something that was found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// How much it matters.
    pub kind: FindingKind,
    /// The targets that it concerns; empty if it concerns no single target.
    pub targets: Vec<InstallTarget>,
    /// The file to look at.
    pub file: PathBuf,
    /// Its line.
    pub line: Option<usize>,
    problem: String,
    /// What to do.
    pub advice: String,
}

impl Finding {
    pub(super) fn new(kind: FindingKind, file: &Path, problem: &str, advice: &str) -> Self {
        let (problem, advice) = (problem.to_owned(), advice.to_owned());
        Self { kind, targets: Vec::new(), file: file.to_path_buf(), line: None, problem, advice }
    }

    /// On this line.
    pub(super) fn at(self, line: Option<usize>) -> Self {
        Self { line, ..self }
    }

    /// What is wrong, with the types.
    pub fn problem(&self) -> String {
        if self.targets.is_empty() {
            return self.problem.clone();
        }
        let mut targets: Vec<String> = self.targets.iter().map(ToString::to_string).collect();
        targets.dedup();
        let all = match targets.split_last() {
            Some((last, [])) => last.clone(),
            Some((last, others)) => format!("{} and {last}", others.join(", ")),
            None => String::new(),
        };
        format!("{all}: {}", self.problem)
    }
}

/// All findings. The same fault of several targets is one finding.
#[derive(Debug, Default)]
pub(super) struct Findings(Vec<Finding>);

impl Findings {
    pub(super) fn add(&mut self, target: &InstallTarget, found: Finding) {
        let same = |other: &&mut Finding| {
            (other.kind, &other.file, &other.problem, &other.advice)
                == (found.kind, &found.file, &found.problem, &found.advice)
        };
        match self.0.iter_mut().find(same) {
            Some(other) if other.targets.contains(target) => {}
            Some(other) => other.targets.push(target.clone()),
            None => self.0.push(Finding { targets: vec![target.clone()], ..found }),
        }
    }

    /// Adds a finding that concerns no single target.
    pub(super) fn add_for_all(&mut self, found: Finding) {
        if !self.0.contains(&found) {
            self.0.push(found);
        }
    }

    pub(super) fn into_list(self) -> Vec<Finding> {
        self.0
    }
}
