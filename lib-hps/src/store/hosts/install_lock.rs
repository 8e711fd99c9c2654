// SPDX-License-Identifier: GPL-3.0-or-later
//! The lock under which an installation of a host begins or ends.

use super::Hosts;
use crate::files::Lock;
use crate::store::{StoreError, documents};
use crate::types::MacAddr;

/// While this value lives, no other process begins or ends an installation of the host.
#[derive(Debug)]
pub struct InstallLock(#[expect(dead_code, reason = "dropping it is what unlocks")] Lock);

impl Hosts<'_> {
    /// Waits for the lock under which an installation of a host begins or ends. What its owner checks holds until it has written;
    /// a change of the record alone needs no such lock.
    ///
    /// # Errors
    /// [`StoreError::Busy`] when another process holds it for too long.
    pub fn lock_installation(self, mac: MacAddr) -> Result<InstallLock, StoreError> {
        documents::lock(&self.parts.paths.host(mac).path().with_extension("turn")).map(InstallLock)
    }
}
