// SPDX-License-Identifier: GPL-3.0-or-later
//! The installer's own logs of a host's last attempts.

use super::{Journal, read_log_end};
use crate::files::{self, Access, MAX_ROTATING_BYTES};
use crate::store::{StoreError, documents};
use crate::types::MacAddr;
use std::time::SystemTime;

/// How many of a host's attempts keep the installer's own log.
const MAX_INSTALL_LOGS: usize = 5;

impl Journal<'_> {
    /// Writes the installer's own log of an attempt over an earlier one, and removes those of attempts long ago.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn save_install_log(self, mac: MacAddr, attempt: u32, text: &[u8]) -> Result<(), StoreError> {
        let largest = usize::try_from(MAX_ROTATING_BYTES).unwrap_or(usize::MAX);
        // The end is what tells why an installation failed.
        let text = text.get(text.len().saturating_sub(largest)..).unwrap_or(text);
        let path = self.paths.install_log(mac, attempt);
        files::write_atomic(&path, text, Access::Group)?;
        // By their age: a host that was removed and added again counts its attempts from 1.
        let mut others: Vec<(SystemTime, u32)> = self
            .install_logs(mac)?
            .into_iter()
            .filter(|number| *number != attempt)
            .filter_map(|number| {
                // One whose age is not known stays.
                let at = std::fs::symlink_metadata(self.paths.install_log(mac, number)).and_then(|m| m.modified());
                at.ok().map(|at| (at, number))
            })
            .collect();
        others.sort_unstable_by(|a, b| b.cmp(a));
        let mut gone = others.into_iter().skip(MAX_INSTALL_LOGS - 1);
        Ok(gone.try_for_each(|(_, old)| files::remove(&self.paths.install_log(mac, old)))?)
    }

    /// The attempts whose installer's log is kept, in the order of their numbers.
    ///
    /// # Errors
    /// When the folder cannot be read.
    pub fn install_logs(self, mac: MacAddr) -> Result<Vec<u32>, StoreError> {
        let begin = format!("{mac}.install-");
        let number = |name: &str| name.strip_prefix(&begin)?.strip_suffix(".log")?.parse::<u32>().ok();
        let names = documents::list(&self.paths.host_log_dir())?;
        let mut numbers: Vec<u32> = names.iter().filter_map(|name| number(name)).collect();
        numbers.sort_unstable();
        Ok(numbers)
    }

    /// The installer's own log of an attempt; `None` where there is none.
    ///
    /// # Errors
    /// When it cannot be read.
    pub fn install_log(self, mac: MacAddr, attempt: u32) -> Result<Option<String>, StoreError> {
        read_log_end(&self.paths.install_log(mac, attempt))
    }
}
