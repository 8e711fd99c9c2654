// SPDX-License-Identifier: GPL-3.0-or-later
//! Which trees and builds are in use: by running installations, by machines that are about to start one, by
//! permissions, and by clusters that name a system.
//!
//! If any of this cannot be read, everything counts as in use.

use crate::{media, program};
use anyhow::Context as _;
use hps::config::HpsConf;
use hps::host::{Attempt, HostState};
use hps::media::builds::{builds, current};
use hps::media::{Item, trees};
use hps::store::{Paths, Store, load_cluster};
use hps::types::{ClusterName, Distro, MacAddr, Method, Timestamp};
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

/// How many seconds a boot script may be used: at most the lifetime of its ticket.
const ON_THE_WAY: u64 = 7_200;

/// What is published, and what uses it.
#[derive(Default)]
pub(super) struct InUse {
    /// By an installation that runs or may begin.
    needed: BTreeMap<Item, String>,
    /// By a cluster file, which names it for later installations.
    named: BTreeMap<Item, String>,
    /// Releases and lines by name, published or not.
    wanted: BTreeSet<Distro>,
    unknown: Option<String>,
}

impl InUse {
    /// Why it should stay, unless it is named for removal.
    pub(super) fn reason_to_keep(&self, item: &Item) -> Option<String> {
        self.needed(item).or_else(|| self.named.get(item).cloned())
    }

    /// Whether a tree of exactly this name would stay after it is published.
    pub(super) fn names(&self, distro: &Distro) -> bool {
        self.unknown.is_some() || self.wanted.contains(distro)
    }

    /// Why it must stay: an installation would break.
    pub(super) fn needed(&self, item: &Item) -> Option<String> {
        self.needed.get(item).or(self.unknown.as_ref()).cloned()
    }

    /// Why it must stay although an operator wants to remove it.
    pub(super) fn forbids(&self, item: &Item) -> Option<String> {
        // A cluster that names the release of a tree gets a message when the tree is gone. For a system that is
        // installed by image, the name means the newest build. Without that build neither an installation nor a rescue
        // can start.
        let named = || {
            let who = self.named.get(item).filter(|_| item.build_name().is_some())?;
            let distro = item.distro();
            Some(format!(
                "it is the newest build of {distro}, and {who}; name another system there, or make another build with build-image --force"
            ))
        };
        self.needed(item).or_else(named)
    }
}

/// Reads the records, permissions and settings of all clusters.
pub(super) fn gather(conf: &HpsConf, distros: &Path) -> InUse {
    let mut in_use = InUse::default();
    let asked = media::clusters(conf).and_then(|names| {
        // One that cannot be read is reason enough; the others still tell what uses each.
        let asked: Vec<_> = names.iter().map(|name| add_cluster(conf, distros, name, &mut in_use)).collect();
        asked.into_iter().collect::<anyhow::Result<()>>()
    });
    if let Err(error) = asked.and_then(|()| on_the_way(distros, program::now(), &mut in_use)) {
        in_use.unknown = Some(unknown(&error));
    }
    in_use
}

/// A machine that was sent to a build may still fetch it after another one became the newest.
fn on_the_way(distros: &Path, now: Timestamp, in_use: &mut InUse) -> anyhow::Result<()> {
    for build in builds(distros)? {
        // The newest one must be known, also if it is in use.
        meant(distros, build.item.distro())?;
        if !build.current && now.since(build.since) < ON_THE_WAY {
            let until = Timestamp::from_unix(i64::try_from(build.since.as_unix() + ON_THE_WAY).unwrap_or(i64::MAX));
            let why =
                format!("it was the newest build until {}; a machine may still fetch it until {until}", build.since);
            in_use.needed.entry(build.item).or_insert(why);
        }
    }
    Ok(())
}

/// What the name of a system means: its newest tree, or its newest build.
fn meant(distros: &Path, distro: &Distro) -> anyhow::Result<Option<Item>> {
    Ok(match distro.method() {
        Method::Kickstart => trees::newest(distros, distro)
            .with_context(|| format!("{}: cannot be read", distros.display()))?
            .map(Item::tree),
        Method::Image => {
            current(&distros.join(distro.as_str()))?.and_then(|manifest| Item::build(distro, manifest.build.as_str()))
        }
    })
}

/// The source of an attempt.
fn begun_with(distros: &Path, attempt: &Attempt) -> anyhow::Result<Option<Item>> {
    let Some(build) = &attempt.build else { return meant(distros, &attempt.distro) };
    Ok(match attempt.distro.method() {
        Method::Kickstart => meant(distros, &build.as_str().parse()?)?,
        Method::Image => Item::build(&attempt.distro, build.as_str()),
    })
}

fn unknown(error: &anyhow::Error) -> String {
    format!("its use is not known: {error:#}").replace('\n', " ")
}

fn add_cluster(conf: &HpsConf, distros: &Path, name: &ClusterName, in_use: &mut InUse) -> anyhow::Result<()> {
    let store = Store::new(Paths::new(conf.clone(), name.clone()), load_cluster(conf, name)?);
    let need = |items: &mut BTreeMap<Item, String>, item: Option<Item>, who: String| {
        items.extend(item.filter(|item| !items.contains_key(item)).map(|item| (item, who)));
    };
    let mut macs: BTreeSet<MacAddr> = BTreeSet::new();
    for file in store.hosts().list()? {
        let host = file.host?;
        macs.extend(host.macs());
        if host.state() != HostState::Installing {
            continue;
        }
        if let Some(attempt) = &host.attempt {
            let who = format!("{} of cluster {name} is being installed from it", host.label());
            need(&mut in_use.needed, begun_with(distros, attempt)?, who);
        }
    }
    macs.extend(permitted(&store)?);
    let now = program::now();
    for mac in macs {
        if let Some(permission) = store.permissions().get(mac, now)?.filter(|permission| permission.is_current(now)) {
            let item = meant(distros, &permission.distro)?;
            in_use.wanted.insert(permission.distro.clone());
            need(&mut in_use.needed, item, format!("{mac} of cluster {name} is armed with it"));
        }
    }
    let windows = store.windows().not_closed()?;
    let open = windows.iter().filter(|window| window.is_open(now)).filter_map(|window| window.rule.distro.as_ref());
    let rules = store.cluster.rules.iter().filter_map(|rule| rule.distro.as_ref());
    let types = store.cluster.types.values().map(|settings| &settings.distro);
    for distro in types.chain(rules).chain(open) {
        in_use.wanted.insert(distro.clone());
        need(&mut in_use.named, meant(distros, distro)?, format!("cluster {name} names it"));
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
