// SPDX-License-Identifier: GPL-3.0-or-later
//! Published builds: the list, the newest one, and whether their files are still as published.

use super::brought::{Brought, BroughtError};
use super::build_files::{CURRENT, MANIFEST};
use super::record_error::RecordError;
use super::recorded_files::{RecordedFile, RecordedFiles, compare};
use super::{Item, Manifest};
use crate::files::IoError;
use crate::types::{Distro, HostType, Line, Method, Sha256Digest, Timestamp};
use std::collections::BTreeSet;
use std::io;
use std::path::Path;
use std::sync::atomic::AtomicBool;
use std::time::UNIX_EPOCH;

/// A published build.
#[derive(Debug)]
pub struct Build {
    /// Its name.
    pub item: Item,
    /// Whether installations that begin now use it.
    pub current: bool,
    /// The time of its folder: when it was published; if another one is current, since when.
    pub since: Timestamp,
    /// Its contents, or why they are not known.
    pub manifest: Result<Manifest, RecordError>,
}

/// No manifest or list of packages is longer.
const MAX_TEXT_BYTES: u64 = 16 << 20;

/// The text of a file of a build. Only a regular file is opened.
///
/// # Errors
/// When it cannot be read, is not a regular file, or is longer than any list.
pub fn text(path: &Path) -> io::Result<String> {
    Brought::text(path, MAX_TEXT_BYTES).map_err(|error| match error {
        BroughtError::Io(error) => error.into_reason(),
        BroughtError::Missing(_) => io::ErrorKind::NotFound.into(),
        other => io::Error::other(other.to_string()),
    })
}

/// The names of the packages in an image, from the list in the folder of its build.
///
/// # Errors
/// When it cannot be read.
pub fn packages_in_image(build: &Path, host_type: HostType) -> io::Result<BTreeSet<String>> {
    let text = text(&build.join(package_list(host_type)))?;
    // dpkg adds the architecture to some names: `libc6:amd64`.
    Ok(text.lines().filter_map(|line| line.split([' ', ':']).next()).map(str::to_owned).collect())
}

/// The name of that list.
pub fn package_list(host_type: HostType) -> String {
    format!("packages-{host_type}.txt")
}

/// The contents of a build.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct BuildSummary {
    /// Its system.
    pub distro: Distro,
    /// Its name.
    pub build: Line,
    /// The version of the kernel's package.
    pub kernel: Line,
    /// A digest over packages, scripts and options.
    pub recipe: Sha256Digest,
    /// When it was published; none if its name is not a time.
    pub published: Option<Timestamp>,
    /// How many files have a digest.
    pub files: usize,
    /// Their size in bytes.
    pub size: u64,
}

impl From<Manifest> for BuildSummary {
    fn from(manifest: Manifest) -> Self {
        Self {
            published: manifest.build.as_str().parse().ok(),
            files: manifest.files().count(),
            size: manifest.files().map(|file| file.size).fold(0, u64::saturating_add),
            distro: manifest.distro,
            build: manifest.build,
            kernel: manifest.kernel,
            recipe: manifest.recipe,
        }
    }
}

/// All published builds, by their systems; the current one of each first, then the newest.
///
/// # Errors
/// When a folder cannot be listed. If the current build is not known, none counts as current: see [`current`].
pub fn builds(distros: &Path) -> io::Result<Vec<Build>> {
    let mut systems = Vec::new();
    for entry in std::fs::read_dir(distros)? {
        let entry = entry?;
        let distro = entry.file_name().to_str().and_then(|name| name.parse::<Distro>().ok());
        if let Some(distro) = distro.filter(|distro| distro.method() == Method::Image)
            && entry.path().is_dir()
        {
            systems.push(distro);
        }
    }
    systems.sort();
    let mut builds = Vec::new();
    for distro in systems {
        builds.extend(builds_of(distros, &distro)?);
    }
    Ok(builds)
}

/// The published builds of one system, in the same order.
///
/// # Errors
/// As [`builds`].
pub fn builds_of(distros: &Path, distro: &Distro) -> io::Result<Vec<Build>> {
    let folder = distros.join(distro.as_str());
    let current = current(&folder).map(|manifest| manifest.map(|manifest| manifest.build));
    let mut builds = Vec::new();
    for entry in std::fs::read_dir(&folder)? {
        let entry = entry?;
        let metadata = entry.metadata()?;
        let name = entry.file_name();
        let Some(item) = name.to_str().and_then(|name| Item::build(distro, name)) else { continue };
        let link = metadata.is_symlink();
        if !metadata.is_dir() && !link {
            continue;
        }
        let since = metadata.modified()?.duration_since(UNIX_EPOCH).unwrap_or_default().as_secs();
        builds.push(Build {
            current: matches!(&current, Ok(Some(current)) if item.build_name() == Some(current)),
            since: Timestamp::from_unix(since.try_into().unwrap_or(i64::MAX)),
            manifest: match link {
                true => Err(RecordError::Link),
                false => manifest(distros, &item),
            },
            item,
        });
    }
    // Their names are times.
    builds.sort_unstable_by(|a, b| (b.current, &b.item).cmp(&(a.current, &a.item)));
    Ok(builds)
}

/// The manifest of the newest build in the folder of a system, if there is one.
///
/// # Errors
/// When a file exists but cannot be read.
pub fn current(folder: &Path) -> Result<Option<Manifest>, RecordError> {
    let path = folder.join(CURRENT);
    let found = match text(&path) {
        Ok(text) => Manifest::parse(&text).map_err(|problem| RecordError::Manifest { path, problem }),
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => Err(IoError::new("read", path, error).into()),
    };
    found.map(Some).map_err(|error| RecordError::Current(Box::new(error)))
}

/// Whether every file of the build exists with its size.
pub fn is_whole(folder: &Path, manifest: &Manifest) -> bool {
    let place = folder.join(manifest.build.as_str());
    manifest
        .files()
        .all(|file| std::fs::metadata(place.join(&file.file)).is_ok_and(|m| m.is_file() && m.len() == file.size))
}

fn manifest(distros: &Path, item: &Item) -> Result<Manifest, RecordError> {
    let path = item.place(distros).join(MANIFEST);
    let text = text(&path).map_err(IoError::during("read", &path))?;
    let manifest = match Manifest::parse(&text) {
        Ok(manifest) => manifest,
        Err(problem) => return Err(RecordError::Manifest { path, problem }),
    };
    if manifest.distro != *item.distro() || Some(&manifest.build) != item.build_name() {
        return Err(RecordError::OtherBuild { path, distro: manifest.distro, build: manifest.build });
    }
    Ok(manifest)
}

/// Reads every file of a build again. Returns the faults, a line each; none if all is unchanged.
///
/// # Errors
/// When its manifest cannot be read, or `stop` is set meanwhile.
pub fn verify(
    distros: &Path,
    item: &Item,
    stop: &AtomicBool,
    progress: &mut dyn FnMut(u64, Option<u64>),
) -> Result<Vec<String>, RecordError> {
    let manifest = manifest(distros, item)?;
    let mut wrong = Vec::new();
    if let Some(current) = current(&distros.join(item.distro().as_str()))?
        && current.build == manifest.build
        && current != manifest
    {
        wrong.push(format!("{CURRENT}, which marks it as the newest one, is not a copy of its {MANIFEST}"));
    }
    let files: RecordedFiles = manifest
        .files()
        .map(|file| (file.file.clone(), RecordedFile { sha256: file.sha256, size: Some(file.size) }))
        .collect();
    let lists = lists(&manifest);
    let mut apart = vec![MANIFEST];
    if !manifest.lists_packages() {
        apart.extend(lists.iter().map(String::as_str));
    }
    wrong.extend(compare(&item.place(distros), &files, &apart, stop, progress)?);
    Ok(wrong)
}

/// The names of a build's package lists: of the whole build, and of each image.
fn lists(manifest: &Manifest) -> Vec<String> {
    let of_images = manifest.images.keys().map(|host_type| format!("packages-{host_type}.txt"));
    std::iter::once("packages.txt".to_owned()).chain(of_images).collect()
}
