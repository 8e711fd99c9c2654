// SPDX-License-Identifier: GPL-3.0-or-later
//! The arguments of `cluster-configure`.

use super::commands::Command;
use super::flags::SettingFlags;
use crate::program::{self, Exit};
use clap::{Parser, ValueEnum};
use hps::config::ServiceManagerSetting;
use std::path::PathBuf;

/// Configure a cluster: write its file, make it active, and start the services.
///
/// On a terminal the program asks for the values that no flag gives, shows a summary, and asks once whether to write.
/// Enter takes the value in brackets, ? explains a question, and < goes back to the one before.
/// Until the last answer nothing is written. Ctrl-C and the end of the input leave everything as it is, with exit code 1.
/// Without a terminal it asks nothing and uses its defaults; a missing value without a default is an error.
/// --answers reads the same answers from standard input, and --from reads them from a file.
/// If the cluster exists, it keeps every value that no flag and no answer changes.
/// Its file keeps its comments, order and layout.
///
/// Before dnsmasq is started, the program looks for other DHCP servers on the interface, for up to 5 seconds.
/// If the mode of --dhcp does not permit what it finds, nothing is changed.
/// On a terminal it asks for the mode.
///
/// If hosts have addresses that the new networks do not have, the program shows the new address of each host.
/// A host keeps its number in the network where it fits, otherwise it gets the next free address.
/// All records change together.
/// On a terminal the program asks first, and without one it needs --renumber.
#[derive(Debug, Parser)]
#[command(
    name = "cluster-configure",
    version = program::VERSION,
    args_conflicts_with_subcommands = true,
    after_help = program::after_help(
        "\
Examples:
  cluster-configure                          ask everything
  cluster-configure --name site --interface eth1 --address 10.0.0.1/24 --ssh-key-file /root/.ssh/id_ed25519.pub
  cluster-configure --name site --dry-run    ask, and show what would be written
  cluster-configure --from site.cluster      take a whole cluster file
  cluster-configure --from site.cluster --name site2 --interface eth2 --address 10.9.0.1/24 --no-activate
      prepare another cluster with the same settings, and serve it later
  cluster-configure --from answers.toml      take the answers of a file
  cluster-configure --answers - < answers    take a line for each question, and yes as the last one
  cluster-configure --name site --enrolment armed --dry-run
  cluster-configure --address 10.30.0.1/24 --renumber --dry-run
      shows the new address of each host
  cluster-configure --name other --activate  serve another cluster from now on
  cluster-configure list                     the clusters of this node; also: show, select, rename, remove, edit

A missing hps.conf is written.",
        &[
            (Exit::Failed, "failed, or a problem was reported"),
            (Exit::Usage, "wrong usage, or a value is missing"),
            (Exit::Refused, "refused; also: another DHCP server answers"),
            (Exit::Busy, "a port is in use, or a reload is running"),
        ]
    )
)]
pub struct Arguments {
    #[command(subcommand)]
    pub(super) command: Option<Command>,
    /// Put everything below this folder instead of / (a lab)
    #[arg(long, value_name = "DIR", global = true)]
    pub(super) base: Option<PathBuf>,
    /// Use this cluster file, and ask nothing; or a TOML file of answers, and ask the other questions
    #[arg(long, value_name = "FILE")]
    pub(super) from: Option<PathBuf>,
    /// Read the answers from standard input: one line for each question, and yes as the last line
    #[arg(long, value_name = "-", value_parser = ["-"])]
    pub(super) answers: Option<String>,
    /// Write without the last question
    #[arg(long, short = 'y')]
    pub(super) yes: bool,
    #[command(flatten)]
    pub(super) settings: SettingFlags,
    /// The service manager
    #[arg(long)]
    pub(super) services: Option<Services>,
    /// Give hosts whose network is replaced an address of the new one
    #[arg(long)]
    pub(super) renumber: bool,
    /// Make this cluster the active one, instead of another
    #[arg(long)]
    pub(super) activate: bool,
    /// Only prepare the cluster: write its file, and leave the active cluster and the services
    #[arg(long, conflicts_with = "activate")]
    pub(super) no_activate: bool,
    /// Write the files, and start no service
    #[arg(long)]
    pub(super) no_reload: bool,
    /// Show what would change, and change nothing
    #[arg(long)]
    pub(super) dry_run: bool,
}

impl Arguments {
    /// Only settings, and nothing to ask.
    pub(super) fn from_settings(settings: SettingFlags) -> Self {
        Self {
            command: None,
            base: None,
            from: None,
            answers: None,
            yes: true,
            settings,
            services: None,
            renumber: false,
            activate: false,
            no_activate: false,
            no_reload: false,
            dry_run: false,
        }
    }
}

/// The service manager.
#[derive(Debug, Clone, Copy, ValueEnum)]
pub(super) enum Services {
    Auto,
    Systemd,
    Supervisord,
    Plain,
    None,
}

impl From<Services> for ServiceManagerSetting {
    fn from(services: Services) -> Self {
        match services {
            Services::Auto => Self::Auto,
            Services::Systemd => Self::Systemd,
            Services::Supervisord => Self::Supervisord,
            Services::Plain => Self::Plain,
            Services::None => Self::None,
        }
    }
}
