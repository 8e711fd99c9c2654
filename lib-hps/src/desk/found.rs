// SPDX-License-Identifier: GPL-3.0-or-later
//! What is found at the desk: what it is, where, of which types, and what to do.

use super::Case;
use std::path::{Path, PathBuf};

/// How much it matters.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// What the cluster file makes of a host is wrong, whatever is published: an installation would fail, or end as nobody wants.
    Served,
    /// What is published is damaged.
    Media,
    /// What is published has not all that a type needs.
    Lacking,
    /// Nothing is published yet.
    Absent,
    /// It could not be looked at, or something is worth knowing.
    Note,
}

/// Something that was found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Found {
    /// How much it matters.
    pub kind: Kind,
    /// Who would be served that; empty for what concerns no case alone.
    pub cases: Vec<Case>,
    /// The file to look at.
    pub file: PathBuf,
    /// Its line.
    pub line: Option<usize>,
    problem: String,
    /// What to do.
    pub advice: String,
}

impl Found {
    pub(super) fn new(kind: Kind, file: &Path, problem: &str, advice: &str) -> Self {
        let (problem, advice) = (problem.to_owned(), advice.to_owned());
        Self { kind, cases: Vec::new(), file: file.to_path_buf(), line: None, problem, advice }
    }

    /// On this line.
    pub(super) fn at(self, line: Option<usize>) -> Self {
        Self { line, ..self }
    }

    /// What is wrong, with the types.
    pub fn problem(&self) -> String {
        if self.cases.is_empty() {
            return self.problem.clone();
        }
        let mut cases: Vec<String> = self.cases.iter().map(ToString::to_string).collect();
        cases.dedup();
        format!("{}: {}", cases.join(" and "), self.problem)
    }
}

/// All of it. What is found of several cases is one finding.
#[derive(Debug, Default)]
pub(super) struct Findings(Vec<Found>);

impl Findings {
    pub(super) fn add(&mut self, case: &Case, found: Found) {
        let same = |other: &&mut Found| {
            (other.kind, &other.file, &other.problem, &other.advice)
                == (found.kind, &found.file, &found.problem, &found.advice)
        };
        match self.0.iter_mut().find(same) {
            Some(other) if other.cases.contains(case) => {}
            Some(other) => other.cases.push(case.clone()),
            None => self.0.push(Found { cases: vec![case.clone()], ..found }),
        }
    }

    /// What concerns no case alone.
    pub(super) fn add_for_all(&mut self, found: Found) {
        if !self.0.contains(&found) {
            self.0.push(found);
        }
    }

    pub(super) fn into_list(self) -> Vec<Found> {
        self.0
    }
}
