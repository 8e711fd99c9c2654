// SPDX-License-Identifier: GPL-3.0-or-later
//! Records of hosts: read, created, changed, with their history.

use super::documents::lock;
use super::host_records::HostRecords;
use super::reading::read_end;
use super::records::{Document, Key, Kind};
use super::{Store, StoreError};
use crate::files::is_there;
use crate::files::{IoError, Lock, RotatingFile};
use crate::host::{HistoryLine, Host, HostState, Who};
use crate::types::{HostName, HostType, Line, MacAddr, Timestamp};

/// One file of the folder of records: a host, or why it is not taken.
#[derive(Debug)]
pub struct HostFile {
    /// The MAC that names the file.
    pub mac: MacAddr,
    /// The record.
    pub host: Result<Host, StoreError>,
}

/// See [`Store::take_turn`].
#[derive(Debug)]
pub struct Turn(#[expect(dead_code, reason = "dropping it is what ends the turn")] Lock);

/// So many records beyond the hosts that can have an address may come from requests.
const WITHOUT_ADDRESS: usize = 1_024;

/// No more than the end of each part of a history is read: whoever can write it could make it any length.
const HISTORY: u64 = 4 << 20;
/// How many older parts of a history are kept.
const OLDER_HISTORY: u32 = 1;
/// How the history of a record begins.
const FIRST_SEEN: &str = "first seen";
/// How often a change is tried again when somebody else was faster.
const TRIES: u32 = 50;

impl Store {
    /// The record of a host by any of its MACs; `None` where there is none. What is kept by MAC (permission, history, log,
    /// reservation) goes by [`Host::mac`] of the answer, which may be another MAC than the one asked for.
    ///
    /// # Errors
    /// When the file cannot be read or taken.
    pub fn host(&self, mac: MacAddr) -> Result<Option<Host>, StoreError> {
        self.read_host(mac).map(|found| found.map(|(host, _)| host))
    }

    /// The record in the file of `mac` itself.
    pub(super) fn own_record(&self, mac: MacAddr) -> Result<Option<(Host, Document)>, StoreError> {
        HostRecords::of(&*self.records).own(mac)
    }

    fn read_host(&self, mac: MacAddr) -> Result<Option<(Host, Document)>, StoreError> {
        HostRecords::of(&*self.records).find(mac)
    }

    /// The MAC that names the record which claims `mac` as a further one, whether or not the record says so.
    pub(super) fn claimed_by(&self, mac: MacAddr) -> Result<Option<MacAddr>, StoreError> {
        HostRecords::of(&*self.records).claimed_by(mac)
    }

    /// All records, by MAC; each that cannot be taken stands alone.
    ///
    /// # Errors
    /// When the folder cannot be read.
    pub fn hosts(&self) -> Result<Vec<HostFile>, StoreError> {
        let mut files = Vec::new();
        for key in self.records.list(Kind::Host)? {
            let Ok(mac) = key.name().parse::<MacAddr>() else { continue };
            let host = match self.own_record(mac) {
                Ok(Some((host, _))) => Ok(host),
                Ok(None) => continue,
                Err(error) => Err(error),
            };
            files.push(HostFile { mac, host });
        }
        Ok(files)
    }

    /// The MAC that names the record of a machine, which may be another one than that given; a MAC of no record is its own answer.
    /// A record that is there and cannot be taken still has its name.
    ///
    /// # Errors
    /// When it cannot be told which record is its own.
    pub fn naming_mac(&self, mac: MacAddr) -> Result<MacAddr, StoreError> {
        if is_there(self.paths.host(mac).path())? {
            return Ok(mac);
        }
        let Some(first) = self.claimed_by(mac)? else { return Ok(mac) };
        match self.own_record(first) {
            Ok(found) => Ok(found.filter(|(host, _)| host.macs().any(|m| m == mac)).map_or(mac, |_| first)),
            // What its text does not say any more, its claim still does.
            Err(error) if error.was_read() => Ok(first),
            Err(error) => Err(error),
        }
    }

    /// The MAC that holds a host name.
    ///
    /// # Errors
    /// When the claim cannot be read.
    pub fn mac_of(&self, name: &HostName) -> Result<Option<MacAddr>, StoreError> {
        let claim = self.records.text(&Key::host_name(name))?;
        let Some(mac) = claim.and_then(|document| document.text.trim().parse().ok()) else { return Ok(None) };
        // A host that was given another name leaves its old claim behind.
        Ok(self.own_record(mac)?.filter(|(host, _)| host.name.as_ref() == Some(name)).map(|_| mac))
    }

    /// Creates the record of a host that is not known yet; one that exists, or that has this MAC as a further one, stays as
    /// it is.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn create_host(&self, mac: MacAddr, who: &Who, now: Timestamp) -> Result<bool, StoreError> {
        // Whoever claims a further MAC for a host does it under this lock, and looks for a record of it.
        let locked = self.lock_allocation()?;
        if self.host(mac)?.is_some() {
            return Ok(false);
        }
        if who.is_request() && !self.has_room_for_requests()? {
            let most = self.most_records();
            let problem =
                format!("{most} records are there, and requests make no more; see host-state list, host-state rm");
            return Err(StoreError::content(&self.paths.hosts_dir(), problem));
        }
        self.create_record(&locked, mac, who, now)
    }

    /// Whether a request may still create a record. Anybody on the network can make up MACs; who administers the node is not bound.
    ///
    /// # Errors
    /// When the folder cannot be read.
    pub fn has_room_for_requests(&self) -> Result<bool, StoreError> {
        Ok(self.records.list(Kind::Host)?.len() < self.most_records())
    }

    fn most_records(&self) -> usize {
        self.cluster.network.host_range.count().saturating_add(WITHOUT_ADDRESS)
    }

    /// The same for whoever holds the allocation lock and knows that nobody has the MAC.
    pub(super) fn create_record(
        &self,
        _allocation: &Lock,
        mac: MacAddr,
        who: &Who,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        let host = Host::new(mac, now);
        let created = self.records.create_if_absent(&Key::host(mac), host.to_text().as_bytes())?.is_done();
        if created {
            let what = Line::lossy(FIRST_SEEN);
            self.append_history(
                mac,
                &HistoryLine {
                    at: now,
                    who: who.clone(),
                    what,
                    from: HostState::Unconfigured,
                    to: HostState::Unconfigured,
                    note: None,
                },
            )?;
        }
        Ok(created)
    }

    /// Changes a record, found by any of its MACs, which is created first where there is none, and appends the change to its history.
    ///
    /// `change` sees the newest record and may be called several times; it returns what happened in a word or two,
    /// with a note, or `None` where nothing is to be written.
    ///
    /// # Errors
    /// Those of `change`, and those of reading and writing.
    pub fn change_host<E: From<StoreError>>(
        &self,
        mac: MacAddr,
        who: &Who,
        now: Timestamp,
        mut change: impl FnMut(&mut Host) -> Result<Option<(Line, Option<Line>)>, E>,
    ) -> Result<Host, E> {
        for _ in 0..TRIES {
            let Some((mut host, document)) = self.read_host(mac)? else {
                self.create_host(mac, who, now)?;
                continue;
            };
            let from = host.state();
            let before = host.clone();
            let Some((what, note)) = change(&mut host)? else { return Ok(host) };
            if host.state() != from {
                // What did not follow from the state before would never be found again.
                self.finish_move(&before, Line::lossy("completed"), None, who, now)?;
            }
            host.updated = now;
            // Whatever took a system off the record, a hand edit too: the machine has one, and that is not forgotten.
            if from.has_system() && !host.state().has_system() {
                self.mark_host_ever_installed(&host, now)?;
            }
            let (key, text) = (Key::host(host.mac()), host.to_text());
            if self.records.put_if_unchanged(&key, text.as_bytes(), &document.version)?.is_done() {
                self.follow_up(&host, from, what, note, who, now)?;
                return Ok(host);
            }
        }
        Err(StoreError::Busy { path: self.paths.host(mac).path, holder: None }.into())
    }

    /// What comes after the record says it: the notice, the mark of a storage host, the line of history.
    fn follow_up(
        &self,
        host: &Host,
        from: HostState,
        what: Line,
        note: Option<Line>,
        who: &Who,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        self.notice_move(host, from, note.as_ref(), host.updated);
        self.follow_up_of_notice(host, from, what, note, who, now)
    }

    fn follow_up_of_notice(
        &self,
        host: &Host,
        from: HostState,
        what: Line,
        note: Option<Line>,
        who: &Who,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let (mac, to) = (host.mac(), host.state());
        if to == HostState::Installed && host.host_type == Some(HostType::Sch) {
            let _was_there =
                self.records.create_if_absent(&Key::first_storage_host(), format!("{mac}\n").as_bytes())?;
        }
        self.append_history(mac, &HistoryLine { at: now, who: who.clone(), what, from, to, note })
    }

    /// Does what comes after a record was written where the history does not show its state: whoever wrote it died before
    /// that. The line of history is the last of it; a notice that waits is not left again, and none is left where the whole history is
    /// lost, since then nothing proves that the move is a new one.
    ///
    /// # Errors
    /// When the history cannot be read or written.
    pub fn finish_move(
        &self,
        host: &Host,
        what: Line,
        note: Option<Line>,
        who: &Who,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let Some(from) = self.unfinished_move(host)? else { return Ok(()) };
        if !self.history(host.mac())?.is_empty() && !self.has_notice(host)? {
            self.notice_move(host, from, note.as_ref(), host.updated);
        }
        self.follow_up_of_notice(host, from, what, note, who, now)
    }

    /// The state from which a host came to the one of its record, where its history does not show that it came there: whoever wrote the
    /// record died before the history, and perhaps before the notice.
    ///
    /// # Errors
    /// When the history cannot be read.
    pub fn unfinished_move(&self, host: &Host) -> Result<Option<HostState>, StoreError> {
        let history = self.history(host.mac())?;
        // Lines that tell no move repeat what the record said when they were written, so they prove nothing.
        let last_move = history.iter().rev().find(|line| line.from != line.to);
        let shown = match (last_move, history.first()) {
            (Some(line), _) => line.to,
            // The lines before were moved aside, twice.
            (None, Some(first)) if first.what.as_str() != FIRST_SEEN => {
                history.last().map_or(host.state(), |line| line.to)
            }
            (None, _) => HostState::Unconfigured,
        };
        Ok((shown != host.state()).then_some(shown))
    }

    /// Whether one of these is in the history since then. Nothing of the network may write there without end.
    ///
    /// # Errors
    /// When the history cannot be read.
    pub fn happened_within(
        &self,
        mac: MacAddr,
        seconds: u64,
        what: &[&str],
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        let history = self.history(mac)?;
        let newest = history.iter().rev().take_while(|line| now.since(line.at) < seconds);
        Ok(newest.into_iter().any(|line| what.contains(&line.what.as_str())))
    }

    /// Whether the cluster has had a storage host. It shapes menus and a hint only, so it is a mark and no search, and one that cannot
    /// be looked for counts as absent.
    pub fn has_storage(&self) -> bool {
        self.paths.first_storage().path().symlink_metadata().is_ok()
    }

    /// Waits for the turn to begin or end an installation of a host, until the value is dropped. What one turn checks holds until it
    /// has written; records alone are changed without one.
    ///
    /// # Errors
    /// [`StoreError::Busy`] when another turn lasts too long.
    pub fn take_turn(&self, mac: MacAddr) -> Result<Turn, StoreError> {
        lock(&self.paths.host(mac).path().with_extension("turn")).map(Turn)
    }

    /// The history of a host, oldest first. A line that cannot be read is left out: one torn line hides no other.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub fn history(&self, mac: MacAddr) -> Result<Vec<HistoryLine>, StoreError> {
        let file = self.history_file(mac);
        let folder = file.path().parent().is_some_and(std::path::Path::is_dir);
        let _held = if folder { file.hold() } else { None };
        let mut lines = Vec::new();
        for part in file.older().chain([file.path().to_path_buf()]) {
            match read_end(&part, HISTORY) {
                Ok(bytes) => lines.extend(
                    String::from_utf8_lossy(&bytes).lines().filter_map(|l| serde_json::from_str::<HistoryLine>(l).ok()),
                ),
                Err(error) if error.kind() == std::io::ErrorKind::NotFound => {}
                Err(error) => return Err(IoError::new("read", &part, error).into()),
            }
        }
        Ok(lines)
    }

    /// Appends to the history what happened to a host while its record stayed as it is; it may have none.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn note_history(
        &self,
        mac: MacAddr,
        who: &Who,
        now: Timestamp,
        what: &str,
        note: &str,
    ) -> Result<(), StoreError> {
        let state = match self.host(mac) {
            Ok(host) => host.map_or(HostState::Unconfigured, |host| host.state()),
            // Its record cannot be read: the state is the one that was noted last.
            Err(_) => self.history(mac)?.pop().map_or(HostState::Unconfigured, |line| line.to),
        };
        let line = HistoryLine {
            at: now,
            who: who.clone(),
            what: Line::lossy(what),
            from: state,
            to: state,
            note: (!note.is_empty()).then(|| Line::lossy(note)),
        };
        self.append_history(mac, &line)
    }

    pub(super) fn append_history(&self, mac: MacAddr, line: &HistoryLine) -> Result<(), StoreError> {
        let mut text = serde_json::to_string(line).unwrap_or_default();
        text.push('\n');
        Ok(self.history_file(mac).append(&text)?)
    }

    fn history_file(&self, mac: MacAddr) -> RotatingFile {
        RotatingFile::durable(self.paths.history(mac), OLDER_HISTORY)
    }
}

#[cfg(test)]
#[path = "hosts_tests.rs"]
mod tests;
