// SPDX-License-Identifier: GPL-3.0-or-later
//! What machines reported about their hardware: a record for each, by the MAC that names its host. A machine that is no host
//! yet has one by the card that it booted from.

use super::StoreError;
use super::parts::Parts;
use super::records::{Document, Key, Kind, Records};
use crate::files::is_there;
use crate::hardware::{Change, Hardware, HardwareRecord};
use crate::host::Who;
use crate::store::journal::Journal;
use crate::types::{MacAddr, Timestamp};

/// More than a site has. To fill the folder, a sender needs a token for each machine.
const MAX_RECORDS: usize = 16_384;
/// A report that differs again within this time is refused: a sender with a token must not fill the disk with the history.
const PAUSE_SECONDS: u64 = 60;
/// The words of the history.
const REPORTED: &str = "hardware reported";
const CHANGED: &str = "hardware changed";
const ACCEPTED: &str = "hardware accepted";

/// The hardware records of a cluster.
#[derive(Debug, Clone, Copy)]
pub struct HardwareRecords<'a> {
    parts: Parts<'a>,
}

/// One file of the folder.
#[derive(Debug)]
pub struct HardwareFile {
    /// The MAC that names it.
    pub mac: MacAddr,
    /// The record, or why it cannot be accepted.
    pub record: Result<HardwareRecord, StoreError>,
}

impl<'a> HardwareRecords<'a> {
    pub(super) fn new(parts: Parts<'a>) -> Self {
        Self { parts }
    }

    fn records(self) -> &'a dyn Records {
        self.parts.records
    }

    /// The record of a machine, by the MAC that names its host; `None` where it did not report.
    ///
    /// # Errors
    /// When the file cannot be read or accepted.
    pub fn get(self, mac: MacAddr) -> Result<Option<HardwareRecord>, StoreError> {
        Ok(self.read(mac)?.map(|(record, _)| record))
    }

    /// Whether there is a record, also one that cannot be read.
    ///
    /// # Errors
    /// When that cannot be looked for.
    pub fn exists(self, mac: MacAddr) -> Result<bool, StoreError> {
        Ok(is_there(self.parts.paths.hardware(mac).path())?)
    }

    fn read(self, mac: MacAddr) -> Result<Option<(HardwareRecord, Document)>, StoreError> {
        let key = Key::hardware(mac);
        let Some(document) = self.records().text(&key)? else { return Ok(None) };
        let content = |problem: String| StoreError::content(&self.records().locate(&key), problem);
        let record = HardwareRecord::parse(&document.text).map_err(content)?;
        Ok(Some((record, document)))
    }

    /// What a person should look at; see [`HardwareRecord::losses`]. Most records are not parsed: a list of all hosts asks this for
    /// each of them.
    ///
    /// # Errors
    /// As [`HardwareRecords::get`].
    pub fn losses(self, mac: MacAddr) -> Result<Vec<Change>, StoreError> {
        let key = Key::hardware(mac);
        let Some(document) = self.records().text(&key)? else { return Ok(Vec::new()) };
        if !document.text.contains("[before") {
            return Ok(Vec::new());
        }
        Ok(self.read(mac)?.map_or_else(Vec::new, |(record, _)| record.losses()))
    }

    /// All of them. One that cannot be read hides no other.
    ///
    /// # Errors
    /// When the folder cannot be read.
    pub fn list(self) -> Result<Vec<HardwareFile>, StoreError> {
        let keys = self.records().list(Kind::Hardware)?;
        let macs = keys.iter().filter_map(|key| key.name().parse::<MacAddr>().ok());
        let file = |mac| Some(HardwareFile { mac, record: self.get(mac).transpose()? });
        Ok(macs.filter_map(file).collect())
    }

    /// Keeps a report, and returns what it changed. `None` if it differs from one that is too young; then it is not kept.
    ///
    /// # Errors
    /// When a file cannot be read or written, or there are too many records.
    pub fn report(
        self,
        mac: MacAddr,
        report: &Hardware,
        who: &Who,
        now: Timestamp,
    ) -> Result<Option<Vec<Change>>, StoreError> {
        let key = Key::hardware(mac);
        loop {
            let known = match self.read(mac) {
                Ok(known) => known,
                // What nobody can read is no reason to know nothing from now on.
                Err(error) if error.was_read() => None,
                Err(error) => return Err(error),
            };
            let is_first = known.is_none();
            let (known, document) = known.unzip();
            let (record, changes) = HardwareRecord::with_report(known, report.clone());
            let journal = Journal::new(self.parts);
            if !changes.is_empty() && journal.happened_within(mac, PAUSE_SECONDS, &[REPORTED, CHANGED], now)? {
                return Ok(None);
            }
            let bytes = record.to_text();
            let done = match &document {
                Some(document) => self.records().put_if_unchanged(&key, bytes.as_bytes(), &document.version)?,
                None => {
                    self.make_room(mac)?;
                    self.records().create_if_absent(&key, bytes.as_bytes())?
                }
            };
            if !done.is_done() {
                continue;
            }
            if is_first {
                journal.note(mac, who, now, REPORTED, &record.now.summary())?;
            } else if !changes.is_empty() {
                journal.note(mac, who, now, CHANGED, &describe(&changes))?;
            }
            return Ok(Some(changes));
        }
    }

    /// For a new record: refuses one too many, and removes one of this machine that cannot be read.
    fn make_room(self, mac: MacAddr) -> Result<(), StoreError> {
        let keys = self.records().list(Kind::Hardware)?;
        if keys.contains(&Key::hardware(mac)) {
            return self.records().remove(&Key::hardware(mac));
        }
        if keys.len() >= MAX_RECORDS {
            let problem = format!("{MAX_RECORDS} hardware records are there already");
            return Err(StoreError::content(&self.records().locate_place(Kind::Hardware), problem));
        }
        Ok(())
    }

    /// Notes that an operator has seen what changed. `false` if there is nothing to accept.
    ///
    /// # Errors
    /// When a file cannot be read or written.
    pub fn accept(self, mac: MacAddr, who: &Who, now: Timestamp) -> Result<bool, StoreError> {
        let key = Key::hardware(mac);
        loop {
            let Some((mut record, document)) = self.read(mac)? else { return Ok(false) };
            let losses = record.losses();
            if losses.is_empty() {
                return Ok(false);
            }
            record.accepted = true;
            let text = record.to_text();
            if self.records().put_if_unchanged(&key, text.as_bytes(), &document.version)?.is_done() {
                Journal::new(self.parts).note(mac, who, now, ACCEPTED, &describe(&losses))?;
                return Ok(true);
            }
        }
    }
}

fn describe(changes: &[Change]) -> String {
    changes.iter().map(ToString::to_string).collect::<Vec<_>>().join("; ")
}
