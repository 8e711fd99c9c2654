// SPDX-License-Identifier: GPL-3.0-or-later
//! `gzip`: unpacks a file, and packs and unpacks a stream.

use super::{ExecError, FilterIn, FilterOut, Limit, Run, Stream};
use std::fs::File;
use std::io::Read;
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

/// Packs what is written, to `out`.
///
/// # Errors
/// When gzip is missing or cannot be started.
pub fn pack(out: File) -> Result<FilterOut, ExecError> {
    Run::new("gzip", "gzip").args(["--no-name", "--stdout"]).filter_to(out)
}

/// Unpacks what `source` has.
///
/// # Errors
/// When gzip is missing or cannot be started.
pub fn unpack(source: Box<dyn Read + Send>) -> Result<FilterIn, ExecError> {
    Run::new("gzip", "gzip").args(["--decompress", "--stdout"]).filter_from(Some(source))
}
