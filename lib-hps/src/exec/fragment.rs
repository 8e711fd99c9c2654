// SPDX-License-Identifier: GPL-3.0-or-later
//! A program of the site that adds settings to a cluster. It is called without a shell and without arguments, gets the
//! settings in its environment, and prints what it adds. It runs as the caller, so no other user may have been able to
//! change it.

use super::site_command::PATH;
use super::{ExecError, Limit, Run};
use std::path::Path;
use std::sync::atomic::AtomicBool;
use std::time::Duration;

/// Settings are a few lines.
const LIMIT: Limit = Limit::QUESTION.time(Duration::from_secs(60)).bytes(1 << 16);

/// Calls it, and returns its standard output.
///
/// # Errors
/// When another user could have changed it, when it fails, takes longer than a minute or writes more than 64 KiB, and
/// when `stop` is set meanwhile.
pub fn call(program: &Path, environment: &[(String, String)], stop: &AtomicBool) -> Result<String, ExecError> {
    let run = Run::at("it", program, "hps").env("PATH", PATH);
    environment.iter().fold(run, |run, (name, value)| run.env(name, value)).text(LIMIT, stop)
}
