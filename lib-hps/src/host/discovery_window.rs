// SPDX-License-Identifier: GPL-3.0-or-later
//! A time in which unknown machines look at themselves, for a rack that is switched on now. It permits no installation.

use super::document_error::DocumentError;
use super::node_task::AfterTask;
use super::permission::{PermissionId, is_past};
use crate::types::{Line, MacAddr, MacPrefix, Timestamp};
use serde::{Deserialize, Serialize};

/// A discovery window, from an operator. Only root can write its file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DiscoveryWindow {
    version: u32,
    /// Its own id; each window asks a machine once.
    pub id: PermissionId,
    /// Its name in messages.
    pub name: Line,
    /// When it was opened.
    pub opened: Timestamp,
    /// When it closes.
    pub closes: Timestamp,
    /// Who opened it.
    pub opened_by: Line,
    /// Only machines whose MAC begins with this.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mac_prefix: Option<MacPrefix>,
    /// What the machines do afterwards.
    #[serde(default)]
    pub then: AfterTask,
}

impl DiscoveryWindow {
    const VERSION: u32 = 1;

    /// A new one.
    pub fn new(
        id: PermissionId,
        name: Line,
        opened_by: Line,
        (opened, closes): (Timestamp, Timestamp),
        mac_prefix: Option<MacPrefix>,
        then: AfterTask,
    ) -> Self {
        Self { version: Self::VERSION, id, name, opened, closes, opened_by, mac_prefix, then }
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
        now < self.closes && is_past(self.opened, now)
    }

    /// Whether it is for this machine.
    pub fn fits(&self, mac: MacAddr) -> bool {
        self.mac_prefix.as_ref().is_none_or(|prefix| prefix.matches(mac))
    }
}
