// SPDX-License-Identifier: GPL-3.0-or-later
//! The arguments of `cluster-configure import`.

use super::flags::SettingFlags;
use crate::program::{self, Exit};
use std::path::PathBuf;

/// Take over a site of the shell release
///
/// DIR is the folder of its cluster, of all its clusters, or of its whole configuration. Nothing in it is run or changed.
/// Each value is reported: kept, changed, dropped or refused. What is refused is left out, and the rest is imported.
/// A flag counts more than a value of the site. What the site does not have, such as an ssh key, needs a flag.
/// Every machine boots its disk, in every state, until it is armed.
/// The records are written before a service starts. The same command goes on where it was interrupted.
#[derive(Debug, Clone, clap::Args)]
#[command(after_help = program::after_help("\
Examples:
  cluster-configure import /mnt/old/srv/hps-config --ssh-key-file /root/.ssh/id_ed25519.pub --dry-run
  cluster-configure import /mnt/old/srv/hps-config/clusters/site1 --interface eth1 --ssh-key-file /root/.ssh/id_ed25519.pub",
    &[(Exit::Failed, "failed, or something was refused"), (Exit::Busy, "a port is in use, or a reload is running")]))]
pub(super) struct Import {
    /// The folder
    #[arg(value_name = "DIR")]
    pub(super) folder: PathBuf,
    #[command(flatten)]
    pub(super) settings: SettingFlags,
    /// Make this cluster the active one, instead of another
    #[arg(long)]
    pub(super) activate: bool,
    /// Write the files and records, and start no service
    #[arg(long)]
    pub(super) no_reload: bool,
    /// Show what would be imported, and change nothing
    #[arg(long)]
    pub(super) dry_run: bool,
    /// Answer in JSON: what became of each value
    #[arg(long)]
    pub(super) json: bool,
}
