// SPDX-License-Identifier: GPL-3.0-or-later
//! `zstd`: compresses a file, on all processors, and unpacks one.

use super::{ExecError, Limit, Run, Stream};
use std::path::Path;
use std::sync::atomic::AtomicBool;

/// Compresses `from` to `to` at this level (1 to 19) and removes `from`.
///
/// # Errors
/// When zstd is missing, fails or is stopped.
pub fn compress(from: &Path, to: &Path, level: u32, stop: &AtomicBool) -> Result<(), ExecError> {
    Run::new("zstd", "zstd")
        .args(["--quiet", "--rm", "--threads=0"])
        .arg(format!("-{level}"))
        .path(from)
        .arg("-o")
        .path(to)
        .output(Limit::WORK, stop)
        .map(drop)
}

/// The content of a packed file, as it comes: at most `limit`.
///
/// # Errors
/// When zstd is missing or cannot be started.
pub fn stream<'a>(file: &Path, limit: Limit, stop: &'a AtomicBool) -> Result<Stream<'a>, ExecError> {
    // Files made with `zstd --ultra -22` need 128 MiB.
    let memory = "--memory=256MB";
    Run::new("zstd", "zstd").args(["--quiet", "--decompress", "--stdout", memory, "--"]).path(file).stream(limit, stop)
}
