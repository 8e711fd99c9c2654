// SPDX-License-Identifier: GPL-3.0-or-later
//! The `[time]` section of a cluster file: whether this node is the time server of the site.

use super::setting_error::SettingErrors;
use crate::types::DomainName;
use serde::Deserialize;

/// Settings of the clock.
#[derive(Debug, Clone, PartialEq, Eq, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct TimeSettings {
    /// Whether this node answers NTP (RFC 5905) of the cluster's network, by chronyd.
    pub server: bool,
    /// The time servers of this node itself, names or addresses. Without one its own clock counts.
    pub upstream: Vec<DomainName>,
}

impl TimeSettings {
    /// Its contradictions.
    pub(super) fn check(&self, found: &mut SettingErrors) {
        if !self.server && !self.upstream.is_empty() {
            let problem = "time.upstream has time servers, but time.server is false: set it to true, or remove them";
            found.add(&["time.upstream", "time.server"], problem.to_owned());
        }
    }
}
