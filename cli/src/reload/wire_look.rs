// SPDX-License-Identifier: GPL-3.0-or-later
//! Whether dnsmasq may start: the DHCP mode of the cluster and the other servers of its network must agree.
//!
//! A look takes up to 5 seconds, so `reload` looks only if it would start or restart dnsmasq, or change its
//! configuration.

use super::plan::Plan;
use super::running_services::RunningServices;
use crate::other_dhcp::{Heard, listen};
use crate::program::{self, Ended, Exit};
use hps::exec::services::Service;
use hps::store::Store;
use hps::wire::disagreements;
use std::path::PathBuf;

/// What was heard, as lines.
#[derive(Debug, Default)]
pub struct WireLook {
    /// Problems that do not stop a start.
    problems: Vec<String>,
    /// For people.
    notes: Vec<String>,
}

impl WireLook {
    /// Hands the lines to a plan, which reports them.
    pub(super) fn add_to(self, plan: &mut Plan) {
        self.problems.into_iter().for_each(|line| plan.add_warning(line));
        self.notes.into_iter().for_each(|line| plan.add_note(line));
    }

    /// Prints the lines: the problems, and the notes for a person.
    pub fn print(&self, program: &str) {
        self.problems.iter().for_each(|line| program::eprint(format_args!("{program}: {line}")));
        self.notes.iter().for_each(|line| program::eprint_progress(program, format_args!("note: {line}")));
    }
}

/// Looks, if dnsmasq would be started or configured anew. `changed` are the files that would change.
///
/// # Errors
/// [`Exit::Refused`], with a line for each server that forbids the start.
pub(super) fn look(before: &RunningServices<'_>, store: &Store, changed: &[String]) -> anyhow::Result<WireLook> {
    let mut look = WireLook::default();
    let starts = before.to_start(changed).contains(&Service::Dnsmasq);
    if !starts && !changed.iter().any(|file| before.reads(Service::Dnsmasq, &PathBuf::from(file))) {
        return Ok(look);
    }
    let network = &store.cluster.network;
    let runs = before.running().contains(&Service::Dnsmasq);
    let others = match listen("reload", &network.interface, runs) {
        Ok(Heard::Servers(others)) => others,
        Ok(Heard::Nothing(why) | Heard::Unconnected(why)) => {
            look.notes.push(why);
            return Ok(look);
        }
        // It proves nothing, and a start must not depend on it.
        Err(error) => {
            look.problems.push(format!("{error:#}"));
            return Ok(look);
        }
    };
    let (refusals, others): (Vec<_>, Vec<_>) =
        disagreements(network, &others).into_iter().partition(hps::wire::Disagreement::is_refusal);
    let interface = &network.interface;
    let lines =
        refusals.iter().map(|why| format!("{interface}: {why}; nothing was started; {}", why.advice())).collect();
    look.problems.extend(others.iter().map(|why| format!("{interface}: {why}; {}", why.advice())));
    Ended::errors(Exit::Refused, lines).map_or(Ok(look), Err)
}
