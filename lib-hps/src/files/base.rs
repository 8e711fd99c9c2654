// SPDX-License-Identifier: GPL-3.0-or-later
//! The folder below which all of HPS lies, and which folders HPS has for itself.

use std::path::{Path, PathBuf};

/// The folder below which all of HPS lies: `/` on a provisioning node, that of `--base` in a lab.
///
/// Every folder from `/` down is root's, those above the base of a lab too: whoever can replace the lab while root reads it decides what
/// root's services do. It says only which folders HPS has for itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Base {
    folder: PathBuf,
    /// Folders that HPS has for itself, with all below them: only these may be given to root. A folder that merely leads to a file
    /// of HPS is the site's, or a person's.
    own: Vec<PathBuf>,
}

/// Where all of HPS lies on a provisioning node, if nothing else is said.
const OWN: [&str; 3] = ["/srv/hps-config", "/srv/hps-resources", "/srv/hps-system"];

impl Base {
    /// Where nothing is known of what HPS has for itself.
    pub(super) fn nowhere() -> Self {
        Self { folder: PathBuf::from("/"), own: Vec::new() }
    }

    /// The folder that all of these have in common.
    pub fn from_folders<'a>(paths: impl IntoIterator<Item = &'a Path>) -> Self {
        let common = |one: PathBuf, other: &Path| {
            one.components().zip(other.components()).take_while(|(a, b)| a == b).map(|(a, _)| a).collect()
        };
        let own: Vec<_> = paths.into_iter().map(Path::to_path_buf).collect();
        let mut paths = own.iter();
        let first = paths.next().map_or(PathBuf::from("/"), PathBuf::clone);
        let folder = paths.fold(first, |one, other| common(one, other));
        Self { folder, own }
    }

    /// The base of an `hps.conf`, by where `cluster-configure --base` puts it; `/` for one elsewhere.
    pub fn for_conf(conf: &Path, default: &Path) -> Self {
        let below = default.strip_prefix("/").unwrap_or(default);
        let depth = conf.components().count().saturating_sub(below.components().count());
        if !conf.ends_with(below) {
            return Self::nowhere();
        }
        Self {
            folder: conf.components().take(depth).collect(),
            own: conf.parent().map(Path::to_path_buf).into_iter().collect(),
        }
    }

    /// The folder.
    pub(super) fn folder(&self) -> &Path {
        &self.folder
    }

    /// Whether HPS has this folder for itself: it is one of those that were named, or what a lab has below its base.
    pub(super) fn is_own(&self, folder: &Path) -> bool {
        let is_in_lab = self.folder.parent().is_some() && folder != self.folder && folder.starts_with(&self.folder);
        is_in_lab || OWN.iter().any(|own| folder.starts_with(own)) || self.own.iter().any(|own| folder.starts_with(own))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_base_of_a_lab() {
        let at = Path::new;
        let default = at("/srv/hps-config/hps.conf");
        for (conf, base) in [
            ("/srv/hps-config/hps.conf", "/"),
            ("/home/alice/lab/srv/hps-config/hps.conf", "/home/alice/lab"),
            ("/etc/hps.conf", "/"),
            ("/home/alice/hps.conf", "/"),
        ] {
            assert_eq!(Base::for_conf(at(conf), default).folder, at(base), "{conf}");
        }
        assert_eq!(Base::from_folders([at("/lab/srv/log"), at("/lab/srv/logs"), at("/lab/run")]).folder, at("/lab"));
        assert_eq!(Base::from_folders([at("/srv/log"), at("/run/hps")]).folder, at("/"));
    }
}
