// SPDX-License-Identifier: GPL-3.0-or-later
//! Which release of which maker, for which processor.

use crate::media::release::Release;
use crate::media::vendor::Vendor;

/// The release in a name or description.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReleaseId {
    /// The maker.
    pub vendor: Vendor,
    /// The release.
    pub release: Release,
    /// The processor, as in the distro string.
    pub cpu: String,
}
