// SPDX-License-Identifier: GPL-3.0-or-later
//! Which commands of the shell release a cluster still answers, each by its own setting.
//!
//! Each of them believes a MAC in the query: whoever is on the LAN can use them for every host. None can give a permission,
//! and none can take a system off a host that was installed.

use serde::Deserialize;

/// The `[legacy]` table. All of them are off.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Legacy {
    /// `kickstart`: the answer file of a host that has a live permission, without its ticket.
    pub kickstart: bool,
    /// `config_host`: a host that was never installed is given a type.
    pub config_host: bool,
    /// `set_status`: a state is set.
    pub set_status: bool,
    /// `determine_state`: the state is told.
    pub determine_state: bool,
    /// `host_get_config`: the record is told.
    pub host_get_config: bool,
    /// `set_host_name_value`: a value of the record is set.
    pub set_host_name_value: bool,
    /// `log_message`: a line is put into the host's log.
    pub log_message: bool,
}

impl Legacy {
    /// Each command with its setting, and what it costs to switch it on.
    pub fn settings(&self) -> [(&'static str, bool, &'static str); 7] {
        [
            ("kickstart", self.kickstart, "anybody on the LAN gets the answer file of an armed host, with its token"),
            ("config_host", self.config_host, "anybody on the LAN gives a type to a host that was never installed"),
            (
                "set_status",
                self.set_status,
                "anybody on the LAN ends an installation or a permission, or calls a host installed",
            ),
            ("determine_state", self.determine_state, "anybody on the LAN sees the state of every host"),
            ("host_get_config", self.host_get_config, "anybody on the LAN sees the record of every host"),
            (
                "set_host_name_value",
                self.set_host_name_value,
                "anybody on the LAN changes values of hosts never installed",
            ),
            ("log_message", self.log_message, "anybody on the LAN writes into the log of every host"),
        ]
    }

    /// Whether a command of the shell release is answered; `None` where it is none.
    pub fn allows(&self, command: &str) -> Option<bool> {
        self.settings().into_iter().find(|(name, ..)| *name == command).map(|(_, on, _)| on)
    }
}
