// SPDX-License-Identifier: GPL-3.0-or-later
//! The places of everything in a copy: the folders of hps.conf, hps.conf itself, and the programs.

use crate::program::Site;
use anyhow::Context as _;
use hps::config::Dir;
use hps::files::IoError;
use hps::types::PlainPath;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

/// The published media.
const RESOURCES: [Dir; 2] = [Dir::Distros, Dir::Packages];
/// Settings and logs.
const SETTINGS: [Dir; 6] = [Dir::Clusters, Dir::State, Dir::Services, Dir::Tftp, Dir::Scripts, Dir::MenuConfig];

/// The files and folders of this node.
#[derive(Debug)]
pub(super) struct SiteFiles {
    /// Trees, images and packages.
    pub(super) resources: Vec<PlainPath>,
    /// Settings, records and programs.
    pub(super) settings: Vec<PlainPath>,
}

impl SiteFiles {
    /// Those that are there.
    ///
    /// # Errors
    /// When one cannot be checked: a copy without it would count as complete.
    pub(super) fn find(site: &Site, programs: Vec<PathBuf>) -> anyhow::Result<Self> {
        let folder = |dir: Dir| site.conf.dir(dir).to_path_buf();
        let settings = SETTINGS.into_iter().map(folder);
        Ok(Self {
            resources: existing(RESOURCES.into_iter().map(folder))?,
            settings: existing(std::iter::once(own_folder(site)).chain(settings).chain(programs))?,
        })
    }

    /// All of them.
    pub(super) fn all(&self) -> impl Iterator<Item = &PlainPath> {
        self.resources.iter().chain(&self.settings)
    }
}

/// The folder of hps.conf, if HPS owns it: if it also has `clusters/` and is not directly below `/`. Otherwise, in /etc
/// for instance, only the file.
fn own_folder(site: &Site) -> PathBuf {
    let is_own = |folder: &&Path| {
        folder.components().count() > 2 && site.conf.dir(Dir::Clusters).parent().is_some_and(|above| above == *folder)
    };
    site.path.parent().filter(is_own).unwrap_or(&site.path).to_path_buf()
}

/// Those that exist, each once, without those inside another one.
fn existing(paths: impl Iterator<Item = PathBuf>) -> anyhow::Result<Vec<PlainPath>> {
    let mut found: Vec<PlainPath> = Vec::new();
    for path in paths {
        match path.metadata() {
            Ok(_) => {}
            Err(error) if error.kind() == ErrorKind::NotFound => continue,
            Err(error) => return Err(IoError::new("look at", &path, error)).context("nothing was copied"),
        }
        // Without a slash at the end.
        let path: PathBuf = path.components().collect();
        let path = PlainPath::try_from(path.as_path()).context("nothing was copied")?;
        if !found.iter().any(|other| path.is_within(other)) {
            found.push(path);
        }
    }
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_path_is_sent_once_and_one_that_cannot_be_looked_at_is_an_error() {
        let top = tempfile::tempdir().unwrap();
        let at = |name: &str| top.path().join(name);
        std::fs::create_dir_all(at("a/b")).unwrap();
        std::fs::write(at("ab"), "").unwrap();
        std::os::unix::fs::symlink("loop", at("loop")).unwrap();
        std::os::unix::fs::symlink("nothing", at("dangling")).unwrap();
        let found = |names: &[&str]| existing(names.iter().map(|name| at(name)));
        let names: Vec<_> = found(&["a/", "none", "a/b", "dangling", "ab", "a"]).unwrap();
        let names: Vec<_> = names.iter().map(PlainPath::as_path).collect();
        assert_eq!(names, [at("a"), at("ab")]);
        for name in ["loop", "ab/below"] {
            let error = format!("{:#}", found(&["a", name]).unwrap_err());
            assert!(error.starts_with("nothing was copied: ") && error.contains(name), "{error}");
        }
        std::fs::create_dir(at("a space")).unwrap();
        assert!(found(&["a space"]).is_err());
    }
}
