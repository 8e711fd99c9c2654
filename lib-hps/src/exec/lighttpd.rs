// SPDX-License-Identifier: GPL-3.0-or-later
//! `lighttpd`: the check of a configuration.

use super::{ExecError, Limit, NEVER, Run};
use std::path::Path;

pub(super) const PACKAGE: &str = "lighttpd";

/// `lighttpd -tt`, which loads the modules too.
///
/// # Errors
/// The error of lighttpd.
pub fn check(configuration: &Path) -> Result<(), ExecError> {
    Run::new("lighttpd", PACKAGE).arg("-tt").arg("-f").path(configuration).output(Limit::CHECK, &NEVER).map(drop)
}
