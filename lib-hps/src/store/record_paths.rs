// SPDX-License-Identifier: GPL-3.0-or-later
//! Which file holds which record.

use super::Paths;
use super::record_file::RecordFile;
use super::records::{Key, Kind};
use crate::files::Access;
use std::path::PathBuf;

/// How the names of files end that a person may edit.
const TOML: &str = ".toml";

impl Paths {
    /// The folder of a kind of record, and how the names of its files end.
    pub(super) fn place(&self, kind: Kind) -> (PathBuf, &'static str) {
        match kind {
            Kind::Host => (self.hosts_dir(), TOML),
            Kind::Allocation(kind) => (self.claims_dir(kind), ""),
            Kind::ClusterMark => (self.claims_root().join("marks"), ""),
            Kind::Permission => (self.permissions_dir(), TOML),
            Kind::MenuPermission => (self.menu_permissions_dir(), TOML),
            Kind::ErasePermission => (self.erase_permissions_dir(), TOML),
            Kind::EraseProtocol => (self.erase_protocols_dir(), TOML),
            Kind::Window => (self.windows_dir(), TOML),
            Kind::EndedMark => (self.spent_dir(), ""),
            Kind::OldEndedMark => (self.old_spent_dir(), ""),
            Kind::InstalledMark => (self.ever_installed_dir(), ""),
            Kind::Refusals => (self.cluster_dir().join("refusals"), ""),
            Kind::Pending => (self.pending_dir(), TOML),
            Kind::Hardware => (self.hardware_dir(), TOML),
            Kind::PowerControl => (self.power_controls_dir(), TOML),
            Kind::Task => (self.tasks_dir(), TOML),
            Kind::DiscoveryWindow => (self.discovery_windows_dir(), TOML),
            Kind::TaskReports => (self.task_reports_dir(), TOML),
        }
    }

    /// The file of a record.
    pub(super) fn record(&self, key: &Key) -> RecordFile {
        let (folder, ending) = self.place(key.kind());
        let access = match key.kind() {
            // Only root writes what an operator permits or asks for.
            Kind::Permission | Kind::ErasePermission | Kind::Window | Kind::Task | Kind::DiscoveryWindow => {
                Access::GroupRead
            }
            // Root's credentials go to the address in it.
            Kind::PowerControl => Access::Owner,
            _ => Access::Group,
        };
        RecordFile { path: folder.join(format!("{}{ending}", key.name())), access }
    }
}
