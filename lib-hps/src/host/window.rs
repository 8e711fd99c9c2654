// SPDX-License-Identifier: GPL-3.0-or-later
//! A time in which machines without a permission of their own may be installed: for a rack that is switched on now.

use super::PermissionId;
use super::document_error::DocumentError;
use crate::config::Rule;
use crate::types::{Line, Timestamp};
use serde::{Deserialize, Serialize};

/// A rule with an end, from an operator. Only root can write its file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Window {
    version: u32,
    /// Its own name; each window permits a machine once.
    pub id: PermissionId,
    /// When it was opened.
    pub opened: Timestamp,
    /// When it closes.
    pub closes: Timestamp,
    /// Who opened it.
    pub opened_by: Line,
    /// Which machines, and their type. It may fit every machine.
    pub rule: Rule,
}

impl Window {
    const VERSION: u32 = 1;

    /// A new one.
    pub fn new(id: PermissionId, rule: Rule, opened_by: Line, opened: Timestamp, closes: Timestamp) -> Self {
        Self { version: Self::VERSION, id, opened, closes, opened_by, rule }
    }

    /// Reads a file.
    ///
    /// # Errors
    /// What is wrong, with the line.
    pub fn parse(text: &str) -> Result<Self, DocumentError> {
        let window: Self = toml::from_str(text).map_err(|error| DocumentError::toml(text, &error))?;
        DocumentError::check_version(window.version, Self::VERSION)?;
        Ok(window)
    }

    /// The file's text.
    pub fn to_text(&self) -> String {
        toml::to_string(self).unwrap_or_default()
    }

    /// Whether it is open. One that was opened in the future is not: the clock went back.
    pub fn is_open(&self, now: Timestamp) -> bool {
        now < self.closes && super::permission::is_past(self.opened, now)
    }
}
