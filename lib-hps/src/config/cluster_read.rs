// SPDX-License-Identifier: GPL-3.0-or-later
//! Reads a cluster file and finds all of its mistakes in one run.

use super::cluster::{Cluster, ClusterError};
use super::reader::{self, Samples};

/// One value for each required key.
const SAMPLES: Samples = Samples(&[
    ("version", "1"),
    ("name", "\"site\""),
    ("network", "{}"),
    ("network.interface", "\"eth0\""),
    ("network.address", "\"10.0.0.1/24\""),
    ("network.dhcp_range", "\"10.0.0.128-10.0.0.254\""),
    ("network.host_range", "\"10.0.0.2-10.0.0.127\""),
    ("network.domain", "\"site.internal\""),
    ("install", "{}"),
    ("install.ssh_keys", "[\"ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIAbcdefghijklmnopqrstuvwxyz admin\"]"),
    ("types", "{}"),
    ("types.*.distro", "\"x86_64-linux-debian-12\""),
    ("subnet.*.name", "\"rack2\""),
    ("subnet.*.network", "\"10.0.1.0/24\""),
    ("subnet.*.dhcp_range", "\"10.0.1.128-10.0.1.254\""),
    ("subnet.*.host_range", "\"10.0.1.2-10.0.1.127\""),
    ("subnet.*.gateway", "\"10.0.1.1\""),
    ("storage_network.*.name", "\"storage1\""),
    ("storage_network.*.network", "\"10.100.1.0/24\""),
    ("boot_loader.*.file", "\"ipxe.efi\""),
    ("boot_loader.*.reason", "\"hangs\""),
    ("rule.*.name", "\"rack 7\""),
    ("rule.*.type", "\"SCH\""),
]);

impl Cluster {
    /// Reads and checks a file.
    ///
    /// # Errors
    /// [`ClusterError::File`].
    pub fn parse(text: &str) -> Result<Self, ClusterError> {
        Ok(reader::read(text, SAMPLES, Self::contradictions)?)
    }
}
