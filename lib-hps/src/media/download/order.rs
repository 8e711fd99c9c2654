// SPDX-License-Identifier: GPL-3.0-or-later
//! What to download, and from where.

use crate::media::iso::Expected;
use std::path::Path;

/// What to download.
#[derive(Debug)]
pub struct Order<'a> {
    /// The file as it must be.
    pub expected: &'a Expected,
    /// Its mirrors, in the order in which to ask.
    pub urls: &'a [String],
    /// The folder for it, which exists.
    pub folder: &'a Path,
    /// Bytes in a second, at most.
    pub limit: Option<u64>,
}
