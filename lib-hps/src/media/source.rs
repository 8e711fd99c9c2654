// SPDX-License-Identifier: GPL-3.0-or-later
//! What a host would be installed from: looks at what is published and says plainly what is not.

use super::build_files::{CURRENT, MANIFEST};
use super::builds;
use super::manifest::is_plain_name;
use super::trees::{Standing, is_of_line, newest, standing};
use super::{File, Manifest};
use crate::boot::{Fetched, Source};
use crate::types::{Distro, HostType, Line, Method};
use std::path::{Path, PathBuf};

/// Why a system cannot be installed now.
#[derive(Debug, thiserror::Error)]
pub enum SourceError {
    /// Nothing is published.
    #[error("{distro} is not published on this node; {remedy}")]
    NotPublished {
        /// What is missing.
        distro: Distro,
        /// What to do.
        remedy: String,
    },
    /// The build has no image of the type.
    #[error("{distro} has no image for {host_type}; make it with: build-image --distro {distro} --type {host_type}")]
    NoImage {
        /// The system.
        distro: Distro,
        /// The type.
        host_type: HostType,
    },
    /// No system of the cluster has a node environment.
    #[error("no node environment is published on this node; make it with: build-image")]
    NoNodeEnvironment,
    /// A manifest or a file of it is missing or wrong.
    #[error("{}: {problem}", path.display())]
    Damaged {
        /// The file.
        path: PathBuf,
        /// What is wrong, and what to do.
        problem: String,
    },
}

/// What `distro` is installed from on a host of this type. With `build`, that build instead of the newest one.
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
        Method::Image => image(distros, distro, host_type, build),
        Method::Kickstart => tree(distros, distro, build),
    }
}

/// Kernel and initrd of the node environment, for rescue: of the first of these systems that has one published.
///
/// # Errors
/// When none has.
pub fn node_environment<'a>(
    distros: &Path,
    systems: impl IntoIterator<Item = &'a Distro>,
) -> Result<(Fetched, Fetched), SourceError> {
    let mut problem = None;
    for distro in systems.into_iter().filter(|d| d.method() == Method::Image) {
        let found = Build::open(distros, distro, None).and_then(|build| build.node());
        match found {
            Ok(found) => return Ok(found),
            Err(error) => problem = problem.or(Some(error)),
        }
    }
    Err(problem.unwrap_or(SourceError::NoNodeEnvironment))
}

fn image(distros: &Path, distro: &Distro, host_type: HostType, build: Option<&Line>) -> Result<Source, SourceError> {
    let build = Build::open(distros, distro, build)?;
    let manifest = &build.manifest;
    let file =
        manifest.images.get(&host_type).ok_or_else(|| SourceError::NoImage { distro: distro.clone(), host_type })?;
    let (kernel, initrd) = build.node()?;
    let unpacked =
        file.unpacked.ok_or_else(|| damaged(&build.path, format!("images.{host_type} has no unpacked size")))?;
    Ok(Source::Image { build: manifest.build.clone(), kernel, initrd, image: build.fetched(file)?, unpacked })
}

fn damaged(path: &Path, problem: String) -> SourceError {
    SourceError::Damaged { path: path.to_path_buf(), problem }
}

/// A published build of a system that is installed by image.
struct Build {
    /// Its manifest's file.
    path: PathBuf,
    folder: PathBuf,
    manifest: Manifest,
}

impl Build {
    /// The named build, or the newest one.
    fn open(distros: &Path, distro: &Distro, build: Option<&Line>) -> Result<Self, SourceError> {
        let folder = distros.join(distro.as_str());
        if let Some(build) = build.filter(|b| !is_plain_name(b.as_str())) {
            return Err(damaged(&folder, format!("{:?} is not the name of a build", build.as_str())));
        }
        let path = match build {
            Some(build) => folder.join(build.as_str()).join(MANIFEST),
            None => folder.join(CURRENT),
        };
        let text = builds::text(&path).map_err(|error| match error.kind() {
            std::io::ErrorKind::NotFound => SourceError::NotPublished {
                distro: distro.clone(),
                remedy: format!("make it with: build-image --distro {distro}"),
            },
            _ => damaged(&path, format!("cannot read: {error}")),
        })?;
        let manifest = Manifest::parse(&text).map_err(|error| damaged(&path, error.to_string()))?;
        if manifest.distro != *distro || build.is_some_and(|b| *b != manifest.build) {
            return Err(damaged(
                &path,
                format!("it is the manifest of {} {}, not of this folder", manifest.distro, manifest.build),
            ));
        }
        Ok(Self { path, folder, manifest })
    }

    /// Kernel and initrd of the node environment.
    fn node(&self) -> Result<(Fetched, Fetched), SourceError> {
        Ok((self.fetched(&self.manifest.node.kernel)?, self.fetched(&self.manifest.node.initrd)?))
    }

    /// The digest was taken when it was published and is checked on the node; here a file that is gone or cut short is found
    /// before a machine starts for nothing.
    fn fetched(&self, file: &File) -> Result<Fetched, SourceError> {
        let Manifest { build, distro, .. } = &self.manifest;
        let path = self.folder.join(build.as_str()).join(&file.file);
        match std::fs::metadata(&path) {
            Ok(metadata) if metadata.len() == file.size => {
                Ok(Fetched { path: format!("{distro}/{build}/{}", file.file), sha256: file.sha256, size: file.size })
            }
            Ok(metadata) => Err(damaged(
                &path,
                format!(
                    "has {} bytes where {} were published; run build-image --distro {distro} --force",
                    metadata.len(),
                    file.size
                ),
            )),
            Err(error) => {
                Err(damaged(&path, format!("cannot be read ({error}); run build-image --distro {distro} --force")))
            }
        }
    }
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
            .ok_or_else(|| damaged(distros, format!("{:?} is not a release of {distro}", build.as_str())))?,
    };
    let unread = |error: std::io::Error| damaged(distros, format!("cannot be read ({error}); look at its file system"));
    let Some(release) = newest(distros, &wanted).map_err(unread)? else {
        if let Standing::Other(what) = standing(distros, &wanted).map_err(unread)? {
            return Err(damaged(&distros.join(wanted.as_str()), what));
        }
        let remedy = format!(
            "publish it with: check-and-download-rocky --os {} --release {}",
            wanted.osname(),
            wanted.version()
        );
        return Err(SourceError::NotPublished { distro: wanted, remedy });
    };
    let folder = distros.join(release.as_str());
    for name in [".treeinfo", "images/pxeboot/vmlinuz", "images/pxeboot/initrd.img"] {
        let path = folder.join(name);
        let problem = match std::fs::metadata(&path) {
            Ok(metadata) if metadata.is_file() => continue,
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
                format!("cannot be read ({error}); look at its file system")
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
