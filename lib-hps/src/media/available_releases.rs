// SPDX-License-Identifier: GPL-3.0-or-later
//! Which releases mirrors offer.

use super::mirror::{Client, Mirror, MirrorError};
use super::release::{Release, releases_in};
use super::vendor::{Vendor, Wanted};

/// A release, and the mirrors that list it, in their order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AvailableRelease {
    /// Which.
    pub release: Release,
    /// Where.
    pub mirrors: Vec<Mirror>,
}

/// The releases of the mirrors, and the errors of mirrors without any.
#[derive(Debug)]
pub struct AvailableReleases {
    /// The newest first.
    pub releases: Vec<AvailableRelease>,
    /// A line for each mirror without a release.
    pub warnings: Vec<String>,
    /// Whether no mirror was reached.
    pub unreachable: bool,
}

/// A listing is small, even for a mirror with everything.
const MAX_LISTING_BYTES: u64 = 4 << 20;

/// Asks every mirror for its listing: a mirror that is behind must not hide the releases of another. A named release is
/// not looked up; all mirrors count as having it.
///
/// # Errors
/// [`MirrorError::Stopped`] only.
pub fn available_releases(
    client: &Client,
    vendor: Vendor,
    mirrors: &[Mirror],
    wanted: Wanted,
) -> Result<AvailableReleases, MirrorError> {
    if let Wanted::Exactly(release) = wanted {
        return Ok(AvailableReleases {
            releases: vec![AvailableRelease { release, mirrors: mirrors.to_vec() }],
            warnings: Vec::new(),
            unreachable: false,
        });
    }
    let mut releases: Vec<AvailableRelease> = Vec::new();
    let (mut warnings, mut unreachable) = (Vec::new(), true);
    for mirror in mirrors {
        let url = mirror.url("");
        let listing = match client.small(&url, MAX_LISTING_BYTES) {
            Ok(bytes) => String::from_utf8_lossy(&bytes).into_owned(),
            Err(MirrorError::Stopped) => return Err(MirrorError::Stopped),
            Err(error) => {
                unreachable &= error.is_unreachable();
                warnings.push(error.to_string());
                continue;
            }
        };
        unreachable = false;
        let mut listed = releases_in(&listing);
        listed.retain(|release| wanted.newest(vendor, &[*release]).is_some());
        if listed.is_empty() {
            warnings.push(format!("{url}: it has no such release of {}", vendor.as_str()));
        }
        for release in listed {
            match releases.iter_mut().find(|found| found.release == release) {
                Some(found) => found.mirrors.push(mirror.clone()),
                None => releases.push(AvailableRelease { release, mirrors: vec![mirror.clone()] }),
            }
        }
    }
    releases.sort_by_key(|found| std::cmp::Reverse(found.release));
    Ok(AvailableReleases { releases, warnings, unreachable })
}
