// SPDX-License-Identifier: GPL-3.0-or-later
//! A task of the node environment in the boot decision: whether it may begin now, and what the machine starts for it.

use super::Fetched;
use super::identity::Identity;
use crate::host::{Host, HostState, TaskRequest, TaskSource};
use crate::types::{Timestamp, one_line};
use std::error::Error;

/// What the decision knows of a task.
#[derive(Debug, Clone, Copy)]
pub struct TaskFacts<'a> {
    /// The request.
    pub request: &'a TaskRequest,
    /// Why it counts no more: it began, or it was cancelled.
    pub ended: Option<&'a str>,
    /// Kernel and initrd of the node environment, or why there is none for this machine.
    pub node: Result<&'a (Fetched, Fetched), &'a (dyn Error + 'static)>,
}

/// A task that begins when the machine has started the node environment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Task {
    /// The request.
    pub request: TaskRequest,
    /// The kernel of the node environment.
    pub kernel: Fetched,
    /// Its initrd.
    pub initrd: Fetched,
}

impl TaskFacts<'_> {
    /// Why it does not begin now; `None` if it does.
    pub(super) fn objection(
        &self,
        was_installed: bool,
        host: Option<&Host>,
        is_permitted: bool,
        identity: Identity,
        now: Timestamp,
    ) -> Option<String> {
        let state = host.map(Host::state);
        if let Some(why) = self.ended {
            return Some(why.to_owned());
        }
        if !self.request.is_current(now) {
            return Some(format!("it expired at {}", self.request.expires));
        }
        if state == Some(HostState::Installing) {
            return Some("the installation that runs goes on first".to_owned());
        }
        if self.request.source != TaskSource::Operator {
            if was_installed || state.is_some_and(|state| state != HostState::Unconfigured) {
                return Some("it is for unknown machines".to_owned());
            }
            if is_permitted {
                return Some("the installation of this machine is permitted, and that comes first".to_owned());
            }
        }
        match identity {
            Identity::Proven(_) => {}
            Identity::Foreign(mac) => return Some(format!("this request comes from the address of {mac}")),
            Identity::Unknown => return Some("nothing proves that this request comes from this machine".to_owned()),
        }
        self.node.err().map(one_line)
    }

    /// What the machine starts.
    pub(super) fn begin(&self) -> Option<Task> {
        let (kernel, initrd) = self.node.ok()?;
        Some(Task { request: self.request.clone(), kernel: kernel.clone(), initrd: initrd.clone() })
    }
}
