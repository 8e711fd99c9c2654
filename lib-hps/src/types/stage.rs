// SPDX-License-Identifier: GPL-3.0-or-later
//! The steps of an installation that a node reports.

use super::{Invalid, serde_as_text};
use std::fmt;
use std::str::FromStr;

/// One step, in the order in which they pass. `Failed` may come at any time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Stage {
    /// The installer runs and holds its answer file.
    Started,
    /// The disks are chosen; the message lists their serials. Nothing was written yet.
    Disks,
    /// Partitions and filesystems are made.
    Partitioned,
    /// The system's files are on the disk.
    Packages,
    /// The host's own settings are written.
    Configured,
    /// Everything is done, the boot loader too.
    Installed,
    /// It ended before that; the message says why.
    Failed,
}

impl Stage {
    /// All of them, in order.
    pub const ALL: [Self; 7] = [
        Self::Started,
        Self::Disks,
        Self::Partitioned,
        Self::Packages,
        Self::Configured,
        Self::Installed,
        Self::Failed,
    ];

    /// The name on the wire.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Started => "started",
            Self::Disks => "disks",
            Self::Partitioned => "partitioned",
            Self::Packages => "packages",
            Self::Configured => "configured",
            Self::Installed => "installed",
            Self::Failed => "failed",
        }
    }
}

impl FromStr for Stage {
    type Err = Invalid;

    fn from_str(text: &str) -> Result<Self, Invalid> {
        Self::ALL.into_iter().find(|s| s.as_str() == text).ok_or_else(|| {
            Invalid::new(
                "stage",
                text,
                "expected started, disks, partitioned, packages, configured, installed or failed",
            )
        })
    }
}

impl fmt::Display for Stage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

serde_as_text!(Stage);
