// SPDX-License-Identifier: GPL-3.0-or-later
//! What removing a host takes away.

use crate::host::{Host, HostState, Permission};
use crate::store::StoreError;
use crate::store::allocations::{Allocation, AllocationKind};
use crate::types::MacAddr;
use std::collections::BTreeSet;
use std::path::PathBuf;

/// What this cluster holds of a host, and what removing it takes away.
#[derive(Debug)]
pub struct RemovalPlan {
    /// The MAC that names the record.
    pub mac: MacAddr,
    /// The record; why it cannot be read; or `None`, where an earlier removal was interrupted.
    pub record: Option<Result<Host, StoreError>>,
    /// Permissions that are not used up.
    pub permissions: Vec<Permission>,
    /// What is allocated to it.
    pub allocations: Vec<Allocation>,
    /// Other files: permissions, refused tickets that were counted, how the host is switched, the reservation.
    pub files: Vec<PathBuf>,
}

impl RemovalPlan {
    /// Whether there is nothing to remove.
    pub fn is_empty(&self) -> bool {
        self.record.is_none() && self.allocations.is_empty() && self.files.is_empty()
    }

    /// Every MAC that HPS knows of it, by its record or by allocations.
    pub fn macs(&self) -> BTreeSet<MacAddr> {
        let allocations = self.allocations.iter().filter(|allocation| allocation.kind == AllocationKind::Mac);
        let allocated = allocations.filter_map(|allocation| allocation.value.parse().ok());
        let recorded = self.record.iter().flatten().flat_map(Host::macs);
        std::iter::once(self.mac).chain(allocated).chain(recorded).collect()
    }

    /// Refuses what only `force` removes.
    ///
    /// # Errors
    /// [`StoreError::Edit`] for a host that is INSTALLING, or whose record cannot be read.
    pub fn refuse(&self) -> Result<(), StoreError> {
        let (host, problem) = match &self.record {
            Some(Ok(host)) if host.state() == HostState::Installing => (
                host.label(),
                "is INSTALLING; --force removes it nevertheless, and what its installer reports then is refused",
            ),
            Some(Err(_)) => (
                self.mac.colons(),
                "its record cannot be read, see: host-state check; --force removes it nevertheless, and the machine boots its disk from then on",
            ),
            _ => return Ok(()),
        };
        Err(StoreError::Edit { host, problem: problem.to_owned() })
    }
}
