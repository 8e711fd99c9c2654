// SPDX-License-Identifier: GPL-3.0-or-later
//! `modifyrepo_c`: one more file in the metadata of a repository.

use super::{ExecError, Run};
use std::path::Path;

/// Adds `file`, as it is, to the folder `repodata` under the type `kind`.
///
/// # Errors
/// When modifyrepo_c is missing or fails.
pub fn add(file: &Path, kind: &str, repodata: &Path) -> Result<(), ExecError> {
    Run::new("modifyrepo_c", "createrepo-c")
        .args(["--no-compress", "--checksum", "sha256", "--unique-md-filenames"])
        .arg(format!("--mdtype={kind}"))
        .arg(file)
        .arg(repodata)
        .output()
        .map(drop)
}
