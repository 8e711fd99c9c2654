// SPDX-License-Identifier: GPL-3.0-or-later
//! `zstd`: compresses a file, on all processors, and unpacks one; the same for a stream.

use super::{ExecError, FilterIn, FilterOut, Limit, Run, Stream};
use std::fs::File;
use std::io::Read;
use std::path::Path;
use std::sync::atomic::AtomicBool;

/// Files made with `zstd --ultra -22` need 128 MiB.
const MEMORY: &str = "--memory=256MB";

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
    Run::new("zstd", "zstd").args(["--quiet", "--decompress", "--stdout", MEMORY, "--"]).path(file).stream(limit, stop)
}

/// Packs what is written, to `out`.
///
/// # Errors
/// When zstd is missing or cannot be started.
pub fn pack(out: File) -> Result<FilterOut, ExecError> {
    Run::new("zstd", "zstd").args(["--quiet", "--threads=0", "--stdout"]).filter_to(out)
}

/// Unpacks what `source` has.
///
/// # Errors
/// When zstd is missing or cannot be started.
pub fn unpack(source: Box<dyn Read + Send>) -> Result<FilterIn, ExecError> {
    Run::new("zstd", "zstd").args(["--quiet", "--decompress", "--stdout", MEMORY]).filter_from(Some(source))
}
