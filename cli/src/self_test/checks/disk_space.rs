// SPDX-License-Identifier: GPL-3.0-or-later

use super::{Context, Found};
use hps::config::Dir;
use hps::files::{free_inodes, free_space};
use std::collections::BTreeSet;
use std::os::unix::fs::MetadataExt as _;
use std::path::Path;

const MIB: u64 = 1 << 20;
/// Below this a record, a history or a log may not be written any more: a rack of 40 machines sends 1 MiB of log each.
const LEAST: u64 = 64 * MIB;
/// The logs of the services grow to 10 MiB each before they are rotated, those of a host to 5 MiB and more.
const LOW: u64 = 512 * MIB;
/// A build of an image, or a downloaded ISO, needs this and more.
const LOW_MEDIA: u64 = 4096 * MIB;
/// Each host has some ten files.
const LEAST_FILES: u64 = 10_000;

/// Each file system below the folders of `hps.conf`, once for each kind of need.
pub(in super::super) fn run(context: &Context) -> anyhow::Result<Vec<Found>> {
    let (mut seen, mut found) = (BTreeSet::new(), Vec::new());
    for (dir, folder) in context.site.conf.dirs() {
        let Ok(metadata) = folder.metadata() else { continue };
        let is_media = matches!(dir, Dir::Distros | Dir::Packages);
        if seen.insert((metadata.dev(), is_media)) {
            found.extend(check(folder, is_media)?);
        }
    }
    // Of two lines of one file system, the first is enough.
    found.dedup_by(|a, b| a.status == b.status && a.advice == b.advice);
    Ok(found)
}

fn check(folder: &Path, is_media: bool) -> anyhow::Result<Option<Found>> {
    let (space, files) = (free_space(folder)?, free_inodes(folder)?);
    let advice = "remove old builds and trees (build-image --list, --remove), or add space";
    let path = folder.display();
    let text = format!("{path}: {} MiB are free on its file system", space / MIB);
    let low = if is_media { LOW_MEDIA } else { LOW };
    Ok(match files {
        _ if space < LEAST => Some(Found::problem(text, advice)),
        Some(files) if files < LEAST_FILES => {
            Some(Found::problem(format!("{path}: its file system has room for {files} more files"), advice))
        }
        _ if space < low => Some(Found::warning(text, advice)),
        _ => None,
    })
}
