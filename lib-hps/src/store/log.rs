// SPDX-License-Identifier: GPL-3.0-or-later
//! The log of a host: one escaped line for each request and message, bounded.

use super::hosts::append;
use super::{Store, StoreError};
use crate::types::{Line, MacAddr, Timestamp};

/// At this size the log moves aside, in the place of the one before it.
const LARGEST: u64 = 1 << 20;

impl Store {
    /// Appends a line: time, MAC, name or `-`, text.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn log_host(&self, mac: MacAddr, name: Option<&str>, text: &Line, now: Timestamp) -> Result<(), StoreError> {
        let path = self.paths.host_log(mac);
        if std::fs::metadata(&path).is_ok_and(|m| m.len() > LARGEST) {
            std::fs::rename(&path, path.with_extension("log.1")).map_err(StoreError::io("move aside", &path))?;
        }
        append(&path, &format!("{now} {mac} {} {text}\n", name.unwrap_or("-")), false)
    }

    /// The log of a host, empty where there is none.
    ///
    /// # Errors
    /// When it cannot be read.
    pub fn host_log(&self, mac: MacAddr) -> Result<String, StoreError> {
        let path = self.paths.host_log(mac);
        match std::fs::read(&path) {
            Ok(bytes) => Ok(String::from_utf8_lossy(&bytes).into_owned()),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(String::new()),
            Err(error) => Err(StoreError::io("read", &path)(error)),
        }
    }
}
