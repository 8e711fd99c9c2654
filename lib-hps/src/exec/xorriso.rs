// SPDX-License-Identifier: GPL-3.0-or-later
//! `xorriso`: files out of an ISO 9660 image, without a mount.

use super::{ExecError, Run};
use std::path::Path;

/// Extracts one file or folder of `iso` to `target`, which must not exist.
///
/// # Errors
/// When xorriso is missing, or the image has no such path.
pub fn extract(iso: &Path, path: &str, target: &Path) -> Result<(), ExecError> {
    Run::new("xorriso", "xorriso")
        .args(["-osirrox", "on", "-abort_on", "FAILURE", "-indev"])
        .arg(iso)
        .args(["-extract", path])
        .arg(target)
        .output()
        .map(drop)
}
