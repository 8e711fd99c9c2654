// SPDX-License-Identifier: GPL-3.0-or-later
//! The lock of the published media: only one run at a time changes them, and a second one learns which process does.

use crate::files::{self, FileError, LockKind};
use std::path::Path;

/// Why it is not held.
#[derive(Debug, thiserror::Error)]
pub enum LockError {
    /// Another run holds it.
    #[error("another run is in progress: {0}")]
    Busy(String),
    /// Its file cannot be opened.
    #[error(transparent)]
    File(#[from] FileError),
}

/// A lock that is held while this exists.
#[derive(Debug)]
pub(super) struct Lock(#[expect(dead_code, reason = "dropping it is what unlocks")] files::Lock);

impl Lock {
    /// Locks it, without waiting.
    pub(super) fn take(path: &Path) -> Result<Self, LockError> {
        files::Lock::try_take(path, LockKind::Root).map(Self).map_err(|error| match error {
            files::LockError::Busy { owner, .. } => {
                LockError::Busy(owner.unwrap_or_else(|| "another process".to_owned()))
            }
            files::LockError::File(error) => error.into(),
        })
    }
}
