// SPDX-License-Identifier: GPL-3.0-or-later

use std::path::Path;

/// Where dnsmasq reads and writes its files.
#[derive(Debug)]
pub struct Places<'a> {
    /// The TFTP folder.
    pub tftp: &'a Path,
    /// The folder of reservations.
    pub hosts: &'a Path,
    /// The folder of names.
    pub names: &'a Path,
    /// The lease file.
    pub leases: &'a Path,
    /// The log file.
    pub log: &'a Path,
    /// The pid file.
    pub pid: &'a Path,
}
