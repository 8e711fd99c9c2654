// SPDX-License-Identifier: GPL-3.0-or-later
//! What a host is to be permitted, before anything is written.

use hps::config::Subnet;
use hps::types::{DiskName, Distro, HostType, MacAddr, Profile};

/// The type that a host will get.
#[derive(Debug)]
pub(super) struct Plan {
    pub(super) mac: MacAddr,
    /// Its name in messages.
    pub(super) label: String,
    pub(super) host_type: HostType,
    pub(super) profile: Option<Profile>,
    pub(super) distro: Distro,
    pub(super) was_installed: bool,
    /// The disks that may be wiped although they are not empty.
    pub(super) wipe: Vec<DiskName>,
    /// The subnet of a new address; `None` for the main network.
    pub(super) subnet: Option<Subnet>,
    /// The history's word: `armed` or `reinstall`.
    pub(super) what: &'static str,
}
