// SPDX-License-Identifier: GPL-3.0-or-later
//! How the site stands, as `hps --json` prints it. The names of the fields are an interface.

use hps::host::HostState;
use serde::Serialize;
use std::collections::BTreeMap;

/// How the site stands.
#[derive(Debug, Serialize)]
pub(crate) struct Status {
    pub(crate) version: &'static str,
    pub(crate) cluster: String,
    pub(crate) interface: String,
    /// With its network: `10.0.0.1/24`.
    pub(crate) address: String,
    /// What keeps machines from reaching it.
    pub(crate) interface_problem: Option<Note>,
    /// What may be meant so: nothing is connected to it.
    pub(crate) interface_warning: Option<Note>,
    /// Empty if HPS does not manage the services.
    pub(crate) services: Vec<ServiceStatus>,
    /// How many hosts are in each state that occurs.
    pub(crate) hosts: BTreeMap<&'static str, usize>,
    pub(crate) failed: Vec<HostNote>,
    pub(crate) stalled: Vec<HostNote>,
    /// Records that cannot be read.
    pub(crate) unreadable: Vec<String>,
    /// Unknown machines that asked for something to boot.
    pub(crate) unknown_machines: usize,
    /// Images and trees that are missing or damaged, by host type.
    pub(crate) media: Vec<Note>,
    /// Whether anything of this needs a person.
    pub(crate) attention: bool,
}

/// A service.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct ServiceStatus {
    pub(crate) name: &'static str,
    pub(crate) runs: bool,
}

/// A host that needs a person.
#[derive(Debug, Serialize)]
pub(crate) struct HostNote {
    pub(crate) host: String,
    pub(crate) problem: String,
}

/// What is wrong, and what to do.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Note {
    pub(crate) problem: String,
    pub(crate) advice: String,
}

impl Status {
    /// The number of hosts in a state.
    pub(crate) fn count(&mut self, state: HostState) {
        *self.hosts.entry(state.as_str()).or_default() += 1;
    }

    /// The same, and whether anything of it needs a person.
    pub(crate) fn judged(mut self) -> Self {
        self.attention = self.needs_attention();
        self
    }

    fn needs_attention(&self) -> bool {
        self.interface_problem.is_some()
            || self.services.iter().any(|service| !service.runs)
            || !(self.failed.is_empty()
                && self.stalled.is_empty()
                && self.unreadable.is_empty()
                && self.media.is_empty())
    }
}
