// SPDX-License-Identifier: GPL-3.0-or-later
//! How the site stands, as `hps --json` prints it. The names of the fields are an interface.

use hps::host::HostState;
use serde::Serialize;
use std::collections::BTreeMap;

/// How the site stands.
#[derive(Debug, Serialize)]
pub(super) struct Status {
    pub(super) version: &'static str,
    pub(super) cluster: String,
    pub(super) interface: String,
    /// With its network: `10.0.0.1/24`.
    pub(super) address: String,
    /// What keeps machines from reaching it.
    pub(super) interface_problem: Option<Note>,
    /// What may be meant so: nothing is connected to it.
    pub(super) interface_warning: Option<Note>,
    /// Empty if HPS does not manage the services.
    pub(super) services: Vec<ServiceStatus>,
    /// How many hosts are in each state that occurs.
    pub(super) hosts: BTreeMap<&'static str, usize>,
    pub(super) failed: Vec<HostNote>,
    pub(super) stalled: Vec<HostNote>,
    /// Records that cannot be read.
    pub(super) unreadable: Vec<String>,
    /// Unknown machines that asked for something to boot.
    pub(super) unknown_machines: usize,
    /// Images and trees that are missing or damaged, by host type.
    pub(super) media: Vec<Note>,
    /// Whether anything of this needs a person.
    pub(super) attention: bool,
}

/// A service.
#[derive(Debug, Serialize)]
pub(super) struct ServiceStatus {
    pub(super) name: &'static str,
    pub(super) runs: bool,
}

/// A host that needs a person.
#[derive(Debug, Serialize)]
pub(super) struct HostNote {
    pub(super) host: String,
    pub(super) problem: String,
}

/// What is wrong, and what to do.
#[derive(Debug, Serialize)]
pub(super) struct Note {
    pub(super) problem: String,
    pub(super) advice: String,
}

impl Status {
    /// The number of hosts in a state.
    pub(super) fn count(&mut self, state: HostState) {
        *self.hosts.entry(state.as_str()).or_default() += 1;
    }

    /// Whether anything of it needs a person.
    pub(super) fn needs_attention(&self) -> bool {
        self.interface_problem.is_some()
            || self.services.iter().any(|service| !service.runs)
            || !(self.failed.is_empty()
                && self.stalled.is_empty()
                && self.unreadable.is_empty()
                && self.media.is_empty())
    }
}
