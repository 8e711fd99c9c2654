// SPDX-License-Identifier: GPL-3.0-or-later
//! The file of a record, and who may use it.

use crate::files::Access;
use std::path::{Path, PathBuf};

/// The file of a record, and who may use it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RecordFile {
    pub(super) path: PathBuf,
    pub(super) access: Access,
}

impl RecordFile {
    /// The file.
    pub fn path(&self) -> &Path {
        &self.path
    }

    pub(super) fn access(&self) -> Access {
        self.access
    }

    /// Whether only root writes it.
    pub(super) fn is_of_root(&self) -> bool {
        matches!(self.access, Access::GroupRead | Access::Owner)
    }
}
