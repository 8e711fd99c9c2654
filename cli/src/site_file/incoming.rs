// SPDX-License-Identifier: GPL-3.0-or-later
//! What an archive brings: its settings in memory, its media in a hidden folder. Nothing of it counts before the whole archive was
//! compared with its digests.

use super::source;
use super::staging::Staging;
use crate::media::{BYTES, bar};
use crate::program::{Ended, Exit, Site};
use hps::config::{Cluster, HpsConf};
use hps::host::Host;
use hps::site_archive::{ArchiveError, ListedFile, Manifest, MemberName, Part, Reader};
use hps::store::StoreError;
use hps::types::{ClusterName, one_line};
use std::collections::BTreeMap;
use std::io::{self, Read, Write};
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};

/// A setting, a record, a mark or a key.
pub(crate) struct Setting {
    pub(crate) name: MemberName,
    pub(crate) mode: u32,
    pub(crate) bytes: Vec<u8>,
}

/// What an archive brings.
pub(crate) struct Incoming {
    pub(crate) manifest: Manifest,
    /// The digest of the manifest.
    pub(crate) digest: String,
    pub(crate) settings: Vec<Setting>,
    pub(crate) clusters: BTreeMap<ClusterName, Cluster>,
}

/// What becomes of media.
pub(crate) enum Media<'a> {
    /// They are compared with their digests, and not stored.
    Compared,
    /// They are stored.
    Staged(&'a mut Staging),
}

/// An archive of which the manifest and the settings were read.
pub(crate) struct Opened<'a> {
    path: &'a Path,
    reader: Reader<'a, Watched<'a>>,
    pub(crate) incoming: Incoming,
}

/// A reader that a signal ends.
pub(crate) struct Watched<'a> {
    inner: Box<dyn Read + Send>,
    stop: &'a AtomicBool,
}

impl<'a> Watched<'a> {
    pub(crate) fn new(inner: Box<dyn Read + Send>, stop: &'a AtomicBool) -> Self {
        Self { inner, stop }
    }
}

impl Read for Watched<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.stop.load(Ordering::Relaxed) {
            return Err(io::Error::new(io::ErrorKind::ConnectionAborted, "stopped"));
        }
        self.inner.read(buffer)
    }
}

impl<'a> Opened<'a> {
    /// Reads the manifest and the settings.
    ///
    /// # Errors
    /// When this is no archive, it is damaged, or a setting cannot be accepted.
    pub(crate) fn read(path: &'a Path, archive: &'a mut tar::Archive<Watched<'a>>) -> anyhow::Result<Self> {
        let refused = |error: ArchiveError| source::refused(path, error);
        let mut reader = Reader::new(archive).map_err(refused)?;
        let manifest = reader.manifest().clone();
        let digest = reader.digest().to_owned();
        let mut settings = Vec::new();
        for _ in manifest.files.iter().filter(|file| file.name.part() != Part::Medium) {
            let Some((file, bytes)) = reader.next(|_| Ok(Vec::new())).map_err(refused)? else { break };
            settings.push(Setting { name: file.name, mode: file.mode, bytes });
        }
        let clusters = clusters(path, &settings)?;
        Ok(Self { path, reader, incoming: Incoming { manifest, digest, settings, clusters } })
    }

    /// Reads the rest: media, and the end.
    ///
    /// # Errors
    /// When it is damaged, or a medium cannot be stored.
    pub(crate) fn finish(mut self, mut media: Media<'_>) -> anyhow::Result<Incoming> {
        let bar = bar(BYTES);
        bar.set_length(self.incoming.manifest.bytes_of(|file| file.name.part() == Part::Medium));
        loop {
            let read = self.reader.next(|file| {
                bar.inc(file.size);
                place(&mut media, file)
            });
            match read.map_err(|error| source::refused(self.path, error))? {
                None => break,
                Some((_, Place::File(file))) => file.sync_data()?,
                Some(_) => {}
            }
        }
        bar.finish_and_clear();
        Ok(self.incoming)
    }
}

/// Where the bytes of a medium go.
enum Place {
    Nowhere,
    File(std::fs::File),
}

fn place(media: &mut Media<'_>, file: &ListedFile) -> io::Result<Place> {
    match media {
        Media::Compared => Ok(Place::Nowhere),
        Media::Staged(staging) => Ok(staging.create(&file.name)?.map_or(Place::Nowhere, Place::File)),
    }
}

impl Write for Place {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match self {
            Self::Nowhere => Ok(bytes.len()),
            Self::File(file) => file.write(bytes),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Every cluster file is accepted, or the site is not the same.
fn clusters(path: &Path, settings: &[Setting]) -> anyhow::Result<BTreeMap<ClusterName, Cluster>> {
    let mut clusters = BTreeMap::new();
    let mut problems = Vec::new();
    for setting in settings {
        let text = std::str::from_utf8(&setting.bytes).unwrap_or_default();
        let mut problem = |problem: String| problems.push(format!("{}: {}: {problem}", path.display(), setting.name));
        if setting.name == MemberName::conf() {
            if let Err(error) = HpsConf::parse(text) {
                problem(one_line(&error));
            }
            continue;
        }
        let is_former = setting.name.as_str().ends_with("/former.cluster");
        let Some(name) = setting.name.cluster().filter(|_| setting.name.part() == Part::ClusterFile) else { continue };
        match Cluster::parse(text) {
            Ok(cluster) if cluster.name != name => problem(format!("its name is {}", cluster.name)),
            Ok(cluster) if !is_former => drop(clusters.insert(name, cluster)),
            Ok(_) => {}
            Err(error) => problem(one_line(&StoreError::of_cluster(Path::new(setting.name.as_str()), error))),
        }
    }
    Ended::errors(Exit::Refused, problems).map_or(Ok(clusters), Err)
}

impl Incoming {
    /// The hosts whose records can be accepted, and a line for each other record.
    pub(crate) fn hosts(&self) -> (Vec<(ClusterName, Host)>, Vec<String>) {
        let (mut hosts, mut problems) = (Vec::new(), Vec::new());
        for setting in &self.settings {
            let Some((cluster, mac)) = setting.name.host() else { continue };
            match Host::parse(std::str::from_utf8(&setting.bytes).unwrap_or_default(), mac) {
                Ok(host) => hosts.push((cluster, host)),
                Err(error) => problems.push(format!("{}: {}", setting.name, one_line(&error))),
            }
        }
        (hosts, problems)
    }

    /// The folders of this node: those of its `hps.conf`, or on a new machine those of the archive. Below another base they are those
    /// of the base, and the `hps.conf` of the archive does not come in.
    ///
    /// # Errors
    /// When the `hps.conf` of the archive is not accepted.
    pub(crate) fn site(&mut self, here: &Site, has_base: bool) -> anyhow::Result<Site> {
        if here.path.exists() {
            return Ok(here.clone());
        }
        let Some(index) = self.settings.iter().position(|setting| setting.name == MemberName::conf()) else {
            return Ok(here.clone());
        };
        let text = self.settings.get(index).map(|setting| setting.bytes.clone()).unwrap_or_default();
        let conf = HpsConf::parse(std::str::from_utf8(&text).unwrap_or_default())
            .map_err(|error| Ended::error(Exit::Refused, error.to_string()))?;
        if !has_base {
            return Ok(Site { path: here.path.clone(), conf });
        }
        self.settings.remove(index);
        let conf = here.conf.clone().with_service_manager(conf.service_manager());
        Ok(Site { path: here.path.clone(), conf })
    }
}
