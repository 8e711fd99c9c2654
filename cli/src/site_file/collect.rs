// SPDX-License-Identifier: GPL-3.0-or-later
//! What a site is made of: the files of this node that belong to an export.
//!
//! Settings and records are read whole, so that they are of one moment. Media are only listed, with their digests.

use super::target::stopped;
use crate::media;
use crate::program::{Ended, Exit, Site};
use anyhow::Context as _;
use hps::config::{Dir, HpsConf};
use hps::files::{self, FileError, Trust};
use hps::site_archive::{Folder, ListedFile, MAX_SETTING_BYTES, MemberName, Part, is_left_out};
use hps::types::{Distro, Sha256Digest};
use std::fs::FileType;
use std::io::{ErrorKind, Read};
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};

/// A file of this node.
pub(crate) struct Found {
    pub(crate) listed: ListedFile,
    pub(crate) content: Content,
}

/// Its bytes, or where they are.
pub(crate) enum Content {
    Bytes(Vec<u8>),
    File(PathBuf),
}

/// Where a folder of an archive is on a node.
pub(crate) fn dir_of(folder: Folder) -> Dir {
    match folder {
        Folder::Clusters => Dir::Clusters,
        Folder::State => Dir::State,
        Folder::Scripts => Dir::Scripts,
        Folder::Menu => Dir::MenuConfig,
        Folder::Packages => Dir::Packages,
        Folder::Distros => Dir::Distros,
    }
}

/// Where a member is on a node.
pub(crate) fn place(site: &Site, name: &MemberName) -> PathBuf {
    match name.place() {
        Some((folder, path)) => site.conf.dir(dir_of(folder)).join(path),
        None => site.path.clone(),
    }
}

/// Settings, records, marks and keys. Marks are read last: a machine whose record says that it was installed then has its mark.
///
/// # Errors
/// When one cannot be read, or another user may have written it: an export without it would count as complete.
pub(crate) fn settings(site: &Site) -> anyhow::Result<Vec<Found>> {
    let mut found = Vec::new();
    if let Some(conf) = read(site, MemberName::conf(), &site.path)? {
        found.push(conf);
    }
    for folder in [Folder::Clusters, Folder::Scripts, Folder::Menu, Folder::Packages, Folder::State] {
        let mut names = Vec::new();
        list(&site.conf, folder, &mut |path, _| names.push(path.to_owned()))?;
        for name in names.iter().filter_map(|path| MemberName::new(folder, path).ok()) {
            if name.part() != Part::Medium {
                let path = place(site, &name);
                found.extend(read(site, name, &path)?);
            }
        }
    }
    Ok(found)
}

/// Trees, images and packages, with the digest of each file. `on_bytes` gets how many bytes were read.
///
/// # Errors
/// When one cannot be read, is a link, or `stop` is set meanwhile.
pub(super) fn media(site: &Site, on_bytes: &mut dyn FnMut(u64), stop: &AtomicBool) -> anyhow::Result<Vec<Found>> {
    let mut found = Vec::new();
    for (name, path) in media_files(site)? {
        let file = open(site, &path)?;
        let mode = file.metadata().context("a file")?.permissions().mode() & 0o777;
        let watched = Watched { inner: file, on_bytes, stop };
        let (sha256, size) =
            Sha256Digest::hash_reader(watched).map_err(|error| match stop.load(Ordering::Relaxed) {
                true => stopped(),
                false => anyhow::Error::new(error).context(format!("{}: cannot read", path.display())),
            })?;
        found.push(Found { listed: ListedFile { name, size, mode, sha256 }, content: Content::File(path) });
    }
    Ok(found)
}

/// The names and places of the files of media.
pub(super) fn media_files(site: &Site) -> anyhow::Result<Vec<(MemberName, PathBuf)>> {
    let mut names = Vec::new();
    for folder in [Folder::Distros, Folder::Packages] {
        let mut links = Vec::new();
        list(&site.conf, folder, &mut |path, kind| {
            let Ok(name) = MemberName::new(folder, path) else { return };
            if name.part() == Part::Medium {
                let place = place(site, &name);
                if kind.is_file() { names.push((name, place)) } else { links.push(place) }
            }
        })?;
        if let Some(link) = links.first() {
            let line = format!("{}: no regular file, which the web server does not serve; remove it", link.display());
            return Err(Ended::error(Exit::Refused, line));
        }
    }
    Ok(names)
}

/// A file in the folders of clusters.
pub(crate) enum OfCluster {
    Member(MemberName),
    /// A permission, a window or a choice at a console.
    Permission,
    /// A machine that waits.
    Pending(PathBuf),
}

/// The files of all clusters of this node.
///
/// # Errors
/// When a folder cannot be listed.
pub(crate) fn names_of_clusters(site: &Site) -> anyhow::Result<Vec<OfCluster>> {
    let mut found = Vec::new();
    list(&site.conf, Folder::Clusters, &mut |path, _| {
        let parts: Vec<&str> = path.split('/').collect();
        if let Ok(name) = MemberName::new(Folder::Clusters, path) {
            found.push(OfCluster::Member(name));
        } else if let [_, "permissions" | "menu-permissions", ..] = parts.as_slice() {
            found.push(OfCluster::Permission);
        } else if let [_, "pending", _] = parts.as_slice() {
            found.push(OfCluster::Pending(site.conf.dir(Dir::Clusters).join(path)));
        }
    })?;
    Ok(found)
}

/// Opens a published file.
pub(super) fn open(site: &Site, path: &Path) -> anyhow::Result<std::fs::File> {
    Ok(files::open_trusted(path, &media::base(&site.conf), Trust::Root)?)
}

/// Calls `on_file` for each file below a folder of `hps.conf`, with its path in it.
fn list(conf: &HpsConf, folder: Folder, on_file: &mut dyn FnMut(&str, FileType)) -> anyhow::Result<()> {
    let top = conf.dir(dir_of(folder));
    let mut waiting = vec![String::new()];
    while let Some(within) = waiting.pop() {
        let place = top.join(&within);
        let entries = match std::fs::read_dir(&place) {
            Ok(entries) => entries,
            Err(error) if error.kind() == ErrorKind::NotFound => continue,
            Err(error) => return Err(error).with_context(|| format!("{}: cannot list", place.display())),
        };
        for entry in entries {
            let entry = entry.with_context(|| format!("{}: cannot list", place.display()))?;
            let name = entry.file_name();
            // HPS makes no name that is not UTF-8.
            let Some(name) = name.to_str() else { continue };
            let path = if within.is_empty() { name.to_owned() } else { format!("{within}/{name}") };
            let kind = entry.file_type().with_context(|| format!("{}: cannot read", entry.path().display()))?;
            if is_left_out(name) || !may_have(folder, &path) {
                continue;
            }
            if kind.is_dir() { waiting.push(path) } else { on_file(&path, kind) }
        }
    }
    Ok(())
}

/// Whether a path can belong to an export. It saves a walk through what does not: an archive of Debian, for instance.
fn may_have(folder: Folder, path: &str) -> bool {
    match folder {
        Folder::Distros | Folder::Packages => path.split('/').next().is_some_and(|name| name.parse::<Distro>().is_ok()),
        _ => true,
    }
}

/// A small file; `None` for one that was removed meanwhile.
fn read(site: &Site, name: MemberName, path: &Path) -> anyhow::Result<Option<Found>> {
    let base = hps::store::base(&site.conf);
    let bytes = match files::read_trusted(path, &base, Trust::Shared, MAX_SETTING_BYTES) {
        Err(FileError::Io(error)) if error.is_not_found() => return Ok(None),
        read => read?,
    };
    let mode = match path.metadata() {
        Ok(metadata) => metadata.permissions().mode() & 0o777,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(error).with_context(|| format!("{}: cannot read", path.display())),
    };
    let listed = ListedFile { name, size: bytes.len() as u64, mode, sha256: Sha256Digest::hash(&bytes) };
    Ok(Some(Found { listed, content: Content::Bytes(bytes) }))
}

/// A reader that a signal ends.
pub(super) struct Watched<'a, R> {
    pub(super) inner: R,
    pub(super) on_bytes: &'a mut dyn FnMut(u64),
    pub(super) stop: &'a AtomicBool,
}

impl<R: Read> Read for Watched<'_, R> {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        if self.stop.load(Ordering::Relaxed) {
            return Err(std::io::Error::other("stopped"));
        }
        let count = self.inner.read(buffer)?;
        (self.on_bytes)(count as u64);
        Ok(count)
    }
}
