// SPDX-License-Identifier: GPL-3.0-or-later
//! `zstd`: compresses a file, on all processors, and unpacks one.

use super::{ExecError, Run, Stream};
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
        .arg(from)
        .arg("-o")
        .arg(to)
        .output_unless(stop)
        .map(drop)
}

/// What is in a packed file, as it comes.
///
/// # Errors
/// When zstd is missing or cannot be started.
pub fn stream(file: &Path) -> Result<Stream, ExecError> {
    Run::new("zstd", "zstd").args(["--quiet", "--decompress", "--stdout", "--"]).arg(file).stream()
}
