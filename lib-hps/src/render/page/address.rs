// SPDX-License-Identifier: GPL-3.0-or-later

use crate::boot::{MenuItem, MissingFeature};
use crate::config::Cluster;
use crate::types::{MacAddr, Token};

/// An address of the provisioning node for HTTP. It is made from types alone, so it has no character that acts in a
/// script.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Address {
    /// `10.0.0.1` or `10.0.0.1:8080`.
    server: String,
    /// From the first `/`.
    path: String,
    kind: Kind,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    File,
    Script,
    /// The boot loader adds what the firmware reports.
    ScriptWithFirmware,
}

impl Address {
    fn new(cluster: &Cluster, path: String, kind: Kind) -> Self {
        let server = cluster.base_url().trim_start_matches("http://").to_owned();
        Self { server, path, kind }
    }

    fn command(cluster: &Cluster, query: &str, kind: Kind) -> Self {
        let path = cluster.boot_manager_url().trim_start_matches(&cluster.base_url()).to_owned();
        Self::new(cluster, format!("{path}?{query}"), kind)
    }

    /// A published file.
    pub fn file(cluster: &Cluster, path: &str) -> Self {
        Self::new(cluster, format!("/distros/{path}"), Kind::File)
    }

    /// A boot loader, which is served by HTTP too.
    pub fn loader(cluster: &Cluster, file: &str) -> Self {
        Self::new(cluster, format!("/boot/{file}"), Kind::File)
    }

    /// `init`: the boot manager is asked as if the machine had just started.
    pub fn init(cluster: &Cluster) -> Self {
        Self::command(cluster, "cmd=init", Kind::Script)
    }

    /// `boot_action` for a MAC.
    pub fn boot_action(cluster: &Cluster, mac: MacAddr) -> Self {
        Self::command(cluster, &format!("cmd=boot_action&mac={mac}"), Kind::Script)
    }

    /// An item of a menu.
    pub fn item(cluster: &Cluster, mac: MacAddr, item: MenuItem) -> Self {
        let kind = if item == MenuItem::Enrol { Kind::ScriptWithFirmware } else { Kind::Script };
        Self::command(cluster, &format!("cmd=process_menu_item&mac={mac}&menu_item={item}"), kind)
    }

    /// The report that this machine cannot run its installer.
    pub fn unsupported(cluster: &Cluster, mac: MacAddr, ticket: &Token, missing: MissingFeature) -> Self {
        Self::command(cluster, &format!("cmd=unsupported&mac={mac}&ticket={ticket}&missing={missing}"), Kind::Script)
    }

    /// Its server, as in a URL.
    pub fn server(&self) -> &str {
        &self.server
    }

    /// Its path and query.
    pub fn path(&self) -> &str {
        &self.path
    }

    /// Its path without the query.
    pub fn program(&self) -> &str {
        self.path.split('?').next().unwrap_or_default()
    }

    /// Whether the answer is a script.
    pub fn is_script(&self) -> bool {
        self.kind != Kind::File
    }

    /// Whether the boot loader adds what the firmware reports.
    pub fn with_firmware(&self) -> bool {
        self.kind == Kind::ScriptWithFirmware
    }
}
