// SPDX-License-Identifier: GPL-3.0-or-later
//! The audit of the site: one log of every change, whoever makes it. The system's log gets each line too.
//!
//! The boot manager appends to it as the web server's user, so it is in a folder of both. It is a copy for people: what it says of hosts
//! is in their histories, which are on the disk before a change is acknowledged.

use super::reading::read_part;
use super::{StoreError, syslog};
use crate::config::{Dir, HpsConf};
use crate::files::{RotatingFile, is_there};
use crate::host::AuditLine;
use crate::types::Line;
use std::path::PathBuf;

/// How many older parts are kept, of 1 MiB each.
const OLDER_PARTS: u32 = 15;
/// A part grows a little beyond its limit.
const MAX_PART_BYTES: u64 = 4 << 20;
/// The name of its lines in the system's log.
const PROGRAM: &str = "hps-audit";

/// The audit of a site.
#[derive(Debug, Clone, Copy)]
pub struct Audit<'a> {
    conf: &'a HpsConf,
}

impl<'a> Audit<'a> {
    /// The audit under the folders of `hps.conf`.
    pub fn new(conf: &'a HpsConf) -> Self {
        Self { conf }
    }

    /// Its folder.
    pub fn dir(self) -> PathBuf {
        self.conf.dir(Dir::Log).join("audit")
    }

    /// Appends a line, and sends it to the system's log. Both are tried.
    ///
    /// # Errors
    /// When one of them does not take it.
    pub fn append(self, line: &AuditLine) -> Result<(), StoreError> {
        let mut text = serde_json::to_string(line).unwrap_or_default();
        text.push('\n');
        let written = match is_there(&self.dir()) {
            Ok(true) => self.file().append(&text).map_err(StoreError::from),
            // The first reload of this version makes the folder.
            Ok(false) => Ok(()),
            Err(error) => Err(error.into()),
        };
        let words = Line::lossy(&line.to_string());
        let sent = self.conf.syslog().map_or(Ok(()), |socket| syslog::send(socket, PROGRAM, &words));
        written.and(sent)
    }

    /// All lines that are kept, the oldest first. A line that cannot be read is left out: one torn line hides no other.
    ///
    /// # Errors
    /// When the files cannot be read.
    pub fn read(self) -> Result<Vec<AuditLine>, StoreError> {
        if !is_there(&self.dir())? {
            return Ok(Vec::new());
        }
        let parts = self.file().parts(|part| read_part(part, MAX_PART_BYTES))?;
        Ok(parts.iter().flat_map(|text| text.lines()).filter_map(|line| serde_json::from_str(line).ok()).collect())
    }

    fn file(self) -> RotatingFile {
        RotatingFile::log(self.dir().join("audit.jsonl"), OLDER_PARTS)
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::store;
    use super::*;
    use crate::host::{Edit, Who};
    use crate::types::Timestamp;
    use std::io::Write as _;

    #[test]
    fn every_change_of_a_host_is_in_it_once() {
        let (_folder, store) = store("10.0.0.2-10.0.0.9");
        let mac = "525400000001".parse().unwrap();
        let who = Who::operator("host-state", "anna");
        let at = Timestamp::from_unix(1);
        let edit = Edit { name: Some(Some("backup".parse().unwrap())), ..Edit::default() };
        store.hosts().edit(mac, &edit, &Line::lossy("set by hand"), &who, at).unwrap();
        let audit = Audit::new(store.paths.conf());
        let torn = audit.dir().join("audit.jsonl");
        std::fs::OpenOptions::new().append(true).open(torn).unwrap().write_all(b"{\"at\": \n").unwrap();
        audit.append(&AuditLine::new(at, who.clone(), "reload")).unwrap();
        let words: Vec<String> = audit.read().unwrap().iter().map(ToString::to_string).collect();
        assert_eq!(
            words,
            [
                "lab 52:54:00:00:00:01 first seen, anna with host-state",
                "lab 52:54:00:00:00:01 set by hand: name - -> backup, anna with host-state",
                "reload, anna with host-state",
            ]
        );
    }
}
