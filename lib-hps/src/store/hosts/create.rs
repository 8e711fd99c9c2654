// SPDX-License-Identifier: GPL-3.0-or-later
//! How a record is created.

use super::Hosts;
use super::moves::FIRST_SEEN;
use crate::host::{HistoryLine, Host, HostState, Values, Who};
use crate::store::StoreError;
use crate::store::allocation_lock::AllocationLock;
use crate::store::journal::Journal;
use crate::store::records::{Key, Kind};
use crate::types::{Line, MacAddr, Timestamp};

/// So many records beyond the hosts that can have an address may come from requests.
const MAX_RECORDS_WITHOUT_ADDRESS: usize = 1_024;

impl Hosts<'_> {
    /// Creates the record of a host that is not known yet. One that exists, or that has this MAC as a further one, stays as it is.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn create(self, mac: MacAddr, who: &Who, now: Timestamp) -> Result<bool, StoreError> {
        // A process that allocates a further MAC to a host does it under this lock, and looks for a record of that MAC.
        let locked = AllocationLock::wait(self.parts.paths)?;
        if self.find(mac)?.is_some() {
            return Ok(false);
        }
        if who.is_request() && !self.has_room_for_requests()? {
            let most = self.most_records();
            let problem =
                format!("there are {most} records, the limit for requests; see host-state list, host-state rm");
            return Err(StoreError::content(&self.parts.paths.hosts_dir(), problem));
        }
        self.create_locked(&locked, mac, who, now)
    }

    /// Whether a request may still create a record. Anybody on the network can make up MACs; an administrator of the node is not
    /// bound.
    ///
    /// # Errors
    /// When the folder cannot be read.
    pub fn has_room_for_requests(self) -> Result<bool, StoreError> {
        Ok(self.parts.records.list(Kind::Host)?.len() < self.most_records())
    }

    fn most_records(self) -> usize {
        let ranges = self.parts.cluster.placements().map(|place| place.host_range().count());
        ranges.fold(MAX_RECORDS_WITHOUT_ADDRESS, usize::saturating_add)
    }

    /// The same for a caller that holds the allocation lock and knows that no host has the MAC.
    pub(in crate::store) fn create_locked(
        self,
        _locked: &AllocationLock,
        mac: MacAddr,
        who: &Who,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        let host = Host::new(mac, now);
        let created = self.parts.records.create_if_absent(&Key::host(mac), host.to_text().as_bytes())?.is_done();
        if created {
            let (first, none) = (Line::lossy(FIRST_SEEN), HostState::Unconfigured);
            let line = HistoryLine::new(now, who.clone(), first, none, none, None);
            let line = line.with_values(None, Values::from_host(&host));
            Journal::new(self.parts).append(mac, &line)?;
        }
        Ok(created)
    }
}
