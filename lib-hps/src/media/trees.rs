// SPDX-License-Identifier: GPL-3.0-or-later
//! Published trees, each an immutable folder named by its distro string.

use super::inventory::{self, TreeOrigin};
use super::record_error::RecordError;
use super::release::Release;
use super::tree::release_of;
use super::vendor::Vendor;
use crate::types::{Distro, Method};
use std::path::Path;

/// A published tree.
#[derive(Debug)]
pub struct Tree {
    /// What it is a tree of.
    pub distro: Distro,
    /// Which release.
    pub release: Release,
    /// Its source, or why it is not known.
    pub origin: Result<TreeOrigin, RecordError>,
}

/// All published trees, the newest of each line first. Reads only the heads of their inventories.
///
/// # Errors
/// When the folder cannot be listed.
pub fn trees(distros: &Path) -> std::io::Result<Vec<Tree>> {
    let mut trees = Vec::new();
    for (distro, release) in named(distros)? {
        let origin = match standing(distros, &distro)? {
            Standing::Nothing => continue,
            Standing::Tree => inventory::origin(&distros.join(distro.as_str())),
            Standing::Other(what) => Err(RecordError::NotATree(what)),
        };
        trees.push(Tree { distro, release, origin });
    }
    trees.sort_by(|a, b| (a.distro.osname(), b.release).cmp(&(b.distro.osname(), a.release)));
    Ok(trees)
}

/// What has the name of a tree.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Standing {
    /// Nothing.
    Nothing,
    /// A folder: a published tree.
    Tree,
    /// Something else: what it is, and what to do.
    Other(String),
}

/// What has the name of a tree. A link is not a tree, whatever its target: the web server follows no links.
///
/// # Errors
/// When it cannot be checked.
pub fn standing(distros: &Path, distro: &Distro) -> std::io::Result<Standing> {
    let place = distros.join(distro.as_str());
    let kind = match std::fs::symlink_metadata(&place) {
        Ok(metadata) => metadata.file_type(),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(Standing::Nothing),
        Err(error) => return Err(error),
    };
    let at = place.display();
    if kind.is_dir() {
        return Ok(Standing::Tree);
    }
    if !kind.is_symlink() {
        return Ok(Standing::Other(format!("it is not a folder, so no host is installed from it; remove it: rm {at}")));
    }
    let target = std::fs::read_link(&place)?;
    let target = distros.join(target);
    let to = target.display();
    let why = format!("it is a link to {to}, which the web server does not follow, so no host is installed from it");
    Ok(Standing::Other(match target.is_dir() {
        true => format!("{why}; replace it with the tree itself: rm {at} && mkdir {at} && mount --bind {to} {at}"),
        false => format!("{why}; remove it: rm {at}"),
    }))
}

/// The names of all published trees.
fn names(distros: &Path) -> std::io::Result<Vec<(Distro, Release)>> {
    let mut names = Vec::new();
    for (distro, release) in named(distros)? {
        // One that vanished meanwhile does not count; one that cannot be checked may be in use.
        if standing(distros, &distro)? == Standing::Tree {
            names.push((distro, release));
        }
    }
    Ok(names)
}

/// The same; a node that has published nothing has no folder for it.
fn names_if_any(distros: &Path) -> std::io::Result<Vec<(Distro, Release)>> {
    match names(distros) {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(Vec::new()),
        other => other,
    }
}

/// All names of trees, for anything that has one.
fn named(distros: &Path) -> std::io::Result<Vec<(Distro, Release)>> {
    let mut names = Vec::new();
    for entry in std::fs::read_dir(distros)? {
        let entry = entry?;
        let Some(distro) = entry.file_name().to_str().and_then(|name| name.parse::<Distro>().ok()) else { continue };
        if distro.method() == Method::Kickstart
            && let Some(release) = release_of(&distro)
        {
            names.push((distro, release));
        }
    }
    Ok(names)
}

/// The newest published tree for `distro`: itself if it is a release, otherwise the newest of its line.
///
/// # Errors
/// When that cannot be checked: a tree in use must not count as missing, because it would be removed.
pub fn newest(distros: &Path, distro: &Distro) -> std::io::Result<Option<Distro>> {
    if release_of(distro).is_some() {
        return Ok((standing(distros, distro)? == Standing::Tree).then(|| distro.clone()));
    }
    let of_line = names_if_any(distros)?.into_iter().filter(|(other, _)| is_of_line(other, distro));
    Ok(of_line.max_by_key(|(_, release)| *release).map(|(distro, _)| distro))
}

/// Whether `distro` is a release of `line`, as in `x86_64-linux-rockylinux-10.1` and `x86_64-linux-rockylinux-10`.
pub fn is_of_line(distro: &Distro, line: &Distro) -> bool {
    release_of(distro).is_some()
        && release_of(line).is_none()
        && distro.as_str().strip_prefix(line.as_str()).is_some_and(|rest| rest.starts_with('.'))
}

/// The newest published release of a maker, of one line or of all.
///
/// # Errors
/// When the published trees cannot be checked.
pub fn newest_release(
    distros: &Path,
    vendor: Vendor,
    cpu: &str,
    line: Option<u32>,
) -> std::io::Result<Option<Release>> {
    let ours = names_if_any(distros)?.into_iter().filter(|(distro, release)| {
        distro.osname() == vendor.as_str()
            && distro.as_str().starts_with(&format!("{cpu}-"))
            && line.is_none_or(|major| release.major == major)
    });
    Ok(ours.map(|(_, release)| release).max())
}

/// The published releases of the line of `of`, the newest first, with `of` itself, whether it is published or not.
///
/// # Errors
/// When the folder cannot be listed.
pub fn line_with(distros: &Path, of: &Distro) -> std::io::Result<Vec<Distro>> {
    let mut line = names(distros)?;
    line.retain(|(distro, _)| distro.line() == of.line() && distro != of);
    line.extend(release_of(of).map(|release| (of.clone(), release)));
    line.sort_by_key(|(_, release)| std::cmp::Reverse(*release));
    Ok(line.into_iter().map(|(distro, _)| distro).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn distro(text: &str) -> Distro {
        text.parse().unwrap()
    }

    #[test]
    fn what_cannot_be_looked_at_is_not_unpublished() {
        let folder = tempfile::tempdir().unwrap();
        // (A link to itself cannot be read, not even by root.)
        let broken = folder.path().join("distros");
        std::os::unix::fs::symlink("distros", &broken).unwrap();
        for name in ["x86_64-linux-rockylinux-10", "x86_64-linux-rockylinux-10.1"] {
            assert!(newest(&broken, &distro(name)).is_err(), "{name}");
            assert_eq!(newest(&folder.path().join("none"), &distro(name)).unwrap(), None, "{name}");
        }
        assert!(newest_release(&broken, Vendor::Rocky, "x86_64", None).is_err());
        assert_eq!(newest_release(&folder.path().join("none"), Vendor::Rocky, "x86_64", None).unwrap(), None);
        let release = distro("x86_64-linux-rockylinux-10.1");
        assert!(crate::media::packages::used_by(&broken, &release).is_err());
        assert_eq!(crate::media::packages::used_by(&folder.path().join("none"), &release).unwrap(), None);
    }
}
