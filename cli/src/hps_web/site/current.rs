// SPDX-License-Identifier: GPL-3.0-or-later
//! What is known of the site now. Requests read it, and two threads keep it current.

use crate::front::gather::Surroundings;
use crate::host_state::KnownHost;
use crate::host_state::waiting::Waiting;
use crate::hps_web::metrics::{Counted, MediaAge};
use hps::store::Store;
use hps::types::MacAddr;
use std::collections::BTreeMap;
use std::net::Ipv4Addr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock};

/// The hosts at one moment.
#[derive(Debug)]
pub(in crate::hps_web) struct Snapshot {
    /// Where they are from, for what is read on demand.
    pub(in crate::hps_web) store: Arc<Store>,
    /// By the MAC that names the record.
    pub(in crate::hps_web) hosts: BTreeMap<MacAddr, Arc<KnownHost>>,
    /// What cannot be read, one line each.
    pub(in crate::hps_web) unreadable: Vec<String>,
}

/// What was found last.
#[derive(Debug, Default)]
pub(in crate::hps_web) struct Slow {
    /// The machines that wait, as `host-state pending` shows them.
    pub(in crate::hps_web) waiting: Vec<Waiting>,
    /// The same as JSON.
    pub(in crate::hps_web) waiting_json: String,
    /// What of it cannot be read, one line each.
    pub(in crate::hps_web) problems: Vec<String>,
    /// Unknown machines that asked.
    pub(in crate::hps_web) unknown: usize,
    /// Interface, services and media.
    pub(in crate::hps_web) surroundings: Surroundings,
    /// The addresses that dnsmasq has given to machines; `None` if its file cannot be read.
    pub(in crate::hps_web) leases: Option<Vec<Ipv4Addr>>,
    /// How old the media are.
    pub(in crate::hps_web) media: Vec<MediaAge>,
}

/// What is current now.
#[derive(Debug)]
pub(in crate::hps_web) struct Current {
    snapshot: RwLock<Result<Arc<Snapshot>, String>>,
    slow: RwLock<Arc<Slow>>,
    large: Mutex<()>,
    counted: Counted,
}

impl Current {
    pub(super) fn new() -> Self {
        Self {
            snapshot: RwLock::new(Err("the site was not read yet".to_owned())),
            slow: RwLock::new(Arc::default()),
            large: Mutex::new(()),
            counted: Counted::default(),
        }
    }

    /// The hosts.
    ///
    /// # Errors
    /// Why they are not known, for people.
    pub(in crate::hps_web) fn snapshot(&self) -> Result<Arc<Snapshot>, String> {
        self.snapshot.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// What takes longer to find out.
    pub(in crate::hps_web) fn slow(&self) -> Arc<Slow> {
        Arc::clone(&self.slow.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// Held by a request that reads a large file. One at a time does, so that they need the memory of one.
    pub(in crate::hps_web) fn large(&self) -> MutexGuard<'_, ()> {
        self.large.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What only grows.
    pub(in crate::hps_web) fn counted(&self) -> &Counted {
        &self.counted
    }

    pub(super) fn set_snapshot(&self, snapshot: Result<Arc<Snapshot>, String>) {
        *self.snapshot.write().unwrap_or_else(PoisonError::into_inner) = snapshot;
    }

    pub(super) fn set_slow(&self, slow: Slow) {
        *self.slow.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(slow);
    }
}
