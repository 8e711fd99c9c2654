// SPDX-License-Identifier: GPL-3.0-or-later
//! The arguments of `cluster-configure import`.

use super::flags::SettingFlags;
use crate::program::{self, Exit};
use std::path::PathBuf;

/// Make this machine the node of an export, or take over a site of the shell release
///
/// A FILE of cluster-configure export is compared with its digests first. Then it is shown what differs from this machine, and the
/// program asks once. Nothing is written before that.
/// A registry that is here is not replaced without --replace. Marks of installed machines are only added.
/// All permissions, windows and tokens of before end, those of this machine too.
/// Of the flags for settings only --interface counts: the interface of the active cluster on this machine.
///
/// DIR is the folder of a cluster of the shell release, of all its clusters, or of its whole configuration. Nothing in it is run or changed.
/// Each value is reported: kept, changed, dropped or refused. What is refused is left out, and the rest is imported.
/// A flag counts more than a value of the site. What the site does not have, such as an ssh key, needs a flag.
/// Every machine boots its disk, in every state, until it is armed.
///
/// The records are written before a service starts. The same command goes on where it was interrupted.
#[derive(Debug, Clone, clap::Args)]
#[command(after_help = program::after_help("\
Examples:
  cluster-configure import site.tar --dry-run
  cluster-configure import /mnt/usb/site.tar.zst.age --identity /root/key.txt --interface eth1
  cluster-configure import /mnt/old/srv/hps-config --ssh-key-file /root/.ssh/id_ed25519.pub --dry-run
  cluster-configure import /mnt/old/srv/hps-config/clusters/site1 --interface eth1 --ssh-key-file /root/.ssh/id_ed25519.pub",
    &[(Exit::Failed, "failed, or something was refused"), (Exit::Usage, "wrong usage; also: --yes or --identity is needed"), (Exit::Refused, "refused: the file is damaged, or this node has other hosts or newer records"), (Exit::Busy, "a port is in use, or a reload is running")]))]
pub(super) struct Import {
    /// The file of an export, or the folder of the shell release
    #[arg(value_name = "FILE|DIR")]
    pub(super) folder: PathBuf,
    /// The key of age or ssh that decrypts the file
    #[arg(long, value_name = "FILE")]
    pub(super) identity: Option<PathBuf>,
    /// Give this node the registry of the file: hosts that only this node has are removed, and newer records replaced
    #[arg(long)]
    pub(super) replace: bool,
    /// Write without the question
    #[arg(long, short = 'y')]
    pub(super) yes: bool,
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
