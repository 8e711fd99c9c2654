// SPDX-License-Identifier: GPL-3.0-or-later
//! Another card in the place of one: the host keeps its record, state, name, address, permission and past.
//!
//! A record is named by its first MAC. If that changes, the record and all that goes by its name move in one
//! transaction. What a process that dies leaves behind: copies of marks and lines of the history, which repeat what is
//! true; and behind the transaction the logs, which `replace-nic` moves when it is called again.

use super::Hosts;
use crate::host::{Edit, HistoryLine, Host, HostState, PermissionSource, Who};
use crate::store::StoreError;
use crate::store::allocation_lock::AllocationLock;
use crate::store::allocations::Allocations;
use crate::store::installed_marks::InstalledMarks;
use crate::store::journal::Journal;
use crate::store::permission_records::PermissionRecords;
use crate::store::records::{Key, Transaction};
use crate::types::{Line, MacAddr, Timestamp};

/// What the history says.
const REPLACED: &str = "card replaced";

impl Hosts<'_> {
    /// What the record would be with the card `new` in the place of `old`. If the host has both, they change places.
    ///
    /// # Errors
    /// [`StoreError::Edit`] for a host without `old`, or one that is being installed; [`StoreError::Taken`] if another
    /// host has `new`; the files.
    pub fn preview_card(self, host: &Host, old: MacAddr, new: MacAddr) -> Result<Host, StoreError> {
        let refuse = |problem: String| StoreError::Edit { host: host.label(), problem };
        if host.state() == HostState::Installing {
            let problem = "is INSTALLING, and its installer reports by this card; if the installation is dead, set state=FAILED first";
            return Err(refuse(problem.to_owned()));
        }
        if let Some(other) = self.find(new)?.filter(|other| other.mac() != host.mac()) {
            return Err(Allocations::mac_taken(new, &other.label()));
        }
        host.with_card(old, new).filter(|_| old != new).ok_or_else(|| {
            let macs: Vec<String> = host.macs().map(MacAddr::colons).collect();
            refuse(format!("has no other card {}; its cards are {}", old.colons(), macs.join(" ")))
        })
    }

    /// Puts `new` in the place of `old`. The mark of an installation stays at the old card too, which may be in another
    /// machine tomorrow.
    ///
    /// # Errors
    /// As [`Hosts::preview_card`]; [`StoreError::Busy`] if another process changes the record.
    pub fn replace_card(
        self,
        mac: MacAddr,
        old: MacAddr,
        new: MacAddr,
        who: &Who,
        now: Timestamp,
    ) -> Result<Host, StoreError> {
        let busy = || StoreError::Busy { path: self.parts.paths.host(mac).path().to_path_buf(), holder: None };
        let Some((before, _)) = self.own(mac)? else { return Err(busy()) };
        let mut after = self.preview_card(&before, old, new)?;
        after.updated = now;
        self.copy_mark(old, new)?;
        let note = format!("{} instead of {}", new.colons(), old.colons());
        if after.mac() == before.mac() {
            let edit = Edit { macs: Some(after.macs().collect()), ..Edit::default() };
            return self.edit(mac, &edit, &Line::lossy(REPLACED), who, now);
        }
        InstalledMarks::new(self.parts).share(Some(&before), &after, now)?;
        let _installation = self.lock_installation(mac)?;
        let locked = AllocationLock::wait(self.parts.paths)?;
        let Some((again, document)) = self.own(mac)?.filter(|(host, _)| !host.differs_from(&before)) else {
            return Err(busy());
        };
        let journal = Journal::new(self.parts);
        journal.copy_history(mac, after.mac())?;
        let (from, to) = (Key::host(mac), Key::host(after.mac()));
        let transaction = Transaction::new()
            .if_unchanged(&from, &document.version)
            .if_absent(&to)
            .put(&to, after.to_text().as_bytes())
            .remove(&from);
        let transaction = Allocations::new(self.parts).moved(&locked, transaction, &again, &after)?;
        let transaction = self.moved_permissions(transaction, mac, after.mac())?.remove(&Key::pending(after.mac()));
        if !self.parts.records.commit(&transaction)?.is_done() {
            return Err(busy());
        }
        journal.note(after.mac(), who, now, REPLACED, &note)?;
        // As after a removal: this MAC is no host any more.
        let line = HistoryLine {
            at: now,
            who: who.clone(),
            what: Line::lossy(REPLACED),
            from: before.state(),
            to: HostState::Unconfigured,
            note: Some(Line::lossy(&format!("{} has {note}", after.label()))),
        };
        journal.append(mac, &line)?;
        journal.move_logs(mac, after.mac())?;
        Ok(after)
    }

    /// The new card gets the very mark of the old one, so that a permission which names that mark still counts.
    fn copy_mark(self, old: MacAddr, new: MacAddr) -> Result<(), StoreError> {
        let (records, marks) = (self.parts.records, InstalledMarks::new(self.parts));
        if let Some(mark) = marks.mark_of(old)?
            && marks.mark_of(new)?.is_none()
        {
            records.put(&Key::installed_mark(new), format!("{}\n", mark.text()).as_bytes())?;
        }
        Ok(())
    }

    /// Permissions and the count of refusals go by the name of the record. A permission that ended stays where it is.
    fn moved_permissions(
        self,
        mut transaction: Transaction,
        from: MacAddr,
        to: MacAddr,
    ) -> Result<Transaction, StoreError> {
        let records = self.parts.records;
        for mut permission in PermissionRecords::new(records).unmarked(from)? {
            let key = match permission.source {
                PermissionSource::Operator => Key::permission,
                PermissionSource::Menu => Key::menu_permission,
                // What follows from a rule has no record.
                PermissionSource::Rule => continue,
            };
            permission.mac = to;
            transaction = transaction.put(&key(to), permission.to_text().as_bytes()).remove(&key(from));
        }
        if let Some(count) = records.text(&Key::refusals(from))? {
            transaction = transaction.put(&Key::refusals(to), count.text.as_bytes()).remove(&Key::refusals(from));
        }
        Ok(transaction)
    }
}
