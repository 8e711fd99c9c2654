// SPDX-License-Identifier: GPL-3.0-or-later
//! Whether this run makes another cluster active, and whether it may.

use crate::program::{self, Ended, Exit};
use hps::config::HpsConf;
use hps::store::active_name;
use hps::types::ClusterName;
/// Whether another cluster stops being the active one.
pub(super) struct Switch {
    before: Option<ClusterName>,
    after: ClusterName,
}

impl Switch {
    pub(super) fn new(conf: &HpsConf, after: &ClusterName) -> anyhow::Result<Self> {
        Ok(Self { before: active_name(conf)?.filter(|before| before != after), after: after.clone() })
    }

    /// For a run that leaves the active cluster.
    pub(super) fn stays(name: &ClusterName) -> Self {
        Self { before: None, after: name.clone() }
    }

    /// The cluster that stops being the active one.
    pub(super) fn before(&self) -> Option<&ClusterName> {
        self.before.as_ref()
    }

    /// Whether the active cluster changes.
    pub(super) fn is_needed(&self) -> bool {
        self.before.is_some()
    }

    pub(super) fn describe(&self, is: &str, is_no_more: &str) -> Option<String> {
        self.before.as_ref().map(|before| format!("{before} {is_no_more}; {} {is}", self.after))
    }

    /// Asks on a terminal, and is refused otherwise: all machines of the other cluster would get no answers.
    pub(super) fn may_be(&self, ask: bool) -> anyhow::Result<()> {
        let Some(before) = &self.before else { return Ok(()) };
        if program::can_ask()
            && (!ask || program::confirm(&format!("{before} is active now; serve {} instead", self.after))?)
        {
            return Ok(());
        }
        let line = format!("{before} is the active cluster; to serve {} instead, give --activate", self.after);
        Err(Ended::error(Exit::Refused, line))
    }
}
