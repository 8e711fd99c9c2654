// SPDX-License-Identifier: GPL-3.0-or-later
//! Another machine in the place of one: it gets name, address, type and profile, and nothing that is of the old machine:
//! no permission, no mark of an installation, no disks, no keys, no history.
//!
//! The records change in one transaction. First every permission of the old machine ends and its marks are complete, so
//! a process may die at any moment. The same command again finishes the rest: the history of the new machine says which
//! machine it replaces.

use super::Hosts;
use crate::host::{Event, HistoryLine, Host, HostState, Values, Who};
use crate::store::StoreError;
use crate::store::allocation_lock::AllocationLock;
use crate::store::allocations::Allocations;
use crate::store::journal::Journal;
use crate::store::permissions::Permissions;
use crate::store::records::{Document, Key, Transaction};
use crate::types::{Line, MacAddr, Timestamp};

/// What the history says.
const REPLACED: &str = "machine replaced";

/// The same before the records change.
const BEGUN: &str = "replacing machine";

const INSTALLING: &str = "is INSTALLING; if the installation is dead, set state=FAILED first";

impl Hosts<'_> {
    /// The record that the machine with these MACs would have in the place of `before`. `now` is the time of the change.
    ///
    /// # Errors
    /// [`StoreError::Edit`] for a host that is being installed, has no name and no address, or has one of the MACs;
    /// [`StoreError::Taken`] for a MAC of another host that is more than a stranger; the files.
    pub fn preview_machine(self, before: &Host, macs: &[MacAddr], now: Timestamp) -> Result<Host, StoreError> {
        let refuse = |problem: String| StoreError::Edit { host: before.label(), problem };
        if before.state() == HostState::Installing {
            return Err(refuse(INSTALLING.to_owned()));
        }
        if before.name.is_none() && before.address.is_none() {
            return Err(refuse("has no name and no address that another machine could get".to_owned()));
        }
        if let Some(own) = before.macs().find(|own| macs.contains(own)) {
            let card = own.colons();
            return Err(refuse(format!(
                "has the card {card} already; another card of the same machine: host-state replace-nic"
            )));
        }
        let [first, further @ ..] = macs else { return Err(refuse("the new machine has no MAC".to_owned())) };
        let mut after = Host::new(*first, now);
        after.set_further_macs(further).map_err(|error| refuse(error.to_string()))?;
        (after.name, after.address, after.local) = (before.name.clone(), before.address, before.local);
        (after.host_type, after.profile) = (before.host_type, before.profile);
        if after.host_type.is_some() {
            let event = Event::TypeChosen;
            after.apply(event, now).map_err(|why| refuse(why.to_string()))?;
        }
        for mac in macs {
            if let Some(other) = self.find(*mac)?.filter(|other| !is_stranger(other) && !is_same(other, &after)) {
                return Err(Allocations::mac_taken(*mac, &other.label()));
            }
        }
        Ok(after)
    }

    /// The machine that `host` replaces, if an interrupted replacement left something to do.
    ///
    /// # Errors
    /// When a history cannot be read.
    pub fn replaces(self, host: &Host) -> Result<Option<MacAddr>, StoreError> {
        self.last_replaced(host, &[BEGUN])
    }

    /// The machine in whose place `host` came last, also if that is complete.
    ///
    /// # Errors
    /// When a history cannot be read.
    pub fn predecessor(self, host: &Host) -> Result<Option<MacAddr>, StoreError> {
        self.last_replaced(host, &[BEGUN, REPLACED])
    }

    /// The machine of the newest replacement in the history, if that line has one of these words.
    fn last_replaced(self, host: &Host, words: &[&str]) -> Result<Option<MacAddr>, StoreError> {
        let history = Journal::new(self.parts).history(host.mac())?;
        let last = history.iter().rev().find(|line| [BEGUN, REPLACED].contains(&line.what.as_str()));
        let note = last.filter(|line| words.contains(&line.what.as_str())).and_then(|line| line.note.as_ref());
        Ok(note.and_then(|note| note.as_str().rsplit(' ').next()?.parse().ok()))
    }

    /// Puts the machine with these MACs in the place of the host that `mac` names.
    ///
    /// # Errors
    /// As [`Hosts::preview_machine`]; [`StoreError::Busy`] if another process changes a record.
    pub fn replace_machine(
        self,
        mac: MacAddr,
        macs: &[MacAddr],
        who: &Who,
        now: Timestamp,
    ) -> Result<Host, StoreError> {
        let busy = || StoreError::Busy { path: self.parts.paths.host(mac).path().to_path_buf(), holder: None };
        let _installation = self.lock_installation(mac)?;
        let locked = AllocationLock::wait(self.parts.paths)?;
        let Some((before, document)) = self.own(mac)? else { return Err(busy()) };
        let after = self.preview_machine(&before, macs, now)?;
        let plan = self.plan_removal(mac)?;
        for permission in &plan.permissions {
            Permissions::new(self.parts).mark_used(permission, REPLACED)?;
        }
        if self.leaves_marks(&plan)? {
            self.mark_all(&plan, now)?;
        }
        let journal = Journal::new(self.parts);
        journal.note(after.mac(), who, now, BEGUN, &note_of(after.mac(), mac))?;
        let transaction = self.machine_moved(&locked, (&before, &document), &after)?;
        if !self.parts.records.commit(&transaction)?.is_done() {
            return Err(busy());
        }
        self.note_machine(before.state(), &after, mac, who, now)?;
        Ok(after)
    }

    /// What an interrupted replacement left behind the records.
    ///
    /// # Errors
    /// The files.
    pub fn finish_machine(self, after: &Host, old: MacAddr, who: &Who, now: Timestamp) -> Result<(), StoreError> {
        // The first process may still be at it.
        let _locked = AllocationLock::wait(self.parts.paths)?;
        if self.find(old)?.is_none() {
            let keys = [Key::permission(old), Key::menu_permission(old), Key::refusals(old), Key::power_control(old)];
            keys.iter().try_for_each(|key| self.parts.records.remove(key))?;
        }
        self.note_machine(HostState::Unconfigured, after, old, who, now)
    }

    /// The records and all that goes by their names, in an order that is safe after each change.
    fn machine_moved(
        self,
        locked: &AllocationLock,
        (before, document): (&Host, &Document),
        after: &Host,
    ) -> Result<Transaction, StoreError> {
        let (old, from) = (before.mac(), Key::host(before.mac()));
        let mut transaction = Transaction::new().if_unchanged(&from, &document.version);
        for key in [Key::permission(old), Key::menu_permission(old), Key::refusals(old)] {
            transaction = transaction.remove(&key);
        }
        // Another machine has another BMC. The folder of these settings is younger than some clusters.
        if self.parts.records.text(&Key::power_control(old))?.is_some() {
            transaction = transaction.remove(&Key::power_control(old));
        }
        for mac in after.macs() {
            let key = Key::host(mac);
            transaction = match self.own(mac)? {
                Some((_, stranger)) => transaction.if_unchanged(&key, &stranger.version),
                None => transaction.if_absent(&key),
            };
            transaction = match mac == after.mac() {
                true => transaction.put(&key, after.to_text().as_bytes()),
                false => transaction.remove(&key),
            };
            for key in [Key::permission(mac), Key::menu_permission(mac), Key::refusals(mac), Key::pending(mac)] {
                transaction = transaction.remove(&key);
            }
        }
        transaction = transaction.remove(&from);
        Allocations::new(self.parts).moved(locked, transaction, before, after)
    }

    /// A line in both histories, once.
    fn note_machine(
        self,
        from: HostState,
        after: &Host,
        old: MacAddr,
        who: &Who,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let (journal, new, what) = (Journal::new(self.parts), after.mac(), Line::lossy(REPLACED));
        let note = Some(Line::lossy(&format!("{} has {}", after.label(), note_of(new, old))));
        let is_last = journal.history(old)?.last().is_some_and(|last| last.what == what && last.note == note);
        if !is_last {
            // As after a removal: this machine is no host any more.
            journal
                .append(old, &HistoryLine::new(now, who.clone(), what.clone(), from, HostState::Unconfigured, note))?;
        }
        let note = Some(Line::lossy(&note_of(new, old)));
        let line = HistoryLine::new(now, who.clone(), what, HostState::Unconfigured, after.state(), note);
        journal.append(new, &line.with_values(None, Values::from_host(after)))
    }
}

/// Whether nothing is known of a machine but that it asked.
fn is_stranger(host: &Host) -> bool {
    host.state() == HostState::Unconfigured
        && host.name.is_none()
        && host.address.is_none()
        && host.attempt.is_none()
        && host.retired.is_none()
        && host.macs().count() == 1
}

/// Whether `other` is what an interrupted replacement wrote.
fn is_same(other: &Host, after: &Host) -> bool {
    other.name == after.name && other.address == after.address && other.macs().eq(after.macs())
}

/// The old MAC is the last word: [`Hosts::replaces`] reads it.
fn note_of(new: MacAddr, old: MacAddr) -> String {
    format!("{} instead of {}", new.colons(), old.colons())
}

#[cfg(test)]
#[path = "replace_machine_tests.rs"]
mod tests;
