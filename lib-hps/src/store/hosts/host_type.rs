// SPDX-License-Identifier: GPL-3.0-or-later
//! Records whose type neither HPS nor the cluster file has are not accepted: HPS does not know what such a host is. The
//! others do not notice.

use super::Hosts;
use crate::host::Host;
use crate::store::StoreError;
use crate::store::records::{Document, Key};

impl Hosts<'_> {
    /// The same record, if its type is known.
    pub(super) fn of_known_type(self, found: Option<(Host, Document)>) -> Result<Option<(Host, Document)>, StoreError> {
        if let Some((host, document)) = &found {
            self.check_type(host, document)?;
        }
        Ok(found)
    }

    pub(super) fn check_type(self, host: &Host, document: &Document) -> Result<(), StoreError> {
        let Some(host_type) = host.host_type else { return Ok(()) };
        self.parts.cluster.check_type(host_type).map_err(|unknown| {
            let line = 1 + document.text.lines().take_while(|line| !line.starts_with("type")).count();
            let path = self.parts.records.locate(&Key::host(host.mac()));
            StoreError::content(&path, format!("line {line}: type {unknown}"))
        })
    }
}

#[cfg(test)]
#[path = "host_type_tests.rs"]
mod tests;
