// SPDX-License-Identifier: GPL-3.0-or-later
//! Removing a host from a cluster, in an order that a kill at any moment leaves safe. First everything that permits an installation
//! ends, then the reservation goes, then the record, then its allocations, which no other record needs. Removing it again
//! finishes the rest.

use super::{Hosts, RemovalPlan};
use crate::files::is_there;
use crate::host::{HistoryLine, Host, HostState, Who};
use crate::store::allocation_lock::AllocationLock;
use crate::store::allocations::{Allocation, AllocationKind, Allocations};
use crate::store::installed_marks::InstalledMarks;
use crate::store::journal::Journal;
use crate::store::permission_records::PermissionRecords;
use crate::store::permissions::Permissions;
use crate::store::records::Key;
use crate::store::{EntryKind, StoreError, documents};
use crate::types::{Line, MacAddr, Timestamp};

impl Hosts<'_> {
    /// What would be removed of the host with this MAC. It reads all allocations.
    ///
    /// # Errors
    /// When a folder or a mark cannot be read.
    pub fn plan_removal(self, mac: MacAddr) -> Result<RemovalPlan, StoreError> {
        let found = match self.find(mac) {
            Ok(Some(host)) => Some(Ok(host)),
            Ok(None) => None,
            Err(error) => Some(Err(error)),
        };
        let mac = match &found {
            Some(Ok(host)) => host.mac(),
            // A bad record was found through one of its further MACs.
            Some(Err(_)) => self.naming_mac(mac)?,
            None => mac,
        };
        // An allocation that cannot be read is released by its name where the record has it. Where no record has it, it is taken
        // back when it is needed.
        let is_own = |allocation: &Allocation| matches!(allocation.holder, Ok(holder) if holder == Some(mac));
        let mut allocations: Vec<Allocation> =
            Allocations::new(self.parts).list()?.into_iter().filter(is_own).collect();
        // The name goes last: by it a removal that was cut short is finished.
        allocations.sort_by_key(|allocation| allocation.kind == AllocationKind::Name);
        let paths = self.parts.paths;
        let mut files = vec![
            paths.permission(mac).path().to_path_buf(),
            paths.menu_permission(mac).path().to_path_buf(),
            paths.refusals(mac).path().to_path_buf(),
            paths.power_control(mac).path().to_path_buf(),
        ];
        files.extend(EntryKind::ALL.map(|kind| paths.host_entry(kind, mac)));
        let there = files.iter().map(|path| is_there(path)).collect::<Result<Vec<_>, _>>()?;
        let mut there = there.into_iter();
        files.retain(|_| there.next() == Some(true));
        let permissions = PermissionRecords::new(self.parts.records).unmarked_or_no_permission(mac)?;
        Ok(RemovalPlan { mac, record: found, permissions, allocations, files })
    }

    /// Removes what [`Hosts::plan_removal`] lists. History, logs and the mark that the machine was ever installed stay; a record
    /// that says or may say that the machine has a system leaves that mark behind.
    ///
    /// # Errors
    /// [`StoreError::Edit`] for a host that is INSTALLING, or whose record cannot be read, without `force`; the files.
    pub fn remove(self, mac: MacAddr, force: bool, who: &Who, now: Timestamp) -> Result<(), StoreError> {
        // No other process creates a record or allocates anything meanwhile.
        let _locked = AllocationLock::wait(self.parts.paths)?;
        let plan = self.plan_removal(mac)?;
        let mac = plan.mac;
        let host = match &plan.record {
            Some(Ok(host)) => Some(host),
            _ => None,
        };
        if !force {
            plan.refuse()?;
        }
        for permission in &plan.permissions {
            Permissions::new(self.parts).mark_used(permission, "host removed")?;
        }
        if self.leaves_marks(&plan)? {
            self.mark_all(&plan, now)?;
        }
        for path in &plan.files {
            documents::remove_any(path)?;
        }
        if plan.record.is_some() {
            let from = host.map_or(HostState::Unconfigured, Host::state);
            let what = Line::lossy("removed");
            let note = host.map(|h| Line::lossy(&format!("it was {}", h.label())));
            let line = HistoryLine::new(now, who.clone(), what, from, HostState::Unconfigured, note);
            Journal::new(self.parts).append(mac, &line)?;
            self.remove_record(mac, host)?;
        }
        let allocations = Allocations::new(self.parts);
        if let Some(host) = host {
            allocations.release_all(host)?;
        }
        for allocation in &plan.allocations {
            allocations.release(&allocation.key, mac)?;
        }
        Ok(())
    }

    /// Whether the machine has, had, or may have a system. One MAC that is marked counts for all: they part here.
    ///
    /// # Errors
    /// When a mark cannot be looked for.
    pub fn leaves_marks(self, plan: &RemovalPlan) -> Result<bool, StoreError> {
        let marks = InstalledMarks::new(self.parts);
        match &plan.record {
            Some(Ok(host)) if marks.installed_host(host)?.ever() => return Ok(true),
            // A record that cannot be read may say so.
            Some(Err(_)) => return Ok(true),
            _ => {}
        }
        for mac in plan.macs() {
            if marks.installed(mac, None)?.ever() {
                return Ok(true);
            }
        }
        Ok(false)
    }

    pub(super) fn mark_all(self, plan: &RemovalPlan, now: Timestamp) -> Result<(), StoreError> {
        let marks = InstalledMarks::new(self.parts);
        for mac in plan.macs() {
            if !marks.installed(mac, None)?.ever() {
                marks.mark_mac(mac, now)?;
            }
        }
        Ok(())
    }

    /// Removes the record as the caller read it; one that changed since is not the one that was to go.
    fn remove_record(self, mac: MacAddr, host: Option<&Host>) -> Result<(), StoreError> {
        let (records, key) = (self.parts.records, Key::host(mac));
        let Some(host) = host else { return documents::remove_any(&records.locate(&key)) };
        let Some((now, document)) = self.own(mac)? else { return Ok(()) };
        if now.differs_from(host) || !records.remove_if_unchanged(&key, &document.version)?.is_done() {
            return Err(StoreError::Busy { path: records.locate(&key), holder: None });
        }
        Ok(())
    }
}

#[cfg(test)]
#[path = "removal_tests.rs"]
mod tests;
