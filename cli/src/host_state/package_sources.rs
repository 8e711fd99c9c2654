// SPDX-License-Identifier: GPL-3.0-or-later
//! A warning that hosts which were just permitted will get no packages and no updates.

use crate::program;
use hps::media::{self, packages};
use hps::render::system::DebianSources;
use hps::store::Store;
use hps::types::{Distro, HostType, Method};
use std::collections::BTreeSet;

/// Prints it for each Debian release among them. A release that cannot be installed yet has another message.
pub(super) fn warn<'a>(store: &Store, permitted: impl Iterator<Item = (HostType, &'a Distro)>) {
    let can_install = |host_type, distro| media::source(store.paths.distros(), distro, host_type, None).is_ok();
    let debian =
        permitted.filter(|(host_type, distro)| distro.method() == Method::Image && can_install(*host_type, distro));
    let distros: BTreeSet<&Distro> = debian.map(|(_, distro)| distro).collect();
    for distro in distros {
        // If it cannot be read, the answer file of the host reports it.
        let Ok(published) = packages::used_by(store.paths.packages(), distro) else { continue };
        if DebianSources::new(&store.cluster, published.is_some()).is_empty() {
            program::eprint(format_args!(
                "host-state: hosts with {distro} will get no packages and no updates: {}; publish packages: build-repository --distro {distro}",
                DebianSources::why_empty(&store.cluster, distro)
            ));
        }
    }
}
