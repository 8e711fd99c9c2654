// SPDX-License-Identifier: GPL-3.0-or-later
//! A line of the list that cannot be used.

/// What is wrong, and where. The line is counted from 1.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Problem {
    pub(super) line: usize,
    pub(super) text: String,
}

impl Problem {
    pub(super) fn new(line: usize, text: impl Into<String>) -> Self {
        Self { line, text: text.into() }
    }
}
