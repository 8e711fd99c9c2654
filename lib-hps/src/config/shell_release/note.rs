// SPDX-License-Identifier: GPL-3.0-or-later
//! What an import made of a value.

use std::fmt;

/// What became of a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, serde::Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Fate {
    /// It is taken as it is.
    Kept,
    /// It is taken in another form.
    Changed,
    /// It has no meaning in this version.
    Dropped,
    /// It cannot be understood or taken.
    Refused,
}

/// One value of a file, and what became of it.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Note {
    /// The file, by its path below the folder of the site.
    pub file: String,
    /// Counted from 1; 0 for the whole file.
    pub line: usize,
    /// What became of it.
    pub fate: Fate,
    /// The value, and why.
    pub text: String,
}

impl fmt::Display for Fate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Kept => "kept",
            Self::Changed => "changed",
            Self::Dropped => "dropped",
            Self::Refused => "refused",
        })
    }
}

impl fmt::Display for Note {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.line {
            0 => write!(f, "{}: {}: {}", self.file, self.fate, self.text),
            line => write!(f, "{}:{line}: {}: {}", self.file, self.fate, self.text),
        }
    }
}

/// The notes of one file.
#[derive(Debug)]
pub(super) struct Notes {
    file: String,
    all: Vec<Note>,
}

impl Notes {
    pub(super) fn new(file: &str) -> Self {
        Self { file: file.to_owned(), all: Vec::new() }
    }

    pub(super) fn add(&mut self, fate: Fate, line: usize, text: impl Into<String>) {
        self.all.push(Note { file: self.file.clone(), line, fate, text: text.into() });
    }

    pub(super) fn into_sorted(mut self) -> Vec<Note> {
        self.all.sort_by_key(|note| note.line);
        self.all
    }
}
