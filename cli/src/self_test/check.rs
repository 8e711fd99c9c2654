// SPDX-License-Identifier: GPL-3.0-or-later
//! A check, and how it is run.

use super::context::Context;
use super::found::{Found, Status};

/// Why a check did not run.
pub(super) const NEEDS_ROOT: &str = "only root can check this";

/// A check.
#[derive(Debug)]
pub(super) struct Check {
    /// Its name, which scripts rely on.
    pub(super) name: &'static str,
    /// What it checks.
    pub(super) about: &'static str,
    /// Whether only root can run it.
    pub(super) root: bool,
    /// What must be in order, so that its result tells something: other checks, or services by their programs.
    pub(super) needs: &'static [&'static str],
    /// Runs it. Without a line all is well.
    pub(super) run: fn(&Context) -> anyhow::Result<Vec<Found>>,
}

impl Check {
    /// Runs it, unless something else explains what it would find.
    pub(super) fn run(&self, context: &Context) -> Vec<Found> {
        if self.root && !rustix::process::geteuid().is_root() {
            return vec![Found::unchecked(NEEDS_ROOT, "")];
        }
        if let Some(cause) = self.needs.iter().find(|needed| context.is_broken(needed)) {
            return vec![Found::unchecked(format!("first correct the problem of {cause}"), "")];
        }
        let mut found = (self.run)(context).unwrap_or_else(|error| vec![Found::problem_line(&format!("{error:#}"))]);
        if found.iter().any(|one| one.status == Status::Problem) {
            context.is_broken_now(self.name);
        }
        if found.is_empty() {
            found.push(Found::ok(self.about));
        }
        found
    }
}
