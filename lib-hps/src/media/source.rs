// SPDX-License-Identifier: GPL-3.0-or-later
//! What a host would be installed from: checks the published media and reports what is missing.

use super::how_to_publish::how_to_publish;
use super::published_build::PublishedBuild;
use super::source_error::SourceError;
use super::trees::{Standing, is_of_line, newest, standing};
use crate::boot::{Fetched, Source};
use crate::types::{Distro, HostType, Line, Method};
use std::path::Path;

/// The source of `distro` for a host of this type. With `build`, that build instead of the newest one.
///
/// # Errors
/// See [`SourceError`].
pub fn source(
    distros: &Path,
    distro: &Distro,
    host_type: HostType,
    build: Option<&Line>,
) -> Result<Source, SourceError> {
    match distro.method() {
        Method::Image => PublishedBuild::open(distros, distro, build)?.source(host_type),
        Method::Kickstart => tree(distros, distro, build),
    }
}

/// Kernel and initrd of the node environment, for rescue: from the first of these systems that has a published one.
///
/// # Errors
/// When none has.
pub fn node_environment<'a>(
    distros: &Path,
    systems: impl IntoIterator<Item = &'a Distro>,
) -> Result<(Fetched, Fetched), SourceError> {
    let mut problem = None;
    for distro in systems.into_iter().filter(|d| d.method() == Method::Image) {
        let found = PublishedBuild::open(distros, distro, None).and_then(|build| build.node());
        match found {
            Ok(found) => return Ok(found),
            Err(error) => problem = problem.or(Some(error)),
        }
    }
    Err(problem.unwrap_or(SourceError::NoNodeEnvironment))
}

/// The tree of a release, or the newest of a line; with `build`, the release that an attempt began with.
fn tree(distros: &Path, distro: &Distro, build: Option<&Line>) -> Result<Source, SourceError> {
    let wanted = match build {
        None => distro.clone(),
        Some(build) => build
            .as_str()
            .parse()
            .ok()
            .filter(|release: &Distro| release == distro || is_of_line(release, distro))
            .ok_or_else(|| {
                SourceError::damaged(distros, format!("{:?} is not a release of {distro}", build.as_str()))
            })?,
    };
    let unread = |error: std::io::Error| {
        SourceError::damaged(distros, format!("cannot be read ({error}); check its file system"))
    };
    let Some(release) = newest(distros, &wanted).map_err(unread)? else {
        if let Standing::Other(what) = standing(distros, &wanted).map_err(unread)? {
            return Err(SourceError::damaged(&distros.join(wanted.as_str()), what));
        }
        let remedy = format!("publish it with: {}", how_to_publish(&wanted));
        return Err(SourceError::NotPublished { distro: wanted, remedy });
    };
    let folder = distros.join(release.as_str());
    for name in [".treeinfo", "images/pxeboot/vmlinuz", "images/pxeboot/initrd.img"] {
        let path = folder.join(name);
        let problem = match std::fs::metadata(&path) {
            Ok(metadata) if metadata.is_file() => continue,
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
                format!("cannot be read ({error}); check its file system")
            }
            _ => "is missing from the tree; remove it with check-and-download-rocky --remove, and publish it again"
                .to_owned(),
        };
        return Err(SourceError::Damaged { path, problem });
    }
    Ok(Source::Tree { path: Line::lossy(release.as_str()) })
}

#[cfg(test)]
#[path = "source_tests.rs"]
mod tests;
