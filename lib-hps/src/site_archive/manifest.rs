// SPDX-License-Identifier: GPL-3.0-or-later
//! The first member: where the file comes from, and what is in it. JSON, UTF-8.

use super::member_name::{MemberName, Part};
use super::{ArchiveError, MANIFEST};
use crate::types::{ClusterName, Sha256Digest, Timestamp};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// The newest format that this version reads and writes.
pub const FORMAT: u32 = 1;
/// More than any site has.
const MAX_FILES: usize = 2_000_000;

/// Where an archive comes from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Origin {
    /// Version and commit of HPS.
    pub hps: String,
    /// When it was made, UTC.
    pub made: Timestamp,
    /// The name of the node.
    pub node: String,
    /// The cluster that was active.
    pub active: Option<ClusterName>,
    /// Whether trees, images and packages are in it.
    pub media: bool,
}

/// A file of an archive.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ListedFile {
    /// Its name.
    pub name: MemberName,
    /// In bytes.
    pub size: u64,
    /// Its mode where it was. Only that a script may be executed counts at an import.
    #[serde(with = "mode")]
    pub mode: u32,
    /// Of its bytes.
    pub sha256: Sha256Digest,
}

/// What is in an archive.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Manifest {
    /// The version of this format.
    pub format: u32,
    /// Where it comes from.
    #[serde(flatten)]
    pub origin: Origin,
    /// Its clusters.
    pub clusters: Vec<ClusterName>,
    /// Its files in the order of the archive: settings and records, then media.
    pub files: Vec<ListedFile>,
}

impl Manifest {
    /// Of these files, in an order that an import can rely on.
    pub fn new(origin: Origin, mut files: Vec<ListedFile>) -> Self {
        files.sort_by_cached_key(order);
        let clusters: BTreeSet<ClusterName> = files.iter().filter_map(|file| cluster_of_file(&file.name)).collect();
        Self { format: FORMAT, origin, clusters: clusters.into_iter().collect(), files }
    }

    /// Reads the member.
    ///
    /// # Errors
    /// When it is not a manifest, is newer than this version, or names a file that no archive may have.
    pub fn parse(bytes: &[u8]) -> Result<Self, ArchiveError> {
        /// What each version has.
        #[derive(Deserialize)]
        struct Head {
            format: u32,
            #[serde(default)]
            hps: String,
        }
        let damaged = |error: serde_json::Error| ArchiveError::Damaged(format!("{MANIFEST}: {error}"));
        let head: Head = serde_json::from_slice(bytes).map_err(damaged)?;
        if head.format > FORMAT {
            return Err(ArchiveError::TooNew { format: head.format, hps: head.hps, known: FORMAT });
        }
        let manifest: Self = serde_json::from_slice(bytes).map_err(damaged)?;
        manifest.check().map_err(|problem| ArchiveError::Damaged(format!("{MANIFEST}: {problem}")))?;
        Ok(manifest)
    }

    /// Its bytes in an archive.
    pub fn to_bytes(&self) -> Vec<u8> {
        serde_json::to_vec_pretty(self).unwrap_or_default()
    }

    /// The bytes of all files of these kinds.
    pub fn bytes_of(&self, is_wanted: impl Fn(&ListedFile) -> bool) -> u64 {
        self.files.iter().filter(|file| is_wanted(file)).fold(0, |sum, file| sum.saturating_add(file.size))
    }

    fn check(&self) -> Result<(), String> {
        if self.files.len() > MAX_FILES {
            return Err(format!("more than {MAX_FILES} files"));
        }
        if !self.files.is_sorted_by_key(order) {
            return Err("its files are not in order".to_owned());
        }
        let names: BTreeSet<&str> = self.files.iter().map(|file| file.name.as_str()).collect();
        if names.len() != self.files.len() {
            return Err("a file is listed twice".to_owned());
        }
        // A file in the place of a folder.
        for name in &names {
            let mut above = *name;
            while let Some((folder, _)) = above.rsplit_once('/') {
                if names.contains(folder) {
                    return Err(format!("{folder} is a file and a folder"));
                }
                above = folder;
            }
        }
        let clusters: BTreeSet<ClusterName> =
            self.files.iter().filter_map(|file| cluster_of_file(&file.name)).collect();
        if clusters.iter().ne(&self.clusters) {
            return Err("its clusters are not those of its files".to_owned());
        }
        if let Some(file) =
            self.files.iter().find(|f| f.name.cluster().is_some_and(|cluster| !clusters.contains(&cluster)))
        {
            return Err(format!("{}: its cluster file is missing", file.name));
        }
        if let Some(active) = self.origin.active.as_ref().filter(|active| !clusters.contains(active)) {
            return Err(format!("cluster {active} is the active one, and is not in it"));
        }
        if !self.origin.media && self.files.iter().any(|file| file.name.part() == Part::Medium) {
            return Err("it has media, and says that it has none".to_owned());
        }
        Ok(())
    }
}

/// Settings before media, so that a reader can compare them before gigabytes follow.
fn order(file: &ListedFile) -> (bool, MemberName) {
    (file.name.part() == Part::Medium, file.name.clone())
}

/// The cluster of a cluster file.
fn cluster_of_file(name: &MemberName) -> Option<ClusterName> {
    let (_, path) = name.place()?;
    if name.part() == Part::ClusterFile && !path.contains('/') { name.cluster() } else { None }
}

/// The last member.
pub(super) fn digest_line(manifest: &[u8]) -> String {
    format!("{}  {MANIFEST}\n", Sha256Digest::hash(manifest))
}

/// The size of the last member.
pub(super) const DIGEST_LINE_BYTES: u64 = 64 + 2 + MANIFEST.len() as u64 + 1;

/// Octal digits, as chmod(1) has them.
mod mode {
    use serde::{Deserialize as _, Deserializer, Serializer};

    pub(super) fn serialize<S: Serializer>(mode: &u32, to: S) -> Result<S::Ok, S::Error> {
        to.collect_str(&format_args!("{mode:04o}"))
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<u32, D::Error> {
        let text = String::deserialize(from)?;
        let mode = u32::from_str_radix(&text, 8).map_err(serde::de::Error::custom)?;
        if mode > 0o777 { Err(serde::de::Error::custom("expected a mode of at most 0777")) } else { Ok(mode) }
    }
}
