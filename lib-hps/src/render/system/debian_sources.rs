// SPDX-License-Identifier: GPL-3.0-or-later
//! Where a Debian host gets packages and updates: by `install.sources`, by the way out of the cluster, and by what this
//! node publishes (decision 140).

use crate::config::{Cluster, PackageSources};
use crate::types::Distro;
use std::fmt;

/// The sources of a Debian host.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DebianSources {
    /// Debian's archives with updates and security.
    pub archives: bool,
    /// The repository of this node.
    pub site: bool,
}

impl DebianSources {
    /// Those of the hosts of a cluster. `published` is whether this node has a repository for their release.
    pub fn new(cluster: &Cluster, published: bool) -> Self {
        let archives = match cluster.install.sources {
            PackageSources::Auto => cluster.network.has_way_out(),
            PackageSources::Site => false,
            PackageSources::Distribution => true,
        };
        Self { archives, site: published }
    }

    /// Whether there is none: the host gets no updates.
    pub fn is_empty(self) -> bool {
        !self.archives && !self.site
    }

    /// Why there is none, in words.
    pub fn why_empty(cluster: &Cluster, distro: &Distro) -> String {
        let why = match cluster.install.sources {
            PackageSources::Auto if cluster.network.gateway.is_some() => "the gateway of the cluster is this node",
            PackageSources::Auto => "the cluster has no gateway",
            PackageSources::Site | PackageSources::Distribution => "install.sources is \"site\"",
        };
        format!("{why}, and this node publishes no packages for {distro}")
    }

    /// What an administrator of a host without any reads there.
    pub(super) fn advice(self, cluster: &Cluster, distro: &Distro) -> String {
        format!(
            "# This host has no package source: it gets no updates, and apt installs nothing.\n\
             # Reason: {}.\n\
             # To give hosts packages and updates, run on the provisioning node:\n\
             #   build-repository --distro {distro}\n\
             # Then add the source here, as docs/guide/packages.md shows. New installations have it.\n",
            Self::why_empty(cluster, distro)
        )
    }
}

impl fmt::Display for DebianSources {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match (self.archives, self.site) {
            (true, true) => "Debian's archives, and the repository of this node",
            (true, false) => "Debian's archives",
            (false, true) => "the repository of this node",
            (false, false) => "nowhere",
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const CLUSTER: &str = include_str!("../../../../tests/fixtures/lab.cluster");

    #[test]
    fn the_default_follows_from_the_way_out() {
        let of = |sources: Option<&str>, gateway: Option<&str>, published: bool| {
            let sources = sources.map_or_else(String::new, |word| format!("[install]\nsources = \"{word}\""));
            let gateway = gateway.map_or_else(String::new, |to| format!("[network]\ngateway = \"{to}\""));
            let text = CLUSTER
                .replace("[network]", if gateway.is_empty() { "[network]" } else { &gateway })
                .replace("[install]", if sources.is_empty() { "[install]" } else { &sources });
            DebianSources::new(&Cluster::parse(&text).unwrap(), published)
        };
        let sources = |archives, site| DebianSources { archives, site };
        let (router, node) = (Some("10.0.0.254"), Some("10.0.0.1"));
        for (word, gateway, published, expected) in [
            (None, router, false, sources(true, false)),
            (None, router, true, sources(true, true)),
            (None, node, false, sources(false, false)),
            (None, node, true, sources(false, true)),
            (None, None, true, sources(false, true)),
            (Some("auto"), None, false, sources(false, false)),
            (Some("site"), router, true, sources(false, true)),
            (Some("site"), router, false, sources(false, false)),
            (Some("distribution"), None, false, sources(true, false)),
        ] {
            assert_eq!(of(word, gateway, published), expected, "{word:?} {gateway:?} {published}");
        }
    }
}
