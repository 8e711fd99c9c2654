// SPDX-License-Identifier: GPL-3.0-or-later
//! What the files of erases are called.

use super::Paths;
use super::record_file::RecordFile;
use super::records::Key;
use crate::types::MacAddr;
use std::path::PathBuf;

impl Paths {
    /// The folder of permissions to erase, which only root writes.
    pub fn erase_permissions_dir(&self) -> PathBuf {
        self.permissions_dir().join("erase")
    }

    /// A permission to erase disks.
    pub fn erase_permission(&self, mac: MacAddr) -> RecordFile {
        self.record(&Key::erase_permission(mac))
    }

    /// The folder of the protocols of erased disks.
    pub fn erase_protocols_dir(&self) -> PathBuf {
        self.cluster_dir().join("erase-protocols")
    }

    /// The protocol of erased disks of a host.
    pub fn erase_protocol(&self, mac: MacAddr) -> RecordFile {
        self.record(&Key::erase_protocol(mac))
    }
}
