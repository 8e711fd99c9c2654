// SPDX-License-Identifier: GPL-3.0-or-later
//! `chronyd`: the time server of the site. Only a cluster with `time.server` needs it.

use super::{ExecError, Limit, NEVER, Run};
use std::path::Path;

/// Its Debian package.
pub(super) const PACKAGE: &str = "chrony";

/// Checks a configuration without using it (chronyd(8), `-p`).
///
/// # Errors
/// When it is missing, or what it says about the first mistake.
pub fn check(configuration: &Path) -> Result<(), ExecError> {
    Run::new("chronyd", PACKAGE).args(["-p", "-f"]).path(configuration).output(Limit::CHECK, &NEVER).map(drop)
}
