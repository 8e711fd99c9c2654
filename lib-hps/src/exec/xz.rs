// SPDX-License-Identifier: GPL-3.0-or-later
//! `xz`: unpacks a file.

use super::{ExecError, Run, Stream};
use std::path::Path;

/// What is in a packed file, as it comes.
///
/// # Errors
/// When xz is missing or cannot be started.
pub fn stream(file: &Path) -> Result<Stream, ExecError> {
    Run::new("xz", "xz-utils").args(["--decompress", "--stdout", "--"]).arg(file).stream()
}
