// SPDX-License-Identifier: GPL-3.0-or-later
//! `dpkg-deb`: the files of a package, without an installation. No script of the package runs.

use super::{ExecError, Limit, Run};
use std::path::Path;
use std::sync::atomic::AtomicBool;

/// Unpacks the files of a package to a folder.
///
/// # Errors
/// When dpkg-deb is missing, fails or is stopped.
pub fn extract(package: &Path, to: &Path, stop: &AtomicBool) -> Result<(), ExecError> {
    Run::new("dpkg-deb", "dpkg").arg("--extract").path(package).path(to).output(Limit::READ, stop).map(drop)
}
