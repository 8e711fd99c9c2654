// SPDX-License-Identifier: GPL-3.0-or-later
//! The lock under which hosts get addresses, names and MACs, and under which records are created and removed.

use super::{Paths, StoreError};
use crate::files::{Lock, LockKind};
use std::time::Duration;

/// A rack that is switched on at once asks for two hundred allocations in the same second, and each takes a dozen syncs of a disk
/// that may be slow.
const ALLOCATION_TIMEOUT: Duration = Duration::from_secs(60);

/// While this value lives, no other process allocates or releases anything, or creates or removes a record.
#[derive(Debug)]
pub(super) struct AllocationLock(#[expect(dead_code, reason = "dropping it is what unlocks")] Lock);

impl AllocationLock {
    pub(super) fn wait(paths: &Paths) -> Result<Self, StoreError> {
        Ok(Self(Lock::wait(&paths.allocation_lock(), LockKind::Shared, ALLOCATION_TIMEOUT)?))
    }
}
