// SPDX-License-Identifier: GPL-3.0-or-later
//! An installation that runs.

use crate::boot_context::BootContext;
use crate::host::{HostState, StageTime, Stalled};
use crate::store::Store;
use crate::types::{Distro, Timestamp};
use serde::Serialize;

/// A running installation, as its installer reports it.
#[derive(Debug, Serialize)]
pub struct Running {
    /// The number of its attempt.
    pub attempt: u32,
    /// That number among those of its permission.
    pub of_permission: u32,
    /// How many attempts the permission allows.
    pub most: u32,
    /// What is installed.
    pub distro: Distro,
    /// When its answer file was fetched.
    pub since: Timestamp,
    /// The newest stage that it reported, and when.
    pub stage: Option<StageTime>,
    /// How it is stalled, if it is.
    pub stalled: Option<Stalled>,
}

impl Running {
    /// The one of this machine, if there is one.
    pub(super) fn find(store: &Store, machine: &BootContext, now: Timestamp) -> Option<Self> {
        let host = machine.known().filter(|h| h.state() == HostState::Installing)?;
        let attempt = host.attempt.as_ref()?;
        Some(Self {
            attempt: attempt.number,
            of_permission: attempt.of_permission,
            most: store.cluster.install.max_attempts,
            distro: attempt.distro.clone(),
            since: attempt.since,
            stage: attempt.stage().cloned(),
            stalled: host.stalled(&store.cluster.install.stage_limits, now),
        })
    }
}
