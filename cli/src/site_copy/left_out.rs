// SPDX-License-Identifier: GPL-3.0-or-later
//! What a copy leaves out: permissions to install, requests for tasks, and unfinished files. A copy may be used weeks later, and
//! nothing in it may then act on a machine.

use hps::config::{Dir, HpsConf};

/// Unfinished trees and builds, downloads, locks, and remains of killed processes.
const RESOURCES: [&str; 7] =
    ["/**/.tree-*", "/**/.build-*", "/**/.iso", ".lock", ".media.lock", ".packages.lock", ".hps-*.tmp"];
/// Locks, and remains of killed processes.
const SETTINGS: [&str; 2] = [".hps-*.tmp", ".*.lock"];

/// Patterns for rsync: names that are left out.
#[derive(Debug)]
pub(super) struct LeftOut {
    pub(super) of_resources: Vec<String>,
    pub(super) of_settings: Vec<String>,
}

impl LeftOut {
    pub(super) fn new(conf: &HpsConf) -> Self {
        let clusters = conf.dir(Dir::Clusters).display().to_string();
        let clusters = clusters.trim_end_matches('/');
        let permissions =
            ["permissions", "menu-permissions", "tasks"].map(|folder| format!("{clusters}/*/{folder}/**"));
        Self {
            of_resources: RESOURCES.map(str::to_owned).to_vec(),
            of_settings: SETTINGS.map(str::to_owned).into_iter().chain(permissions).collect(),
        }
    }
}
