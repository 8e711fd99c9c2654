// SPDX-License-Identifier: GPL-3.0-or-later
//! `createrepo_c`: the metadata of a repository.

use super::{ExecError, Limit, Run};
use std::path::Path;
use std::sync::atomic::AtomicBool;

/// Makes `repodata` in `folder` for all packages in it. Each file of it except `repomd.xml` has its digest in its name.
///
/// # Errors
/// When createrepo_c is missing, is stopped, or cannot read a package.
pub fn create(folder: &Path, stop: &AtomicBool) -> Result<(), ExecError> {
    Run::new("createrepo_c", "createrepo-c")
        .args(["--quiet", "--no-database", "--checksum", "sha256", "--unique-md-filenames"])
        // gzip, which every dnf and Anaconda reads.
        .arg("--general-compress-type=gz")
        // Without this it silently leaves out a package that it cannot read.
        .arg("--error-exit-val")
        .path(folder)
        .output(Limit::WORK, stop)
        .map(drop)
}
