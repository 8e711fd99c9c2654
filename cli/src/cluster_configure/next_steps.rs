// SPDX-License-Identifier: GPL-3.0-or-later
//! The next steps of a person after a cluster is configured.

use crate::program::{self, Site};
use hps::config::DEFAULT_CONF;
use hps::media;
use hps::store::Store;
use std::path::Path;
/// Prints the next steps.
pub(super) fn print(site: &Site, store: &Store, no_reload: bool) {
    let mut lines =
        vec![format!("{} is the active cluster, {}", store.cluster.name, store.paths.cluster_file().display())];
    if site.path != Path::new(DEFAULT_CONF) {
        lines.push(format!("for the other programs: export HPS_CONFIG={}", site.path.display()));
    }
    if no_reload {
        lines.push("next: reload".to_owned());
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
    lines.push("next: host-state arm MAC --type SCH, and switch that machine on".to_owned());
    for line in lines {
        program::eprint(format_args!("cluster-configure: {line}"));
    }
}
