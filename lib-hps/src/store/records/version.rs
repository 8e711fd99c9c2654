// SPDX-License-Identifier: GPL-3.0-or-later
//! What a record was when it was read.

use sha2::{Digest as _, Sha256};

/// What a record was when it was read. Only the storage that gave it can compare it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Version(VersionOf);

#[derive(Debug, Clone, PartialEq, Eq)]
enum VersionOf {
    /// SHA-256 of the bytes.
    Digest([u8; 32]),
    /// The number of the change that wrote it.
    #[cfg(test)]
    Revision(u64),
}

impl Version {
    /// For a storage that can tell a record by its bytes alone.
    pub(in crate::store) fn of_bytes(bytes: &[u8]) -> Self {
        Self(VersionOf::Digest(Sha256::digest(bytes).into()))
    }

    /// For a storage that counts its changes.
    #[cfg(test)]
    pub(super) fn of_revision(revision: u64) -> Self {
        Self(VersionOf::Revision(revision))
    }
}
