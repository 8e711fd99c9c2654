// SPDX-License-Identifier: GPL-3.0-or-later
//! Another card in the place of one: the host keeps its record, state, name, address, permission and past.
//!
//! A record is named by its first MAC. If that changes, the record and all that goes by its name move in one
//! transaction. A process may die in it or behind it, and the same command again finishes the rest. The old permission
//! goes first and the new one comes last: a host without a permission is safe, an old card that keeps one is not.

use super::Hosts;
use crate::host::{Edit, HistoryLine, Host, HostState, PermissionSource, Values, Who};
use crate::store::StoreError;
use crate::store::allocation_lock::AllocationLock;
use crate::store::allocations::Allocations;
use crate::store::installed_marks::InstalledMarks;
use crate::store::journal::Journal;
use crate::store::permission_records::PermissionRecords;
use crate::store::records::{Document, Key, Transaction};
use crate::types::{Line, MacAddr, Timestamp};

/// What the history says.
const REPLACED: &str = "card replaced";

/// The same before the record moves, for a host without name and address: nothing else shows afterwards that two records
/// are of one host.
const BEGUN: &str = "replacing card";

const INSTALLING: &str =
    "is INSTALLING, and its installer reports by this card; if the installation is dead, set state=FAILED first";

impl Hosts<'_> {
    /// What the record would be with the card `new` in the place of `old`. If the host has both, they change places.
    ///
    /// # Errors
    /// [`StoreError::Edit`] for a host without `old`, or one that is being installed; [`StoreError::Taken`] if another
    /// host has `new`; the files.
    pub fn preview_card(self, host: &Host, old: MacAddr, new: MacAddr) -> Result<Host, StoreError> {
        let refuse = |problem: String| StoreError::Edit { host: host.label(), problem };
        if host.state() == HostState::Installing {
            return Err(refuse(INSTALLING.to_owned()));
        }
        let after = host.with_card(old, new).filter(|_| old != new);
        if let Some(other) = self.find(new)?.filter(|other| other.mac() != host.mac()) {
            return match after {
                Some(after) if self.is_same(&other, &after, old, new)? => {
                    if other.state() == HostState::Installing {
                        return Err(refuse(INSTALLING.to_owned()));
                    }
                    Ok(if host.updated > other.updated { after } else { other })
                }
                _ => Err(Allocations::mac_taken(new, &other.label())),
            };
        }
        after.ok_or_else(|| {
            let macs: Vec<String> = host.macs().map(MacAddr::colons).collect();
            refuse(format!("has no other card {}; its cards are {}", old.colons(), macs.join(" ")))
        })
    }

    /// The record that `old` still names, if a replacement of it by `new` was interrupted between the two records.
    /// `host` is the record that `new` names.
    ///
    /// # Errors
    /// When the record cannot be read or accepted.
    pub fn half_replaced(self, host: &Host, old: MacAddr, new: MacAddr) -> Result<Option<Host>, StoreError> {
        let Some((first, _)) = self.own(old)? else { return Ok(None) };
        let Some(after) = first.with_card(old, new) else { return Ok(None) };
        Ok(self.is_same(host, &after, old, new)?.then_some(first))
    }

    /// Whether `other` is what an interrupted replacement wrote. Name and address have one holder, so two records with the
    /// same ones are of one host.
    fn is_same(self, other: &Host, after: &Host, old: MacAddr, new: MacAddr) -> Result<bool, StoreError> {
        let is_equal = other.name == after.name && other.address == after.address && other.macs().eq(after.macs());
        Ok(is_equal && (is_placed(after) || self.is_begun(old, new)?))
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
        // Two cards that change places: the one that named the record is the old one.
        let is_swap = new == mac && before.macs().any(|own| own == old);
        let (old, new) = if is_swap { (new, old) } else { (old, new) };
        let mut after = self.preview_card(&before, old, new)?;
        after.updated = now;
        self.copy_mark(old, new)?;
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
        self.begin_card(&again, &after, old, new, who, now)?;
        let transaction = self.card_moved(&locked, (&again, &document), &after)?;
        if !self.parts.records.commit(&transaction)?.is_done() {
            return Err(busy());
        }
        self.note_card(before.state(), &after, old, new, who, now)?;
        Ok(after)
    }

    /// What must be in the history of the new card before the record moves.
    fn begin_card(
        self,
        before: &Host,
        after: &Host,
        old: MacAddr,
        new: MacAddr,
        who: &Who,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let journal = Journal::new(self.parts);
        journal.copy_history(before.mac(), after.mac())?;
        if !is_placed(after) && !self.is_begun(old, new)? {
            journal.note(new, who, now, BEGUN, &card_note(old, new))?;
        }
        Ok(())
    }

    /// What an interrupted replacement left behind the record: permissions and refusals of the old card, the lines of
    /// the history, the logs. `false`, and nothing is changed, if the old card is of a host.
    ///
    /// # Errors
    /// The files.
    pub fn finish_card(
        self,
        host: &Host,
        old: MacAddr,
        new: MacAddr,
        who: &Who,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        // The first process may still be at it.
        let _locked = AllocationLock::wait(self.parts.paths)?;
        if self.find(old)?.is_some() {
            return Ok(false);
        }
        // How the host is switched goes by the new card.
        if let Some(control) = self.parts.records.text(&Key::power_control(old))?
            && self.parts.records.text(&Key::power_control(new))?.is_none()
            && host.mac() == new
            && self.is_replaced(old, new)?
        {
            self.parts.records.put(&Key::power_control(new), control.text.as_bytes())?;
        }
        let keys = [Key::permission(old), Key::menu_permission(old), Key::refusals(old), Key::power_control(old)];
        keys.iter().try_for_each(|key| self.parts.records.remove(key))?;
        if host.mac() == new && self.is_replaced(old, new)? {
            self.note_card(host.state(), host, old, new, who, now)?;
        }
        Ok(true)
    }

    /// Whether the history of `new` proves that `old` named the record: logs of a host that was removed stay its own.
    ///
    /// # Errors
    /// When a history cannot be read.
    pub fn is_replaced(self, old: MacAddr, new: MacAddr) -> Result<bool, StoreError> {
        if self.is_noted(new, old, new)? {
            return Ok(true);
        }
        let journal = Journal::new(self.parts);
        let (before, after) = (journal.history(old)?, journal.history(new)?);
        let mut lines = before.iter().filter(|line| ![REPLACED, BEGUN].contains(&line.what.as_str()));
        Ok(!before.is_empty() && lines.all(|line| after.contains(line)))
    }

    /// Whether this replacement was begun, by the history of the new card, and did not end.
    fn is_begun(self, old: MacAddr, new: MacAddr) -> Result<bool, StoreError> {
        let last = self.last_note(new, old, new, &[BEGUN, REPLACED])?;
        Ok(last.is_some_and(|line| line.what.as_str() == BEGUN && ends_with(&line, &card_note(old, new))))
    }

    /// Whether the last replacement between the two cards, by the history of `mac`, is this one.
    fn is_noted(self, mac: MacAddr, old: MacAddr, new: MacAddr) -> Result<bool, StoreError> {
        let last = self.last_note(mac, old, new, &[REPLACED])?;
        Ok(last.is_some_and(|line| ends_with(&line, &card_note(old, new))))
    }

    /// The last of these lines in the history of `mac` that is about the two cards.
    fn last_note(
        self,
        mac: MacAddr,
        old: MacAddr,
        new: MacAddr,
        what: &[&str],
    ) -> Result<Option<HistoryLine>, StoreError> {
        let notes = [card_note(old, new), card_note(new, old)];
        let history = Journal::new(self.parts).history(mac)?;
        let is_one =
            |line: &HistoryLine| what.contains(&line.what.as_str()) && notes.iter().any(|note| ends_with(line, note));
        Ok(history.into_iter().rev().find(is_one))
    }

    /// Each line of the history once, and the logs.
    fn note_card(
        self,
        from: HostState,
        after: &Host,
        old: MacAddr,
        new: MacAddr,
        who: &Who,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let (journal, note) = (Journal::new(self.parts), card_note(old, new));
        if !self.is_noted(new, old, new)? {
            let (what, note) = (Line::lossy(REPLACED), Some(Line::lossy(&note)));
            let line = HistoryLine::new(now, who.clone(), what, after.state(), after.state(), note);
            journal.append(new, &line.with_values(None, Values::from_host(after)))?;
        }
        if !self.is_noted(old, old, new)? {
            // As after a removal: this MAC is no host any more.
            let note = Some(Line::lossy(&format!("{} has {note}", after.label())));
            let (what, to) = (Line::lossy(REPLACED), HostState::Unconfigured);
            let line = HistoryLine::new(now, who.clone(), what, from, to, note);
            journal.append(old, &line)?;
        }
        journal.move_logs(old, new)
    }

    /// The record and all that goes by its name, in an order that is safe after each change. A permission that ended
    /// stays where it is.
    fn card_moved(
        self,
        locked: &AllocationLock,
        (before, document): (&Host, &Document),
        after: &Host,
    ) -> Result<Transaction, StoreError> {
        let records = self.parts.records;
        let (mac, new) = (before.mac(), after.mac());
        let (from, to) = (Key::host(mac), Key::host(new));
        let mut transaction = Transaction::new().if_unchanged(&from, &document.version);
        transaction = match self.own(new)? {
            Some((other, document)) if self.is_same(&other, after, mac, new)? => {
                transaction.if_unchanged(&to, &document.version)
            }
            _ => transaction.if_absent(&to),
        };
        let key = |source, mac| match source {
            PermissionSource::Operator => Some(Key::permission(mac)),
            PermissionSource::Menu => Some(Key::menu_permission(mac)),
            // What follows from a rule has no record.
            PermissionSource::Rule => None,
        };
        let permissions = PermissionRecords::new(records).unmarked(mac)?;
        for old in permissions.iter().filter_map(|permission| key(permission.source, mac)) {
            transaction = transaction.remove(&old);
        }
        transaction = transaction.put(&to, after.to_text().as_bytes()).remove(&from);
        transaction = Allocations::new(self.parts).moved(locked, transaction, before, after)?;
        if let Some(count) = records.text(&Key::refusals(mac))? {
            transaction = transaction.put(&Key::refusals(new), count.text.as_bytes()).remove(&Key::refusals(mac));
        }
        for (from, to) in
            [(Key::hardware(mac), Key::hardware(new)), (Key::erase_protocol(mac), Key::erase_protocol(new))]
        {
            match records.text(&from) {
                Ok(None) => {}
                Ok(Some(report)) => transaction = transaction.put(&to, report.text.as_bytes()).remove(&from),
                // A bad file of the network must not keep a card from being replaced.
                Err(error) if error.was_read() => transaction = transaction.remove(&from),
                Err(error) => return Err(error),
            }
        }
        if let Some(control) = records.text(&Key::power_control(mac))? {
            transaction = transaction.put(&Key::power_control(new), control.text.as_bytes());
            transaction = transaction.remove(&Key::power_control(mac));
        }
        transaction = transaction.remove(&Key::pending(new));
        for mut permission in permissions {
            permission.mac = new;
            if let Some(key) = key(permission.source, new) {
                transaction = transaction.put(&key, permission.to_text().as_bytes());
            }
        }
        Ok(transaction)
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
}

fn is_placed(host: &Host) -> bool {
    host.name.is_some() || host.address.is_some()
}

fn ends_with(line: &HistoryLine, note: &str) -> bool {
    line.note.as_ref().is_some_and(|text| text.as_str().ends_with(note))
}

fn card_note(old: MacAddr, new: MacAddr) -> String {
    format!("{} instead of {}", new.colons(), old.colons())
}

#[cfg(test)]
#[path = "replace_card_tests.rs"]
mod tests;
