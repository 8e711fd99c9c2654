// SPDX-License-Identifier: GPL-3.0-or-later
//! Mistakes in a file that a person wrote: each with its place, all in the order of the file.

use crate::types::line_of;
use std::fmt;
use std::ops::Range;

/// The longest value, line or list of keys that a message shows.
pub(super) const SHOWN: usize = 100;

/// Shown instead of a secret.
pub(super) const HIDDEN: &str = "not shown";

/// One mistake of a file.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, thiserror::Error)]
#[error("line {line}: {problem} (column {column}: {text})")]
pub struct ParseError {
    line: usize,
    column: usize,
    problem: String,
    text: String,
}

impl ParseError {
    /// A mistake at a place of `file`.
    pub(super) fn new(file: &str, place: &Range<usize>, problem: String) -> Self {
        let line = line_of(file, Some(place.clone()));
        let before = file.get(..place.start).unwrap_or_default();
        let column = 1 + before.rsplit('\n').next().unwrap_or_default().chars().count();
        let text = file.lines().nth(line - 1).unwrap_or_default();
        let text = if has_secret(text) { HIDDEN.to_owned() } else { shortened(text.trim()) };
        Self { line, column, problem, text }
    }

    /// The line, from 1.
    pub fn line(&self) -> usize {
        self.line
    }

    /// What is wrong, and what is expected, with the column and the line's text.
    pub fn without_line(&self) -> String {
        let Self { column, problem, text, .. } = self;
        format!("{problem} (column {column}: {text})")
    }
}

/// All mistakes of a file that one run finds. As one line it is the first mistake, and the line numbers of the others.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub struct ParseErrors {
    first: ParseError,
    others: Vec<ParseError>,
}

impl ParseErrors {
    /// In the order of the file; `None` if there is no mistake.
    pub(super) fn new(mut all: Vec<ParseError>) -> Option<Self> {
        all.sort();
        all.dedup();
        let mut all = all.into_iter();
        Some(Self { first: all.next()?, others: all.collect() })
    }

    /// Each of them.
    pub fn iter(&self) -> impl Iterator<Item = &ParseError> {
        std::iter::once(&self.first).chain(&self.others)
    }
}

impl From<ParseError> for ParseErrors {
    fn from(first: ParseError) -> Self {
        Self { first, others: Vec::new() }
    }
}

impl fmt::Display for ParseErrors {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.first.fmt(f)?;
        let lines: Vec<String> = self.others.iter().map(|other| other.line.to_string()).collect();
        match lines.as_slice() {
            [] => Ok(()),
            [line] => write!(f, "; there is another mistake in line {line}"),
            _ => write!(f, "; there are other mistakes in lines {}", lines.join(", ")),
        }
    }
}

/// Cut to the length that a message can show.
pub(super) fn shortened(text: &str) -> String {
    match text.char_indices().nth(SHOWN) {
        Some((cut, _)) => format!("{}...", text.get(..cut).unwrap_or_default()),
        None => text.to_owned(),
    }
}

/// Whether a line or a value may hold the hash of a password. Screens of machines show messages about the cluster file.
pub(super) fn has_secret(line: &str) -> bool {
    let mut fields = line.split('$').skip(1);
    let is_hash = fields.next().is_some_and(|kind| (1..=2).contains(&kind.len())) && fields.next().is_some();
    is_hash || line.contains("password")
}
