// SPDX-License-Identifier: GPL-3.0-or-later
//! One file for each check. The rules themselves are those of `host-state check`, of `reload` and of the library.

pub(super) mod addresses;
pub(super) mod boot_files;
pub(super) mod boot_manager;
pub(super) mod clock;
pub(super) mod cluster;
pub(super) mod configuration;
pub(super) mod dhcp;
pub(super) mod dhcp_servers;
pub(super) mod disk_space;
pub(super) mod interface;
pub(super) mod interrupted;
pub(super) mod leases;
pub(super) mod locks;
pub(super) mod log_rotation;
pub(super) mod media;
pub(super) mod names;
pub(super) mod page;
pub(super) mod ports;
pub(super) mod records;
pub(super) mod rights;
pub(super) mod services;

use super::context::Context;
use super::found::Found;
use crate::host_state::check::{Finding, Severity};

/// A finding of `host-state check`: a problem, or a warning for a note.
fn from_finding(finding: &Finding) -> Found {
    let line = finding.line.map_or_else(String::new, |line| format!(":{line}"));
    let text = format!("{}{line}: {}", finding.file.display(), finding.problem);
    match finding.severity {
        Severity::Problem => Found::problem(text, &finding.advice),
        Severity::Note => Found::warning(text, &finding.advice),
    }
}
