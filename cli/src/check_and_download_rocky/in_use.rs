// SPDX-License-Identifier: GPL-3.0-or-later
//! Which published trees somebody needs: running installations, permissions, and clusters that name a release.
//!
//! Where anything of that cannot be read, every tree counts as needed.

use hps::config::HpsConf;
use hps::host::HostState;
use hps::media::shelf::newest;
use hps::store::{Paths, Store, load_cluster};
use hps::types::{ClusterName, Distro, MacAddr};
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use crate::{media, program};

/// Trees, and who needs them.
#[derive(Default)]
pub(super) struct InUse {
    /// By an installation that runs or may begin.
    needed: BTreeMap<Distro, String>,
    /// By a cluster, which says what is to be installed one day.
    named: BTreeMap<Distro, String>,
    unknown: Option<String>,
}

impl InUse {
    /// Why this tree should stay, unless somebody names it.
    pub(super) fn of(&self, distro: &Distro) -> Option<String> {
        self.needed(distro).or_else(|| self.named.get(distro).cloned())
    }

    /// Why this tree must stay: an installation would break.
    pub(super) fn needed(&self, distro: &Distro) -> Option<String> {
        self.needed.get(distro).or(self.unknown.as_ref()).cloned()
    }
}

/// Asks the records, permissions and settings of all clusters.
pub(super) fn gather(conf: &HpsConf, distros: &Path) -> InUse {
    let mut in_use = InUse::default();
    match media::clusters(conf) {
        Ok(names) => {
            for name in names {
                if let Err(error) = of_cluster(conf, distros, &name, &mut in_use) {
                    in_use.unknown = Some(unknown(&error));
                }
            }
        }
        Err(error) => in_use.unknown = Some(unknown(&error)),
    }
    in_use
}

fn unknown(error: &anyhow::Error) -> String {
    format!("it cannot be told who needs it: {error:#}").replace('\n', " ")
}

fn of_cluster(conf: &HpsConf, distros: &Path, name: &ClusterName, in_use: &mut InUse) -> anyhow::Result<()> {
    let store = Store { paths: Paths::new(conf.clone(), name.clone()), cluster: load_cluster(conf, name)? };
    let need = |trees: &mut BTreeMap<Distro, String>, distro: &Distro, who: String| {
        if let Some(tree) = newest(distros, distro) {
            trees.entry(tree).or_insert(who);
        }
    };
    let mut macs: BTreeSet<MacAddr> = BTreeSet::new();
    for file in store.hosts()? {
        let host = file.host?;
        macs.extend(host.macs());
        if host.state() != HostState::Installing {
            continue;
        }
        if let Some(attempt) = &host.attempt {
            let who = format!("{} of cluster {name} is being installed from it", host.label());
            let release = attempt.build.as_ref().and_then(|build| build.as_str().parse::<Distro>().ok());
            need(&mut in_use.needed, release.as_ref().unwrap_or(&attempt.distro), who);
        }
    }
    macs.extend(permitted(&store)?);
    let now = program::now();
    for mac in macs {
        if let Some(permission) = store.permission(mac, now)?.filter(|permission| permission.is_current(now)) {
            need(&mut in_use.needed, &permission.distro, format!("{mac} of cluster {name} is armed with it"));
        }
    }
    let windows = store.windows()?;
    let open = windows.iter().filter(|window| window.is_open(now)).filter_map(|window| window.rule.distro.as_ref());
    let rules = store.cluster.rules.iter().filter_map(|rule| rule.distro.as_ref());
    let types = store.cluster.types.values().map(|settings| &settings.distro);
    for distro in types.chain(rules).chain(open) {
        need(&mut in_use.named, distro, format!("cluster {name} names it"));
    }
    Ok(())
}

/// The machines that an operator's permission names.
fn permitted(store: &Store) -> anyhow::Result<Vec<MacAddr>> {
    let entries = match std::fs::read_dir(store.paths.permissions_dir()) {
        Ok(entries) => entries,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(error.into()),
    };
    let mut macs = Vec::new();
    for entry in entries {
        let name = entry?.file_name();
        macs.extend(
            name.to_str().and_then(|name| name.strip_suffix(".toml")).and_then(|mac| mac.parse::<MacAddr>().ok()),
        );
    }
    Ok(macs)
}
