// SPDX-License-Identifier: GPL-3.0-or-later
//! The arguments of `cluster-configure rehearse`.

use crate::program::{self, Exit};
use std::path::PathBuf;

/// Rehearse the loss of this node: would another machine replace it today?
///
/// The site is imported in namespaces of its own (network, mounts, processes), in memory, and its services are started there.
/// Every machine that was ever installed must boot its disk, and no known host may get an installer.
/// The first hosts also ask for their addresses by DHCP.
/// Media are compared with their digests, and missing ones are named.
/// Nothing of this machine or of its network is changed, and nothing stays.
///
/// SOURCE is a file of cluster-configure export, or a copy of site-copy on a disaster recovery host. Without it, this node is
/// exported and imported.
/// It prints nothing if all is well and nobody watches. Each problem is a line with what to do.
#[derive(Debug, Clone, clap::Args)]
#[command(after_help = program::after_help("\
Examples:
  cluster-configure rehearse                         this node
  cluster-configure rehearse /mnt/usb/site.tar.age --identity /root/key.txt
  cluster-configure rehearse /srv/hps-copy/current   on a disaster recovery host
  23 4 1 * * root /usr/sbin/cluster-configure rehearse
                                                     every month, as a line of /etc/cron.d/hps-rehearse",
    &[(Exit::Done, "it works"), (Exit::Failed, "it would not work, or could not be rehearsed")]))]
pub(crate) struct Rehearse {
    /// A file of export, or the folder of a copy [default: this node]
    #[arg(value_name = "SOURCE")]
    pub(super) source: Option<PathBuf>,
    /// The key of age or ssh that decrypts the file
    #[arg(long, value_name = "FILE")]
    pub(super) identity: Option<PathBuf>,
    /// How many hosts ask for their addresses by DHCP too; it takes about a second for each
    #[arg(long, value_name = "N", default_value_t = 10)]
    pub(super) sample: usize,
    /// Do not compare media with their digests
    #[arg(long)]
    pub(super) no_media: bool,
    /// Answer in JSON
    #[arg(long)]
    pub(super) json: bool,
    /// The program itself gives it to the part that runs in the namespaces
    #[arg(long, value_name = "DIR", hide = true)]
    pub(super) inside: Option<PathBuf>,
}
