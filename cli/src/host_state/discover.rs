// SPDX-License-Identifier: GPL-3.0-or-later
//! `host-state discover`: machines look at themselves, and report what they are made of.

use super::find::Hosts;
use super::node_task::{TaskTerms, ask_or_cancel};
use crate::program::Exit;
use hps::host::NodeTask;
use hps::store::Store;

/// Ask machines to look at their hardware and report it, once, at their next start from the network.
///
/// The machine starts the node environment, which writes on no disk, mounts nothing and assembles no array.
/// Then it restarts, and does what it would have done without the request.
/// A machine that restarts before its report is not asked again by itself.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  host-state discover sch-001
  host-state discover 'sch-[001-040]' --then off --reason 'stock-taking'
  host-state discover sch-001 --cancel
  host-state hardware sch-001")]
pub(crate) struct Arguments {
    #[command(flatten)]
    hosts: Hosts,
    #[command(flatten)]
    terms: TaskTerms,
}

pub(super) fn run(store: &Store, arguments: &Arguments) -> anyhow::Result<Exit> {
    let macs = arguments.hosts.macs(store)?;
    ask_or_cancel(store, &macs, |_| NodeTask::Discover, &arguments.terms)
}
