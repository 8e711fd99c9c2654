// SPDX-License-Identifier: GPL-3.0-or-later
//! A published build of a system that is installed by image.

use super::build_files::{CURRENT, MANIFEST};
use super::builds;
use super::how_to_publish::how_to_publish;
use super::manifest::is_plain_name;
use super::source_error::SourceError;
use super::{File, Manifest};
use crate::boot::{Fetched, Source};
use crate::types::{Distro, HostType, Line};
use std::path::{Path, PathBuf};

/// A published build of a system that is installed by image.
pub(super) struct PublishedBuild {
    /// Its manifest's file.
    path: PathBuf,
    folder: PathBuf,
    manifest: Manifest,
}

impl PublishedBuild {
    /// The named build, or the newest one.
    pub(super) fn open(distros: &Path, distro: &Distro, build: Option<&Line>) -> Result<Self, SourceError> {
        let folder = distros.join(distro.as_str());
        if let Some(build) = build.filter(|b| !is_plain_name(b.as_str())) {
            return Err(SourceError::damaged(&folder, format!("{:?} is not the name of a build", build.as_str())));
        }
        let path = match build {
            Some(build) => folder.join(build.as_str()).join(MANIFEST),
            None => folder.join(CURRENT),
        };
        let text = builds::text(&path).map_err(|error| match error.kind() {
            std::io::ErrorKind::NotFound => SourceError::NotPublished {
                distro: distro.clone(),
                remedy: format!("make it with: {}", how_to_publish(distro)),
            },
            _ => SourceError::damaged(&path, format!("cannot read: {error}")),
        })?;
        let manifest = Manifest::parse(&text).map_err(|error| SourceError::damaged(&path, error.to_string()))?;
        if manifest.distro != *distro || build.is_some_and(|b| *b != manifest.build) {
            return Err(SourceError::damaged(
                &path,
                format!("it is the manifest of {} {}, not of this folder", manifest.distro, manifest.build),
            ));
        }
        Ok(Self { path, folder, manifest })
    }

    /// What an image of this type is installed from.
    pub(super) fn source(&self, host_type: HostType) -> Result<Source, SourceError> {
        let Manifest { build, distro, images, .. } = &self.manifest;
        let file = images.get(&host_type).ok_or_else(|| SourceError::NoImage { distro: distro.clone(), host_type })?;
        let (kernel, initrd) = self.node()?;
        let unpacked = file
            .unpacked
            .ok_or_else(|| SourceError::damaged(&self.path, format!("images.{host_type} has no unpacked size")))?;
        Ok(Source::Image { build: build.clone(), kernel, initrd, image: self.fetched(file)?, unpacked })
    }

    /// Kernel and initrd of the node environment.
    pub(super) fn node(&self) -> Result<(Fetched, Fetched), SourceError> {
        Ok((self.fetched(&self.manifest.node.kernel)?, self.fetched(&self.manifest.node.initrd)?))
    }

    /// The digest was computed when it was published and is checked on the node. Here a missing or short file is found
    /// before a machine starts in vain.
    fn fetched(&self, file: &File) -> Result<Fetched, SourceError> {
        let Manifest { build, distro, .. } = &self.manifest;
        let path = self.folder.join(build.as_str()).join(&file.file);
        match std::fs::metadata(&path) {
            Ok(metadata) if metadata.len() == file.size => {
                Ok(Fetched { path: format!("{distro}/{build}/{}", file.file), sha256: file.sha256, size: file.size })
            }
            Ok(metadata) => Err(SourceError::damaged(
                &path,
                format!(
                    "has {} bytes, but {} were published; run build-image --distro {distro} --force",
                    metadata.len(),
                    file.size
                ),
            )),
            Err(error) => Err(SourceError::damaged(
                &path,
                format!("cannot be read ({error}); run build-image --distro {distro} --force"),
            )),
        }
    }
}
