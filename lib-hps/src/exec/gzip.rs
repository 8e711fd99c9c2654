// SPDX-License-Identifier: GPL-3.0-or-later
//! `gzip`: unpacks a file.

use super::{ExecError, Limit, Run, Stream};
use std::path::Path;
use std::sync::atomic::AtomicBool;

/// The text in a packed file, of at most `limit` bytes.
///
/// # Errors
/// When gzip fails, is stopped, or there is more, or it is not text.
pub fn text(file: &Path, limit: usize, stop: &AtomicBool) -> Result<String, ExecError> {
    let output = Run::new("gzip", "gzip")
        .args(["--decompress", "--stdout", "--"])
        .path(file)
        .output(Limit::READ.bytes(limit), stop)?;
    String::from_utf8(output.stdout).map_err(|_| ExecError::Output { program: "gzip", problem: "not UTF-8".to_owned() })
}

/// The content of a packed file, as it comes: at most `limit`.
///
/// # Errors
/// When gzip is missing or cannot be started.
pub fn stream<'a>(file: &Path, limit: Limit, stop: &'a AtomicBool) -> Result<Stream<'a>, ExecError> {
    Run::new("gzip", "gzip").args(["--decompress", "--stdout", "--"]).path(file).stream(limit, stop)
}
