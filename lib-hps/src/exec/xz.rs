// SPDX-License-Identifier: GPL-3.0-or-later
//! `xz`: unpacks a file.

use super::{ExecError, Limit, Run, Stream};
use std::path::Path;
use std::sync::atomic::AtomicBool;

/// The content of a packed file, as it comes: at most `limit`.
///
/// # Errors
/// When xz is missing or cannot be started.
pub fn stream<'a>(file: &Path, limit: Limit, stop: &'a AtomicBool) -> Result<Stream<'a>, ExecError> {
    // It has no memory limit of its own; files made with `xz -9` need 65 MiB.
    let memory = "--memlimit-decompress=256MiB";
    Run::new("xz", "xz-utils").args(["--decompress", "--stdout", memory, "--"]).path(file).stream(limit, stop)
}
