// SPDX-License-Identifier: GPL-3.0-or-later
//! The files of a host type, by what its definition says that its hosts have.

use super::placed_file::{MADE, PlacedFile};
use super::target_system::TargetSystem;
use crate::config::{TypeDefinition, TypeFeature};

pub(super) fn files(definition: &TypeDefinition, host: &TargetSystem<'_>) -> Vec<PlacedFile> {
    let mut files = Vec::new();
    if definition.has(TypeFeature::InitiatorName) {
        // Fixed beforehand, so that a storage host can be configured to accept it.
        let text = format!("{MADE}InitiatorName={}\n", iqn(host));
        files.push(PlacedFile::secret("etc/iscsi/initiatorname.iscsi", text));
    }
    if definition.has(TypeFeature::Copies) {
        // site-copy puts copies of the provisioning node here, with the site's key in them.
        let text = format!("{MADE}d /srv/hps-copy 0700 root root -\n");
        files.push(PlacedFile::new("etc/tmpfiles.d/hps-copy.conf", text));
    }
    files
}

/// The iSCSI name of a host (RFC 3720, 3.2.6.3.1): the site's domain in reverse order, and the host's name.
fn iqn(host: &TargetSystem<'_>) -> String {
    let mut labels: Vec<&str> = host.cluster.placement(host.address).domain().as_str().split('.').collect();
    labels.reverse();
    format!("iqn.2026-01.{}:{}", labels.join("."), host.name)
}
