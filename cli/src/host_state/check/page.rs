// SPDX-License-Identifier: GPL-3.0-or-later
//! The page of `[web]`: its certificate and its users.

use super::findings::{Findings, Severity};
use super::registry::Registry;
use crate::page_health;
use hps::exec::NEVER;

/// `all` is whether notes are wanted.
pub(super) fn check(registry: &Registry<'_>, all: bool, findings: &mut Findings) {
    // Root's files: for others they would all be missing.
    if !rustix::process::geteuid().is_root() {
        return;
    }
    let (found, _) = page_health::look(registry.store, &NEVER);
    findings.0.extend(found.into_iter().filter(|one| all || one.severity == Severity::Problem));
}
