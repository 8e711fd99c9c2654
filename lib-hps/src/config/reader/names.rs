// SPDX-License-Identifier: GPL-3.0-or-later
//! Keys that are read under another name than the file has.

use super::path::Path;
use std::collections::BTreeMap;

/// By the path that the file has.
#[derive(Debug, Default)]
pub(super) struct Names(BTreeMap<Path, &'static str>);

impl Names {
    /// The name under which a key of the table is read.
    pub(super) fn read_as<'a>(&self, table: &Path, name: &'a str) -> &'a str {
        if self.0.is_empty() { name } else { self.0.get(&table.key(name)).copied().unwrap_or(name) }
    }

    /// `false` if the key has another name already.
    pub(super) fn add(&mut self, path: Path, name: &'static str) -> bool {
        self.0.insert(path, name).is_none()
    }
}
