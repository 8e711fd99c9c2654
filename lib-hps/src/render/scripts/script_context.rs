// SPDX-License-Identifier: GPL-3.0-or-later
//! The machine and the cluster that a script is for.

use crate::boot::MenuItem;
use crate::config::Cluster;
use crate::host::Host;
use crate::render::ipxe::Script;
use crate::types::MacAddr;

/// How long a machine waits before it asks again.
pub(super) const WAIT_SECONDS: u32 = 30;
/// What scripts are about.
#[derive(Debug, Clone, Copy)]
pub struct ScriptContext<'a> {
    /// The cluster.
    pub cluster: &'a Cluster,
    /// The interface that the machine boots from.
    pub mac: MacAddr,
    /// Its record, if there is one that can be read.
    pub host: Option<&'a Host>,
    /// Whether the machine was ever installed: then its menu offers no installation, only the request for one.
    pub was_installed: bool,
    /// Whether the cluster ever had a storage host. Before that its menu offers no other type.
    pub has_storage: bool,
}

impl ScriptContext<'_> {
    pub(super) fn title(&self) -> String {
        let name = self.host.and_then(|h| h.name.as_ref()).map_or("unknown host", |n| n.as_str());
        format!("HPS {} - {} ({})", self.cluster.name, name, self.mac.colons())
    }

    pub(super) fn ask_again(&self) -> String {
        format!("{}?cmd=init", self.cluster.boot_manager_url())
    }

    pub(super) fn item(&self, item: MenuItem) -> String {
        format!("{}?cmd=process_menu_item&mac={}&menu_item={item}", self.cluster.boot_manager_url(), self.mac)
    }

    pub(super) fn titled(&self) -> Script {
        Script::new().echo(&self.title())
    }
}
