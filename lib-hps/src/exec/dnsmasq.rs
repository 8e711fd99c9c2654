// SPDX-License-Identifier: GPL-3.0-or-later
//! `dnsmasq`: the check of a configuration. It proves little (an empty file passes), so the renderer's own check goes with it.

use super::{ExecError, Limit, NEVER, Run};
use std::path::Path;

/// Debian's package with the program alone; the package `dnsmasq` would start a service of its own.
pub(super) const PACKAGE: &str = "dnsmasq-base";

/// `dnsmasq --test`.
///
/// # Errors
/// The error of dnsmasq.
pub fn check(configuration: &Path) -> Result<(), ExecError> {
    let mut argument = std::ffi::OsString::from("--conf-file=");
    argument.push(configuration);
    Run::new("dnsmasq", PACKAGE).arg("--test").arg(argument).output(Limit::CHECK, &NEVER).map(drop)
}
