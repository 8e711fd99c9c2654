// SPDX-License-Identifier: GPL-3.0-or-later
//! Why a record, a permission or a window cannot be used.

/// An error in the text of a file. The caller names the file.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("line {line}: {problem}")]
pub struct DocumentError {
    /// Counted from 1.
    pub line: usize,
    /// What is wrong.
    pub problem: String,
}

impl DocumentError {
    /// An error that the TOML reader found in this text.
    pub(super) fn toml(text: &str, error: &toml::de::Error) -> Self {
        Self { line: crate::types::line_of(text, error.span()), problem: error.message().replace('\n', " ") }
    }

    /// An error of the whole text.
    pub(super) fn whole(problem: impl Into<String>) -> Self {
        Self { line: 1, problem: problem.into() }
    }

    /// Refuses a version that this program does not read.
    pub(super) fn check_version(found: u32, read: u32) -> Result<(), Self> {
        if found == read {
            return Ok(());
        }
        Err(Self::whole(format!("version is {found}: this program reads version {read}")))
    }
}
