// SPDX-License-Identifier: GPL-3.0-or-later
//! One attempt of an installation, as the record of its host keeps it.

use super::{PermissionId, PermissionRef};
use crate::types::{DiskName, Distro, HostKey, Line, Stage, Timestamp};
use serde::{Deserialize, Serialize};

/// More disks than any installation writes to. A record stays small, whatever its installer reports. A disk beyond the
/// limit is not wiped by a retry.
pub const MAX_DISKS: usize = 64;

/// One attempt of an installation. A new one replaces the old one, whose tokens expire with it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Attempt {
    /// Counted from 1 over the host's life in this cluster, so that no token ever becomes valid again.
    pub number: u32,
    /// How many attempts this permission has begun, including this one.
    pub of_permission: u32,
    /// The permission it runs under.
    pub permission: PermissionId,
    /// When that permission expires, if it is a choice at a console: the mark of its use has the time.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub console_until: Option<Timestamp>,
    /// The marks of the installations before the permission.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub after: Option<Vec<Line>>,
    /// When its answer file was fetched first. Its tokens, and so the answer file, depend on it.
    pub since: Timestamp,
    /// The operating system.
    pub distro: Distro,
    /// Which published build of it; an answer file must not change within an attempt.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub build: Option<Line>,
    /// The distribution whose repository of local packages it uses, besides the tree.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub packages: Option<Distro>,
    /// Whether ZFS was available for it, in the image or among these packages.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub zfs: bool,
    /// The serials of the disks it registered before it wrote to them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub disks: Vec<DiskName>,
    /// Disks that earlier attempts of this permission registered: it may wipe these.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub may_wipe: Vec<DiskName>,
    /// The public key of the new system's sshd, as this attempt first reported it. It becomes the host's when the
    /// installation is complete.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub host_key: Option<HostKey>,
    /// The first report that contradicted this attempt, came with its token, and was refused.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub contradicted: Option<Line>,
    /// The stages it reported.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub stages: Vec<StageTime>,
}

/// A stage, and when it was first reported.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StageTime {
    /// Which.
    pub stage: Stage,
    /// When.
    pub at: Timestamp,
}

impl Attempt {
    /// The permission it runs under, for the mark of its use.
    pub fn permission_ref(&self) -> PermissionRef {
        PermissionRef::new(self.permission.clone(), self.console_until, self.after.clone())
    }

    /// Whether the installer has reported with the token of this attempt, so that the ticket is dead.
    pub fn has_reported(&self) -> bool {
        !self.stages.is_empty()
    }

    /// What a report says differently from this attempt's first report. The first report counts: a node's data about
    /// itself (its disks, its ssh host key) is accepted once for each attempt, and the same data may come again. Every
    /// such value must be checked here.
    pub fn contradiction(&self, disks: &[DiskName], host_key: Option<&HostKey>) -> Option<String> {
        let told = |stage: Stage| self.stages.iter().any(|s| s.stage == stage);
        // A long list of disks comes in several reports, so the list is open until the next stage.
        let closed = self.stages.iter().any(|s| !matches!(s.stage, Stage::Started | Stage::Disks));
        if closed && disks.iter().any(|disk| !self.disks.contains(disk)) {
            let named = |disks: &[DiskName]| disks.iter().map(DiskName::as_str).collect::<Vec<_>>().join(" ");
            return Some(format!("other disks ({}) than it reported first ({})", named(disks), named(&self.disks)));
        }
        let second = host_key?;
        match &self.host_key {
            Some(first) if first == second => None,
            Some(first) => Some(format!("another ssh host key ({second}) than it reported first ({first})")),
            None if told(Stage::Configured) => {
                Some(format!("an ssh host key ({second}), but it reported none at first"))
            }
            None => None,
        }
    }

    /// Its present stage.
    pub fn stage(&self) -> Option<&StageTime> {
        self.stages.last()
    }
}
