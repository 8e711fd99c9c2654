// SPDX-License-Identifier: GPL-3.0-or-later
//! Something that is wrong with a kickstart.

/// Something that is wrong.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::preflight) struct Fault {
    /// The line of the kickstart, from 1.
    pub(in crate::preflight) line: Option<usize>,
    /// What is wrong.
    pub(in crate::preflight) problem: String,
}

impl Fault {
    pub(super) fn at(line: usize, problem: String) -> Self {
        Self { line: Some(line), problem }
    }
}
