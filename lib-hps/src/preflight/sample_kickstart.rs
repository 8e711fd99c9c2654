// SPDX-License-Identifier: GPL-3.0-or-later
//! A kickstart of a sample host.

use super::install_target::InstallTarget;
use crate::types::Distro;

/// A kickstart of a sample host.
pub(super) struct SampleKickstart {
    pub(super) target: InstallTarget,
    pub(super) text: String,
    /// The tree, where one is published, and the local packages beside it.
    pub(super) from: Option<(Distro, Option<Distro>)>,
}
