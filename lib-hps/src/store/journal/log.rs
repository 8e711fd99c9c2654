// SPDX-License-Identifier: GPL-3.0-or-later
//! The log of a host: one escaped line for each request and message, in files of bounded size and in the system's log.

use super::{Journal, LogTail, MAX_LOG_BYTES};
use crate::files::{RotatingFile, is_there};
use crate::store::reading::read_part;
use crate::store::{StoreError, syslog};
use crate::types::{Line, MacAddr, Timestamp, log_line};
use std::path::Path;

/// How many older parts of a log are kept.
const OLDER_LOG_PARTS: u32 = 4;

impl Journal<'_> {
    /// Adds a line to the log of a host, and to the system's log where there is one: time, MAC, name or `-`, text.
    ///
    /// # Errors
    /// When it cannot be written to one of them.
    pub fn log(self, mac: MacAddr, name: Option<&str>, text: &Line, now: Timestamp) -> Result<(), StoreError> {
        let line = log_line(&format!("{mac} {} {text}", name.unwrap_or("-")));
        let written = self.log_file(mac).append(&format!("{now} {line}\n")).map_err(StoreError::from);
        let sent = self.log_system("boot_manager", &Line::lossy(&line));
        written.and(sent)
    }

    /// Sends a line to the system's log, under the name of a program. `hps.conf` can say that there is none.
    ///
    /// # Errors
    /// When there is one that does not accept it.
    pub fn log_system(self, program: &str, text: &Line) -> Result<(), StoreError> {
        self.paths.conf().syslog().map_or(Ok(()), |socket| syslog::send(socket, program, text))
    }

    /// The log of a host with its older parts, oldest line first; empty where there is none.
    ///
    /// # Errors
    /// When it cannot be read.
    pub fn read_log(self, mac: MacAddr) -> Result<String, StoreError> {
        self.follow_log(mac).map(|(text, _)| text)
    }

    /// The same, and what gives the lines that come after it.
    ///
    /// # Errors
    /// When it cannot be read.
    pub fn follow_log(self, mac: MacAddr) -> Result<(String, LogTail), StoreError> {
        follow(&self.log_file(mac))
    }

    /// Adds a line to the record of the console of a host: time, text.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn record_console(self, mac: MacAddr, text: &str, now: Timestamp) -> Result<(), StoreError> {
        Ok(self.console_file(mac).append(&format!("{now} {}\n", log_line(text)))?)
    }

    /// The record of the console of a host with its older parts, oldest line first, and what gives the lines that come after it.
    ///
    /// # Errors
    /// When it cannot be read.
    pub fn follow_console(self, mac: MacAddr) -> Result<(String, LogTail), StoreError> {
        follow(&self.console_file(mac))
    }

    pub(super) fn log_file(self, mac: MacAddr) -> RotatingFile {
        RotatingFile::log(self.paths.host_log(mac), OLDER_LOG_PARTS)
    }

    fn console_file(self, mac: MacAddr) -> RotatingFile {
        RotatingFile::log(self.paths.console_log(mac), OLDER_LOG_PARTS)
    }
}

fn follow(file: &RotatingFile) -> Result<(String, LogTail), StoreError> {
    let mut tail = LogTail::new(file.path());
    let folder = file.path().parent().unwrap_or(Path::new("/"));
    if !is_there(folder)? {
        return Ok((String::new(), tail));
    }
    let parts = file.parts(|part| {
        if part != file.path() {
            return Ok(read_part(part, MAX_LOG_BYTES)?);
        }
        let text = tail.read()?;
        Ok::<_, StoreError>(tail.open_file()?.map(|file| (file, text)))
    })?;
    Ok((parts.concat(), tail))
}
