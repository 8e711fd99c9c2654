// SPDX-License-Identifier: GPL-3.0-or-later
//! The next steps of a person after a cluster is configured.

use super::intent::Intent;
use crate::program::{self, Site};
use hps::config::DEFAULT_CONF;
use hps::media;
use hps::store::Store;
use hps::types::HostType;
use std::path::Path;
/// Prints the next steps.
pub(super) fn print(site: &Site, store: &Store, intent: Intent) {
    let name = &store.cluster.name;
    let is = if intent.only_prepare { "is prepared" } else { "is the active cluster" };
    let mut lines = vec![format!("{name} {is}, {}", store.paths.cluster_file().display())];
    if site.path != Path::new(DEFAULT_CONF) {
        lines.push(format!("for the other programs: export HPS_CONFIG={}", site.path.display()));
    }
    match (intent.only_prepare, intent.no_reload) {
        (true, _) => lines.push(format!("next, to serve it: cluster-configure select {name}")),
        (false, true) => lines.push("next: reload".to_owned()),
        (false, false) => {}
    }
    for (host_type, settings) in &store.cluster.types {
        if let Err(missing) = media::source(store.paths.distros(), &settings.distro, *host_type, None) {
            let line = format!("next: {missing}");
            // One build has all types of a system.
            if !lines.contains(&line) {
                lines.push(line);
            }
        }
    }
    let first = store.cluster.types.keys().next().map_or("TYPE", HostType::as_str);
    lines.push(format!("next: host-state arm MAC --type {first}, and switch that machine on"));
    for line in lines {
        program::eprint(format_args!("cluster-configure: {line}"));
    }
}
