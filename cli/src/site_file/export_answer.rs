// SPDX-License-Identifier: GPL-3.0-or-later
//! The answer of an export: nothing under cron, a line on a terminal, the list of a dry run, or JSON.

use crate::program;
use hps::site_archive::{ListedFile, Manifest, Part};
use hps::types::{ClusterName, Distro};
use serde::Serialize;
use std::collections::BTreeSet;
use std::path::Path;

/// What is in an archive, in numbers.
#[derive(Debug, Serialize)]
pub(crate) struct Contents {
    pub(crate) clusters: Vec<ClusterName>,
    pub(crate) hosts: usize,
    pub(crate) ever_installed: usize,
    /// The distributions whose trees, images or packages are in it.
    pub(crate) media: Vec<Distro>,
    pub(crate) files: usize,
    /// Of all files, before packing.
    pub(crate) bytes: u64,
}

impl Contents {
    pub(crate) fn new(manifest: &Manifest) -> Self {
        let files = &manifest.files;
        let media: BTreeSet<String> = files
            .iter()
            .filter(|file| file.name.part() == Part::Medium)
            .filter_map(|file| Some(file.name.distro()?.to_string()))
            .collect();
        Self {
            clusters: manifest.clusters.clone(),
            hosts: files.iter().filter(|file| file.name.host().is_some()).count(),
            ever_installed: files.iter().filter(|file| file.name.installed_mark().is_some()).count(),
            media: media.iter().filter_map(|distro| distro.parse().ok()).collect(),
            files: files.len(),
            bytes: manifest.bytes_of(|_| true),
        }
    }

    /// In words.
    pub(crate) fn describe(&self) -> String {
        let clusters: Vec<&str> = self.clusters.iter().map(ClusterName::as_str).collect();
        let media: Vec<String> = self.media.iter().map(Distro::to_string).collect();
        format!(
            "clusters {}; {} hosts; {} machines ever installed; media: {}; {} files, {}",
            if clusters.is_empty() { "none".to_owned() } else { clusters.join(", ") },
            self.hosts,
            self.ever_installed,
            if media.is_empty() { "none".to_owned() } else { media.join(", ") },
            self.files,
            indicatif::BinaryBytes(self.bytes)
        )
    }
}

/// The answer.
#[derive(Debug, Serialize)]
pub(super) struct ExportAnswer<'a> {
    file: &'a Path,
    dry_run: bool,
    /// Its size, packed and encrypted; `None` for standard output and for a dry run.
    size: Option<u64>,
    /// The SHA-256 of the manifest, which an import shows too.
    manifest_sha256: Option<String>,
    #[serde(flatten)]
    contents: Contents,
    list: &'a [ListedFile],
}

impl<'a> ExportAnswer<'a> {
    pub(super) fn planned(file: &'a Path, manifest: &'a Manifest) -> Self {
        Self {
            file,
            dry_run: true,
            size: None,
            manifest_sha256: None,
            contents: Contents::new(manifest),
            list: &manifest.files,
        }
    }

    pub(super) fn written(self, size: Option<u64>, digest: String) -> Self {
        Self { dry_run: false, size, manifest_sha256: Some(digest), ..self }
    }

    pub(super) fn print(&self, json: bool, to_stdout: bool) -> anyhow::Result<()> {
        if json {
            return program::print_json(self);
        }
        if self.dry_run {
            for file in self.list {
                program::print(format_args!("{:>12}  {}", file.size, file.name))?;
            }
            program::print(self.contents.describe())?;
            return Ok(());
        }
        let digest = self.manifest_sha256.as_deref().unwrap_or_default();
        let name = if to_stdout { "standard output".to_owned() } else { self.file.display().to_string() };
        for line in [
            format!("{name}: {}", self.contents.describe()),
            format!("the SHA-256 of its manifest, which import shows too: {digest}"),
        ] {
            // The archive itself may be on standard output.
            program::eprint_progress("cluster-configure", line);
        }
        Ok(())
    }
}
