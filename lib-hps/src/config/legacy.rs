// SPDX-License-Identifier: GPL-3.0-or-later
//! Which commands of the shell release a cluster still answers; each has a setting of its own.
//!
//! Each of them trusts the MAC of the query: any machine on the LAN can use them for every host. None can give a
//! permission, and none can remove the system of an installed host.

use serde::Deserialize;

/// The `[legacy]` table. All of them are off.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Legacy {
    /// `kickstart`: the answer file of a host that has a live permission, without its ticket.
    pub kickstart: bool,
    /// `config_host`: a host that was never installed is given a type.
    pub config_host: bool,
    /// `set_status`: a state is set by request.
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
    /// Each command with its setting, and the risk of switching it on.
    pub fn settings(&self) -> [(&'static str, bool, &'static str); 7] {
        [
            (
                "kickstart",
                self.kickstart,
                "any machine on the LAN gets the answer file of an armed host, with its token",
            ),
            (
                "config_host",
                self.config_host,
                "any machine on the LAN can give a type to a host that was never installed",
            ),
            (
                "set_status",
                self.set_status,
                "any machine on the LAN can end an installation or a permission, or mark a host as installed",
            ),
            ("determine_state", self.determine_state, "any machine on the LAN sees the state of every host"),
            ("host_get_config", self.host_get_config, "any machine on the LAN sees the record of every host"),
            (
                "set_host_name_value",
                self.set_host_name_value,
                "any machine on the LAN can change values of hosts that were never installed",
            ),
            ("log_message", self.log_message, "any machine on the LAN can write to the log of every host"),
        ]
    }

    /// Whether a command of the shell release is answered; `None` if it is not one of them.
    pub fn allows(&self, command: &str) -> Option<bool> {
        self.settings().into_iter().find(|(name, ..)| *name == command).map(|(_, on, _)| on)
    }
}
