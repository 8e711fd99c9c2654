// SPDX-License-Identifier: GPL-3.0-or-later
//! `[install.stage_limits]`: how long an installation may stay in a stage before it is shown as stalled.

use crate::types::{Lifetime, Stage};
use serde::Deserialize;

/// One limit for each stage that another one follows. The defaults fit slow machines on a slow network.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct StageLimits {
    /// The answer file was fetched, and the installer has not reported yet.
    pub begun: Lifetime,
    /// The installer runs.
    pub started: Lifetime,
    /// The disks are chosen.
    pub disks: Lifetime,
    /// The disks are partitioned; now the system's files come.
    pub partitioned: Lifetime,
    /// The system's files are there.
    pub packages: Lifetime,
    /// The host's own settings are written.
    pub configured: Lifetime,
}

const fn minutes(number: u64) -> Lifetime {
    match Lifetime::from_secs(number * 60) {
        Some(lifetime) => lifetime,
        None => Lifetime::HOUR,
    }
}

impl Default for StageLimits {
    fn default() -> Self {
        Self {
            begun: minutes(30),
            started: minutes(15),
            disks: minutes(10),
            partitioned: minutes(60),
            packages: minutes(120),
            configured: minutes(30),
        }
    }
}

impl StageLimits {
    /// The limit of a stage; `None` is the time before the first one. The last stages have none.
    pub fn for_stage(&self, stage: Option<Stage>) -> Option<Lifetime> {
        match stage {
            None => Some(self.begun),
            Some(Stage::Started) => Some(self.started),
            Some(Stage::Disks) => Some(self.disks),
            Some(Stage::Partitioned) => Some(self.partitioned),
            Some(Stage::Packages) => Some(self.packages),
            Some(Stage::Configured) => Some(self.configured),
            Some(Stage::Installed | Stage::Failed) => None,
        }
    }

    /// Each with its key and its comment in the file.
    pub fn entries(&self) -> [(&'static str, Lifetime, &'static str); 6] {
        [
            ("begun", self.begun, "answer file fetched, no report of the installer yet"),
            ("started", self.started, "the installer runs"),
            ("disks", self.disks, "the disks are chosen"),
            ("partitioned", self.partitioned, "partitions made, the system's files are being written"),
            ("packages", self.packages, "the system's files are there"),
            ("configured", self.configured, "the host's own settings are written"),
        ]
    }
}
