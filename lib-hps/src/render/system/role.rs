// SPDX-License-Identifier: GPL-3.0-or-later
//! What each host type has, by the package names of its distribution. Debian packages are those of its image:
//! `scripts/node/packages/`.

use super::placed_file::{MADE, PlacedFile};
use super::target_system::TargetSystem;
use crate::types::{HostType, Method, Ports};

/// A host type on a family of distributions.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Role {
    host_type: HostType,
    /// Packages of a kickstart.
    pub packages: &'static [&'static str],
    /// Units that start with the host.
    pub services: &'static [&'static str],
    /// Ports that are open, besides that of ssh.
    pub ports: &'static [Ports],
}

/// iSCSI (RFC 7143).
const ISCSI: Ports = Ports::tcp(3260, 3260);
/// The ports to which libvirt lets migrating guests connect.
const MIGRATION: Ports = Ports::tcp(49_152, 49_215);

impl Role {
    /// The one of this type.
    pub fn for_type(host_type: HostType, family: Method) -> Self {
        type List = &'static [&'static str];
        let (packages, services, ports): (List, List, &'static [Ports]) = match (host_type, family) {
            (HostType::Sch, Method::Kickstart) => (&["lvm2", "mdadm", "targetcli"], &["target.service"], &[ISCSI]),
            (HostType::Sch, Method::Image) => (&[], &[], &[ISCSI]),
            (HostType::Tch, Method::Kickstart) => (
                &["iscsi-initiator-utils", "libvirt-client", "libvirt-daemon-kvm", "qemu-kvm"],
                &["iscsid.socket", "virtqemud.socket", "virtnetworkd.socket", "virtstoraged.socket"],
                &[MIGRATION],
            ),
            (HostType::Tch, Method::Image) => (&[], &["libvirtd.service", "iscsid.socket"], &[MIGRATION]),
            (HostType::Cch, Method::Kickstart) => (&["buildah", "podman", "skopeo"], &["podman-restart.service"], &[]),
            (HostType::Cch, Method::Image) => (&[], &["podman-restart.service"], &[]),
            (HostType::Drh, Method::Kickstart) => (&["rsync"], &[], &[]),
            (HostType::Drh, Method::Image) => (&[], &[], &[]),
        };
        Self { host_type, packages, services, ports }
    }

    pub(super) fn files(&self, host: &TargetSystem<'_>) -> Vec<PlacedFile> {
        match self.host_type {
            // Fixed beforehand, so that a storage host can be configured to accept it.
            HostType::Tch => {
                vec![PlacedFile::secret(
                    "etc/iscsi/initiatorname.iscsi",
                    format!("{MADE}InitiatorName={}\n", iqn(host)),
                )]
            }
            // site-copy puts copies of the provisioning node here, with the site's key in them.
            HostType::Drh => {
                vec![PlacedFile::new(
                    "etc/tmpfiles.d/hps-copy.conf",
                    format!("{MADE}d /srv/hps-copy 0700 root root -\n"),
                )]
            }
            HostType::Sch | HostType::Cch => Vec::new(),
        }
    }
}

/// The iSCSI name of a host (RFC 3720, 3.2.6.3.1): the site's domain in reverse order, and the host's name.
fn iqn(host: &TargetSystem<'_>) -> String {
    let mut labels: Vec<&str> = host.cluster.placement(host.address).domain().as_str().split('.').collect();
    labels.reverse();
    format!("iqn.2026-01.{}:{}", labels.join("."), host.name)
}
