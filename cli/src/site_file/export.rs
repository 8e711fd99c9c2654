// SPDX-License-Identifier: GPL-3.0-or-later
//! `cluster-configure export`: packs this node into one file.

use super::collect::{self, Content, Found, Watched};
use super::encryption::Encryption;
use super::export_answer::ExportAnswer;
use super::export_arguments::Export;
use super::target::{Target, is_stdout, stopped};
use crate::media::{BYTES, bar};
use crate::program::{self, Ended, Exit, Site};
use crate::reload;
use anyhow::Context as _;
use hps::site_archive::{ArchiveError, Manifest, Origin, Writer};
use hps::store;
use indicatif::ProgressBar;
use std::collections::BTreeMap;
use std::io::{BufWriter, Write};
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};

/// Exports the site.
///
/// # Errors
/// When a file cannot be read, or the archive cannot be written. Then nothing is at its place.
pub(crate) fn export(site: &Site, export: &Export) -> anyhow::Result<Exit> {
    let to_stdout = is_stdout(&export.file);
    if to_stdout && export.json && !export.dry_run {
        return Err(Ended::error(Exit::Usage, "--json: the archive is on standard output; name a file"));
    }
    let encryption = Encryption::new(&export.encrypt)?;
    if !site.path.exists() {
        let line = format!("{}: no such file; there is no site to export", site.path.display());
        return Err(Ended::error(Exit::NotFound, line));
    }
    let stop = program::interrupted()?;
    let bar = bar(BYTES);
    if export.media {
        bar.set_length(media_bytes(site)?.saturating_mul(if export.dry_run { 1 } else { 2 }));
    }
    // Gigabytes are read without the lock: a file that changes meanwhile is seen by its digest.
    let media = if export.media { collect::media(site, &mut |bytes| bar.inc(bytes), &stop)? } else { Vec::new() };
    let packed = Packed::collect(site, export.media, media)?;
    let answer = ExportAnswer::planned(&export.file, &packed.manifest);
    if export.dry_run {
        bar.finish_and_clear();
        answer.print(export.json, false)?;
        return Ok(Exit::WouldChange);
    }
    let mut target = Target::new(&export.file, &encryption, &stop)?;
    let written = packed.write(site, &mut target, &bar, &stop);
    bar.finish_and_clear();
    let digest = match written {
        Ok(digest) => digest,
        Err(_) if stop.load(Ordering::Relaxed) => return Err(stopped()),
        Err(error) => return Err(target.why(error)).with_context(|| shown(&export.file)),
    };
    let size = target.finish().with_context(|| shown(&export.file))?;
    answer.written(size, digest).print(export.json, to_stdout)?;
    Ok(Exit::Done)
}

fn shown(file: &Path) -> String {
    if is_stdout(file) { "standard output".to_owned() } else { file.display().to_string() }
}

fn media_bytes(site: &Site) -> anyhow::Result<u64> {
    let files = collect::media_files(site)?;
    // Only for the progress: a file that is gone is seen later.
    Ok(files.iter().filter_map(|(_, path)| path.metadata().ok()).map(|metadata| metadata.len()).sum())
}

/// What goes into an archive.
pub(super) struct Packed {
    pub(super) manifest: Manifest,
    content: BTreeMap<String, Content>,
}

impl Packed {
    /// Reads settings and records under the lock of `reload`, beside media that are listed already.
    ///
    /// # Errors
    /// When one cannot be read.
    pub(super) fn collect(site: &Site, has_media: bool, media: Vec<Found>) -> anyhow::Result<Self> {
        let lock = reload::ReloadLock::wait(&site.conf, "cluster-configure", reload::LOCK_TIMEOUT)?;
        let mut found = collect::settings(site)?;
        let active = store::active_name(&site.conf)?;
        drop(lock);
        found.extend(media);
        let node = program::node_name().map_or_else(|| "localhost".to_owned(), |name| name.to_string());
        let origin = Origin { hps: program::VERSION.to_owned(), made: program::now(), node, active, media: has_media };
        let (listed, content): (Vec<_>, Vec<_>) = found.into_iter().map(|found| (found.listed, found.content)).unzip();
        let content = listed.iter().map(|file| file.name.to_string()).zip(content).collect();
        let manifest = Manifest::new(origin, listed);
        // What an import would refuse is refused here, where it can be corrected.
        Manifest::parse(&manifest.to_bytes()).map_err(|error| Ended::error(Exit::Failed, not_whole(&error)))?;
        Ok(Self { manifest, content })
    }

    /// Writes the archive, and returns the digest of its manifest.
    pub(super) fn write(
        &self,
        site: &Site,
        out: impl Write,
        bar: &ProgressBar,
        stop: &AtomicBool,
    ) -> anyhow::Result<String> {
        let mut writer = Writer::new(BufWriter::with_capacity(1 << 20, out), &self.manifest)?;
        while let Some(file) = writer.next() {
            match self.content.get(file.name.as_str()) {
                Some(Content::Bytes(bytes)) => writer.add(bytes.as_slice())?,
                Some(Content::File(path)) => {
                    let mut on_bytes = |bytes| bar.inc(bytes);
                    writer.add(Watched { inner: collect::open(site, path)?, on_bytes: &mut on_bytes, stop })?;
                }
                None => anyhow::bail!("{}: its content is missing", file.name),
            }
        }
        let (out, digest) = writer.finish()?;
        out.into_inner().map_err(|error| ArchiveError::Write(error.into_error()))?;
        Ok(digest)
    }
}

fn not_whole(error: &ArchiveError) -> String {
    match error {
        ArchiveError::Damaged(problem) => format!("this node cannot be exported: {problem}"),
        other => format!("this node cannot be exported: {other}"),
    }
}
