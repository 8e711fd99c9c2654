// SPDX-License-Identifier: GPL-3.0-or-later
//! What a host type is: what its hosts have besides what all hosts have. The types of HPS are values of this
//! structure, compiled in; a type of the site's own is made from one of them by its section of the cluster file.
//!
//! Code asks a definition what it needs to know and never compares the name of a type. The Debian packages of the types
//! of HPS are those of their images: `scripts/node/packages/`.

use crate::types::{HostType, Method, Ports, Profile};
use std::borrow::Cow;

/// What a host type is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TypeDefinition {
    /// Its name.
    pub host_type: HostType,
    /// The type of HPS that it is made from; itself, if it is one.
    pub from: HostType,
    /// Its title in menus.
    pub title: Cow<'static, str>,
    /// How the names of its hosts begin, before a `-` and a number.
    pub prefix: Cow<'static, str>,
    /// Its variants; the first is the default. Empty if there are none.
    pub profiles: &'static [Profile],
    /// Its keys in the menu, one for each variant. A type of the site's own has none; the menu gives it a digit.
    pub keys: &'static [char],
    /// When its hosts have a pool.
    pub pool: PoolUse,
    /// What else its hosts have or need.
    pub features: &'static [TypeFeature],
    /// Ports that are open, besides that of ssh.
    pub ports: &'static [Ports],
    /// Packages of a kickstart.
    pub(super) packages: &'static [&'static str],
    /// Units that start with the host, of a kickstart.
    pub(super) kickstart_services: &'static [&'static str],
    /// Units that start with the host, of an image.
    pub(super) image_services: &'static [&'static str],
}

/// When hosts of a type have a storage pool.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PoolUse {
    /// Each has one; its profile decides where.
    Always,
    /// Only with `volumes = "zfs"`.
    WithZfs,
    /// They have none.
    Never,
}

/// Something that hosts of a type have or need.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TypeFeature {
    /// It holds the data of other hosts; the menu offers hosts that need one after the first of them is installed.
    Storage,
    /// It needs a storage host in the cluster.
    NeedsStorage,
    /// It exports volumes over iSCSI.
    Exports,
    /// It has a bridge for guests, if the cluster file does not decide otherwise.
    GuestBridge,
    /// It has an iSCSI name that a storage host can be configured to accept beforehand.
    InitiatorName,
    /// It keeps copies of the provisioning node.
    Copies,
}

/// iSCSI (RFC 7143).
const ISCSI: Ports = Ports::tcp(3260, 3260);
/// The ports to which libvirt lets migrating guests connect.
const MIGRATION: Ports = Ports::tcp(49_152, 49_215);

/// A type that adds nothing.
const PLAIN: TypeDefinition = TypeDefinition {
    host_type: HostType::PLAIN,
    from: HostType::PLAIN,
    title: Cow::Borrowed("Plain host"),
    prefix: Cow::Borrowed("plain"),
    profiles: &[],
    keys: &['p'],
    pool: PoolUse::Never,
    features: &[],
    ports: &[],
    packages: &[],
    kickstart_services: &[],
    image_services: &[],
};

/// The types of HPS, in the order of [`HostType::BUILT_IN`].
static BUILT_IN: [TypeDefinition; 5] = [
    TypeDefinition {
        host_type: HostType::SCH,
        from: HostType::SCH,
        title: Cow::Borrowed("Storage cluster host"),
        prefix: Cow::Borrowed("sch"),
        profiles: &[Profile::StorageSingle, Profile::StorageRaid],
        keys: &['s', 'm'],
        pool: PoolUse::Always,
        features: &[TypeFeature::Storage, TypeFeature::Exports],
        ports: &[ISCSI],
        packages: &["lvm2", "mdadm", "targetcli"],
        kickstart_services: &["target.service"],
        ..PLAIN
    },
    TypeDefinition {
        host_type: HostType::TCH,
        from: HostType::TCH,
        title: Cow::Borrowed("Thin compute host"),
        prefix: Cow::Borrowed("tch"),
        keys: &['t'],
        features: &[TypeFeature::NeedsStorage, TypeFeature::GuestBridge, TypeFeature::InitiatorName],
        ports: &[MIGRATION],
        packages: &["iscsi-initiator-utils", "libvirt-client", "libvirt-daemon-kvm", "qemu-kvm"],
        kickstart_services: &["iscsid.socket", "virtqemud.socket", "virtnetworkd.socket", "virtstoraged.socket"],
        image_services: &["libvirtd.service", "iscsid.socket"],
        ..PLAIN
    },
    TypeDefinition {
        host_type: HostType::CCH,
        from: HostType::CCH,
        title: Cow::Borrowed("Container cluster host"),
        prefix: Cow::Borrowed("cch"),
        keys: &['c'],
        features: &[TypeFeature::NeedsStorage],
        packages: &["buildah", "podman", "skopeo"],
        kickstart_services: &["podman-restart.service"],
        image_services: &["podman-restart.service"],
        ..PLAIN
    },
    TypeDefinition {
        host_type: HostType::DRH,
        from: HostType::DRH,
        title: Cow::Borrowed("Disaster recovery host"),
        prefix: Cow::Borrowed("drh"),
        keys: &['d'],
        pool: PoolUse::WithZfs,
        features: &[TypeFeature::NeedsStorage, TypeFeature::Copies],
        packages: &["rsync"],
        ..PLAIN
    },
    PLAIN,
];

impl TypeDefinition {
    /// A type that adds nothing.
    pub(super) const PLAIN: Self = PLAIN;

    /// That of a type of HPS.
    pub fn built_in(host_type: HostType) -> Option<&'static Self> {
        BUILT_IN.iter().find(|definition| definition.host_type == host_type)
    }

    /// Whether its hosts have or need this.
    pub fn has(&self, feature: TypeFeature) -> bool {
        self.features.contains(&feature)
    }

    /// Packages of a kickstart.
    pub fn packages(&self) -> &'static [&'static str] {
        self.packages
    }

    /// Units that start with the host.
    pub fn services(&self, family: Method) -> &'static [&'static str] {
        match family {
            Method::Kickstart => self.kickstart_services,
            Method::Image => self.image_services,
        }
    }

    /// Its variants, or none of them if it has none.
    pub fn variants(&self) -> Vec<Option<Profile>> {
        if self.profiles.is_empty() { vec![None] } else { self.profiles.iter().copied().map(Some).collect() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_types_of_hps_are_complete() {
        assert_eq!(BUILT_IN.each_ref().map(|definition| definition.host_type), HostType::BUILT_IN);
        let mut keys: Vec<char> = Vec::new();
        for definition in &BUILT_IN {
            assert_eq!(definition.from, definition.host_type);
            assert_eq!(definition.keys.len(), definition.variants().len(), "{}", definition.host_type);
            assert_eq!(definition.prefix, definition.host_type.as_str().to_ascii_lowercase());
            keys.extend(definition.keys);
        }
        keys.sort_unstable();
        let all = keys.len();
        keys.dedup();
        assert_eq!(keys.len(), all, "one key, two types");
    }
}
