// SPDX-License-Identifier: GPL-3.0-or-later
//! `createrepo_c`: the metadata of a repository.

use super::{ExecError, Limit, Run};
use std::path::Path;
use std::sync::atomic::AtomicBool;

/// Makes `repodata` in `folder` of all packages that lie there. The name of each file of it but `repomd.xml` has its digest in it.
///
/// # Errors
/// When createrepo_c is missing, is stopped, or cannot read a package.
pub fn create(folder: &Path, stop: &AtomicBool) -> Result<(), ExecError> {
    Run::new("createrepo_c", "createrepo-c")
        .args(["--quiet", "--no-database", "--checksum", "sha256", "--unique-md-filenames"])
        // What every dnf and Anaconda reads, and gzip here.
        .arg("--general-compress-type=gz")
        // Without it a package that it cannot read is left out in silence.
        .arg("--error-exit-val")
        .path(folder)
        .output(Limit::WORK, stop)
        .map(drop)
}
