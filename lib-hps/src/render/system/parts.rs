// SPDX-License-Identifier: GPL-3.0-or-later
//! What a system has besides the packages of its type.

use super::placed_file::PlacedFile;
use crate::types::Ports;

/// A script of the site, which runs in the new system before its first start.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Script {
    /// Its name in messages: `profile/script`.
    pub name: String,
    /// Its text.
    pub text: String,
}

/// What a host has.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct System {
    /// Its files, each path once.
    pub files: Vec<PlacedFile>,
    /// The units of systemd that start with it.
    pub services: Vec<String>,
    /// The ports that its firewall opens, besides that of ssh.
    pub ports: Vec<Ports>,
    /// Packages of the site, besides those of the type.
    pub packages: Vec<String>,
    /// Words of the site for its kernel.
    pub kernel_arguments: Vec<String>,
    /// Scripts of the site, in their order.
    pub scripts: Vec<Script>,
}
