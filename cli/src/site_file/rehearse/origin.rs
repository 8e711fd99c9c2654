// SPDX-License-Identifier: GPL-3.0-or-later
//! What is rehearsed: a file of export, a copy of site-copy, or this node. Each is read by the way of an archive.

use super::arguments::Rehearse;
use super::stop::STOP;
use crate::program::{Ended, Exit, Site};
use crate::site_file::export::Packed;
use crate::site_file::incoming::{Incoming, Media, Opened, Watched};
use crate::site_file::source;
use anyhow::Context as _;
use hps::config::{Dir, HpsConf};
use hps::exec::unshare;
use hps::files::{self, make_dir};
use hps::store::load_conf;
use indicatif::ProgressBar;
use std::io::Cursor;
use std::path::{Path, PathBuf};

/// The list of paths in a copy is small.
const MAX_PATHS_BYTES: u64 = 1 << 20;
/// What an import needs of a copy.
const COPIED: [Dir; 4] = [Dir::Clusters, Dir::State, Dir::Scripts, Dir::MenuConfig];

/// See above.
pub(super) enum Origin {
    File { path: PathBuf, identity: Option<PathBuf> },
    Copy(PathBuf),
    Node(Site),
}

impl Origin {
    pub(super) fn new(site: &Site, arguments: &Rehearse) -> Self {
        match &arguments.source {
            Some(path) if path.is_dir() => Self::Copy(path.clone()),
            Some(path) => Self::File { path: path.clone(), identity: arguments.identity.clone() },
            None => Self::Node(site.clone()),
        }
    }

    pub(super) fn describe(&self) -> String {
        match self {
            Self::File { path, .. } | Self::Copy(path) => path.display().to_string(),
            Self::Node(_) => "this node".to_owned(),
        }
    }

    /// What an import would get. `work` is a folder in memory.
    ///
    /// # Errors
    /// When it cannot be read, or is damaged.
    pub(super) fn read(&self, work: &Path) -> anyhow::Result<Incoming> {
        match self {
            Self::File { path, identity } => unpack(path, source::open(path, identity.as_deref())?),
            Self::Copy(copy) => pack(&in_memory(copy, work)?),
            Self::Node(site) if !site.path.exists() => {
                Err(Ended::error(Exit::NotFound, format!("{}: no such file; name a copy", site.path.display())))
            }
            Self::Node(site) => pack(site),
        }
    }

    /// Where its published trees and images are, if they are files.
    pub(super) fn distros(&self) -> anyhow::Result<Option<PathBuf>> {
        match self {
            Self::File { .. } => Ok(None),
            Self::Copy(copy) => {
                let conf = load_conf(&conf_of_copy(copy)?)?;
                Ok(Some(within(&copy.join("files"), conf.dir(Dir::Distros))))
            }
            Self::Node(site) => Ok(Some(site.conf.dir(Dir::Distros).to_path_buf())),
        }
    }
}

/// By an export to memory.
fn pack(site: &Site) -> anyhow::Result<Incoming> {
    let packed = Packed::collect(site, false, Vec::new())?;
    let mut bytes = Vec::new();
    packed.write(site, &mut bytes, &ProgressBar::hidden(), STOP)?;
    unpack(Path::new("the export of this node"), Box::new(Cursor::new(bytes)))
}

fn unpack(path: &Path, source: Box<dyn std::io::Read + Send>) -> anyhow::Result<Incoming> {
    let mut archive = tar::Archive::new(Watched::new(source, STOP));
    Opened::read(path, &mut archive)?.finish(Media::Compared)
}

/// The settings of a copy, as files of root: in a copy they belong to a group of the lost machine.
fn in_memory(copy: &Path, work: &Path) -> anyhow::Result<Site> {
    let (top, files) = (work.join("copy"), copy.join("files"));
    let path = conf_of_copy(copy)?;
    let conf = load_conf(&path)?;
    for folder in COPIED.map(|dir| conf.dir(dir)) {
        let (from, to) = (within(&files, folder), within(&top, folder));
        if from.is_dir() && !to.exists() {
            make_dir(to.parent().unwrap_or(&top), 0o755, None)?;
            unshare::copy_plain(&from, &to, STOP)?;
        }
    }
    make_dir(&top, 0o755, None)?;
    let text = conf.dirs().fold(conf.to_text(), |text, (_, folder)| {
        let new = within(&top, folder);
        text.replace(&format!("=\"{}\"", folder.display()), &format!("=\"{}\"", new.display()))
    });
    let conf = HpsConf::parse(&text).context("hps.conf of the copy")?;
    let path = top.join("hps.conf");
    files::write_atomic(&path, text.as_bytes(), files::Access::World)?;
    Ok(Site { path, conf })
}

/// `hps.conf` in a copy: one of its paths, or in a folder of them.
fn conf_of_copy(copy: &Path) -> anyhow::Result<PathBuf> {
    let list = copy.join("PATHS");
    let bytes = files::read_input(&list, MAX_PATHS_BYTES)
        .with_context(|| format!("{}: this is no copy of site-copy", copy.display()))?;
    let files = copy.join("files");
    let paths = String::from_utf8_lossy(&bytes).into_owned();
    let places = paths.lines().map(|line| within(&files, Path::new(line.trim())));
    let conf = places
        .flat_map(|place| [place.join("hps.conf"), place])
        .find(|place| place.file_name().is_some_and(|name| name == "hps.conf") && place.is_file());
    conf.ok_or_else(|| Ended::error(Exit::Failed, format!("{}: it has no hps.conf; make another copy", copy.display())))
}

/// An absolute path below another folder.
fn within(top: &Path, path: &Path) -> PathBuf {
    top.join(path.strip_prefix("/").unwrap_or(path))
}
