// SPDX-License-Identifier: GPL-3.0-or-later
//! What happened to hosts, in files that are appended to and rotate: a history and a log for each host, and the installers' own logs.

mod history;
mod install_logs;
mod log;
mod log_tail;
mod moved;

pub use log_tail::LogTail;

use super::parts::Parts;
use super::records::Records;
use super::{Paths, StoreError};
use crate::store::reading::read_part;
use std::path::Path;

/// HPS reads no more than the end of a log: another program could make the file any length.
const MAX_LOG_BYTES: u64 = 8 << 20;

/// The journal of the hosts.
#[derive(Debug, Clone, Copy)]
pub struct Journal<'a> {
    records: &'a dyn Records,
    paths: &'a Paths,
}

impl<'a> Journal<'a> {
    pub(super) fn new(parts: Parts<'a>) -> Self {
        Self { records: parts.records, paths: parts.paths }
    }
}

/// The end of a log; `None` where there is no such file.
fn read_log_end(path: &Path) -> Result<Option<String>, StoreError> {
    Ok(read_part(path, MAX_LOG_BYTES)?.map(|(_, text)| text))
}

#[cfg(test)]
mod tests;
