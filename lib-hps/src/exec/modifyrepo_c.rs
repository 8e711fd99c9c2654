// SPDX-License-Identifier: GPL-3.0-or-later
//! `modifyrepo_c`: one more file in the metadata of a repository.

use super::{ExecError, Limit, Run};
use std::path::Path;
use std::sync::atomic::AtomicBool;

/// Adds `file`, as it is, to the folder `repodata` under the type `kind`.
///
/// # Errors
/// When modifyrepo_c is missing, fails or is stopped.
pub fn add(file: &Path, kind: &str, repodata: &Path, stop: &AtomicBool) -> Result<(), ExecError> {
    Run::new("modifyrepo_c", "createrepo-c")
        .args(["--no-compress", "--checksum", "sha256", "--unique-md-filenames"])
        .arg(format!("--mdtype={kind}"))
        .path(file)
        .path(repodata)
        .output(Limit::READ, stop)
        .map(drop)
}
