// SPDX-License-Identifier: GPL-3.0-or-later
//! The commands for clusters that exist.

use super::import_arguments::Import;
use crate::program::{self, Exit};
use crate::site_file::{Export, Rehearse};
use clap::Subcommand;
use hps::types::ClusterName;

#[derive(Debug, Clone, Subcommand)]
pub(super) enum Command {
    /// List the clusters of this node
    ///
    /// A cluster whose file cannot be read is listed too, and the exit code is 1.
    #[command(after_help = program::after_help("\
Examples:
  cluster-configure list
  cluster-configure list --json | jq -r '.[] | select(.active) | .name'", &[(Exit::Failed, "failed, or a cluster cannot be read")]))]
    List {
        /// Answer in JSON
        #[arg(long)]
        json: bool,
    },
    /// Show the settings of a cluster
    #[command(after_help = program::after_help("\
Examples:
  cluster-configure show                     the active cluster
  cluster-configure show site2 --json", &[]))]
    Show {
        /// The cluster [default: the active one]
        name: Option<ClusterName>,
        /// Answer in JSON: the whole file, with the number of hosts
        #[arg(long)]
        json: bool,
    },
    /// Make another cluster the active one, and serve it
    ///
    /// Everything is checked first. If the services do not start with it, the former cluster is served again.
    #[command(after_help = program::after_help("\
Examples:
  cluster-configure select site2 --dry-run
  cluster-configure select site2", &[(Exit::Busy, "a port is in use, or a reload is running")]))]
    Select {
        /// The cluster
        name: ClusterName,
        /// Make it active, and leave the services
        #[arg(long)]
        no_reload: bool,
        /// Show what would change, and change nothing
        #[arg(long)]
        dry_run: bool,
    },
    /// Rename a cluster
    ///
    /// Its hosts, permissions and histories go with it. The domain of hosts stays.
    /// If it is the active cluster, the services are reloaded.
    /// It is refused while a host is INSTALLING, since an installer knows the name.
    /// If it is interrupted, the same command completes it.
    #[command(after_help = program::after_help("\
Examples:
  cluster-configure rename site1 zurich --dry-run
  cluster-configure rename site1 zurich", &[(Exit::Busy, "a reload is running")]))]
    Rename {
        /// The cluster
        from: ClusterName,
        /// Its new name
        to: ClusterName,
        /// Leave the services; the next reload serves the new name
        #[arg(long)]
        no_reload: bool,
        /// Show what would change, and change nothing
        #[arg(long)]
        dry_run: bool,
    },
    /// Remove a cluster that is not active
    ///
    /// Its file, records, permissions and histories are deleted. That a machine was ever installed stays known.
    #[command(after_help = program::after_help("\
Examples:
  cluster-configure remove site2 --dry-run
  cluster-configure remove site2 --with-hosts 12", &[(Exit::Refused, "refused; also: it is active, or it has hosts")]))]
    Remove {
        /// The cluster
        name: ClusterName,
        /// Remove its hosts too; their number must be right
        #[arg(long, value_name = "COUNT")]
        with_hosts: Option<usize>,
        /// Show what would be removed, and remove nothing
        #[arg(long)]
        dry_run: bool,
    },
    Import(Box<Import>),
    Export(Export),
    Rehearse(Rehearse),
    /// Edit a cluster file, and save it only without mistakes
    ///
    /// A copy is opened in the editor of $VISUAL or $EDITOR, otherwise in Debian's editor.
    /// All mistakes are shown, and the copy can be edited again or dropped.
    /// The former file is kept as NAME.cluster.bak. Then run reload.
    #[command(after_help = program::after_help("\
Examples:
  cluster-configure edit
  cluster-configure edit site2 --dry-run     show the change, and do not save it
  EDITOR=/usr/bin/vim cluster-configure edit", &[(Exit::Failed, "failed, or there are mistakes; nothing was saved"), (Exit::Busy, "somebody else edits it, or a reload is running")]))]
    Edit {
        /// The cluster [default: the active one]
        name: Option<ClusterName>,
        /// Show the change, and do not save it
        #[arg(long)]
        dry_run: bool,
    },
}

impl Command {
    /// Whether it only reads.
    pub(super) fn only_reads(&self) -> bool {
        match self {
            Self::List { .. } | Self::Show { .. } => true,
            Self::Select { dry_run, .. } | Self::Rename { dry_run, .. } | Self::Remove { dry_run, .. } => *dry_run,
            Self::Import(import) => import.dry_run,
            // It reads keys that only root may read.
            Self::Edit { .. } | Self::Export(_) | Self::Rehearse(_) => false,
        }
    }
}
