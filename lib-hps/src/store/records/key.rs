// SPDX-License-Identifier: GPL-3.0-or-later
//! The keys of records: a kind, and a name in it. They are made from types, and hold no path.

use crate::host::PermissionId;
use crate::store::allocations::AllocationKind;
use crate::types::{HostName, MacAddr};
use std::net::Ipv4Addr;

/// A kind of record.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Kind {
    /// The record of a host, by MAC.
    Host,
    /// Who has an address, a name or a further MAC.
    Allocation(AllocationKind),
    /// What the cluster has had once.
    ClusterMark,
    /// A permission that an operator gave, by MAC. Only root writes it.
    Permission,
    /// A permission that was chosen at a console, by MAC.
    MenuPermission,
    /// A permission to erase disks, by MAC. Only root writes it.
    ErasePermission,
    /// What a machine reported about erased disks, by MAC.
    EraseProtocol,
    /// A window, by id. Only root writes it.
    Window,
    /// The mark that a permission or a window ended, by id.
    EndedMark,
    /// The same, where older versions made it.
    OldEndedMark,
    /// The mark that a machine was installed, by MAC.
    InstalledMark,
    /// How many refused requests a host has met, by MAC.
    Refusals,
    /// A machine that asked and is not known, by MAC.
    Pending,
    /// What a machine reported about its hardware, by MAC.
    Hardware,
    /// How a host is switched on and off, by MAC. Only root reads and writes it.
    PowerControl,
    /// A task of the node environment that an operator asked for, by MAC. Only root writes it.
    Task,
    /// A discovery window, by id. Only root writes it.
    DiscoveryWindow,
    /// What a machine reported about its tasks, by MAC.
    TaskReports,
}

impl Kind {
    /// Whether an absent record permits something, so that a missing place must not count as an absent record.
    pub fn absence_decides(self) -> bool {
        matches!(self, Self::Host | Self::Permission | Self::MenuPermission | Self::InstalledMark | Self::Refusals)
    }

    /// Whether a place that is missing holds no records: it is younger than some clusters, or made when it is needed.
    pub fn may_be_missing(self) -> bool {
        matches!(
            self,
            Self::Allocation(AllocationKind::Mac)
                | Self::Window
                | Self::ErasePermission
                | Self::EraseProtocol
                | Self::Pending
                | Self::Hardware
                | Self::OldEndedMark
                | Self::PowerControl
                | Self::Task
                | Self::DiscoveryWindow
                | Self::TaskReports
        )
    }
}

/// The key of a record.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Key {
    kind: Kind,
    name: String,
}

impl Key {
    /// The record of a host.
    pub fn host(mac: MacAddr) -> Self {
        Self::of_mac(Kind::Host, mac)
    }

    /// Who has an address.
    pub fn address(address: Ipv4Addr) -> Self {
        Self { kind: Kind::Allocation(AllocationKind::Address), name: address.to_string() }
    }

    /// Who has a host name.
    pub fn host_name(name: &HostName) -> Self {
        Self { kind: Kind::Allocation(AllocationKind::Name), name: name.to_string() }
    }

    /// Who has a MAC beside its first.
    pub fn further_mac(mac: MacAddr) -> Self {
        Self::of_mac(Kind::Allocation(AllocationKind::Mac), mac)
    }

    /// The mark that the cluster has had a storage host.
    pub fn first_storage_host() -> Self {
        Self { kind: Kind::ClusterMark, name: "first-storage-host".to_owned() }
    }

    /// A permission of an operator.
    pub fn permission(mac: MacAddr) -> Self {
        Self::of_mac(Kind::Permission, mac)
    }

    /// A permission of a console.
    pub fn menu_permission(mac: MacAddr) -> Self {
        Self::of_mac(Kind::MenuPermission, mac)
    }

    /// A permission to erase disks.
    pub fn erase_permission(mac: MacAddr) -> Self {
        Self::of_mac(Kind::ErasePermission, mac)
    }

    /// What a machine reported about erased disks.
    pub fn erase_protocol(mac: MacAddr) -> Self {
        Self::of_mac(Kind::EraseProtocol, mac)
    }

    /// A window.
    pub fn window(id: &PermissionId) -> Self {
        Self { kind: Kind::Window, name: id.to_string() }
    }

    /// The mark that a permission or a window ended.
    pub fn ended_mark(id: &PermissionId) -> Self {
        Self { kind: Kind::EndedMark, name: id.to_string() }
    }

    /// The same, of an older version.
    pub fn old_ended_mark(id: &PermissionId) -> Self {
        Self { kind: Kind::OldEndedMark, name: id.to_string() }
    }

    /// The mark that a machine was installed.
    pub fn installed_mark(mac: MacAddr) -> Self {
        Self::of_mac(Kind::InstalledMark, mac)
    }

    /// The refused requests of a host.
    pub fn refusals(mac: MacAddr) -> Self {
        Self::of_mac(Kind::Refusals, mac)
    }

    /// A machine that waits.
    pub fn pending(mac: MacAddr) -> Self {
        Self::of_mac(Kind::Pending, mac)
    }

    /// What a machine reported about its hardware.
    pub fn hardware(mac: MacAddr) -> Self {
        Self::of_mac(Kind::Hardware, mac)
    }

    /// A task that an operator asked for.
    pub fn task(mac: MacAddr) -> Self {
        Self::of_mac(Kind::Task, mac)
    }

    /// A discovery window.
    pub fn discovery_window(id: &PermissionId) -> Self {
        Self { kind: Kind::DiscoveryWindow, name: id.to_string() }
    }

    /// What a machine reported about its tasks.
    pub fn task_reports(mac: MacAddr) -> Self {
        Self::of_mac(Kind::TaskReports, mac)
    }

    /// How a host is switched.
    pub fn power_control(mac: MacAddr) -> Self {
        Self::of_mac(Kind::PowerControl, mac)
    }

    /// A name that the storage has. One that could be a path, or is hidden, is none.
    pub(super) fn listed(kind: Kind, name: &str) -> Option<Self> {
        let is_name = !name.is_empty() && !name.starts_with('.') && !name.contains(['/', '\0']);
        is_name.then(|| Self { kind, name: name.to_owned() })
    }

    fn of_mac(kind: Kind, mac: MacAddr) -> Self {
        Self { kind, name: mac.to_string() }
    }

    /// Its kind.
    pub fn kind(&self) -> Kind {
        self.kind
    }

    /// Its name. HPS gave it, or a person made such a file, so a caller that needs a type parses it.
    pub fn name(&self) -> &str {
        &self.name
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_name_leads_out_of_its_kind() {
        for name in ["", ".", "..", ".hidden", "a/b", "../x", "a\0"] {
            assert_eq!(Key::listed(Kind::Host, name), None, "{name:?}");
        }
        assert_eq!(Key::listed(Kind::Host, "525400000001"), Some(Key::host("525400000001".parse().unwrap())));
    }
}
