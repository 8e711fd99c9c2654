// SPDX-License-Identifier: GPL-3.0-or-later
//! How old images and trees are.

use hps::types::Distro;
use std::path::Path;
use std::time::UNIX_EPOCH;

/// When the newest of a distribution was published, in seconds since 1970.
#[derive(Debug, Clone)]
pub(in crate::hps_web) struct MediaAge {
    pub(super) distro: String,
    /// `image` or `tree`.
    pub(super) kind: &'static str,
    pub(super) published: u64,
}

/// The file that is written last, for each kind.
const LAST_FILES: [(&str, &str); 2] = [("image", "current.toml"), ("tree", ".hps-inventory")];

/// Those of a folder. What cannot be looked at is left out; `host-state check` reports it.
pub(in crate::hps_web) fn media_ages(distros: &Path) -> Vec<MediaAge> {
    let Ok(entries) = distros.read_dir() else { return Vec::new() };
    let mut ages = Vec::new();
    for entry in entries.flatten() {
        let Some(distro) = entry.file_name().to_str().and_then(|name| name.parse::<Distro>().ok()) else { continue };
        for (kind, file) in LAST_FILES {
            let time = entry.path().join(file).symlink_metadata().and_then(|metadata| metadata.modified());
            let since = time.ok().and_then(|time| time.duration_since(UNIX_EPOCH).ok());
            ages.extend(since.map(|since| MediaAge { distro: distro.to_string(), kind, published: since.as_secs() }));
        }
    }
    ages.sort_by(|a, b| (&a.distro, a.kind).cmp(&(&b.distro, b.kind)));
    ages
}
