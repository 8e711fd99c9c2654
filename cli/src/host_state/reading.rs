// SPDX-License-Identifier: GPL-3.0-or-later
//! The commands that the members of the group of readers may run (decision 146). `check`, `render` and `audit` are not
//! among them: they read what only root may read, or print secrets and settings.

use super::{complete, explain, hardware, history, known_hosts, list, log, pending, show, watch, window};
use crate::program::{self, Ended, Exit};
use clap::Subcommand;
use hps::store::Store;

/// A command that only reads, as `hps-read` has it.
#[derive(Debug, Subcommand)]
pub(crate) enum Reading {
    List(list::Arguments),
    Show(show::Arguments),
    Window(Window),
    Pending(pending::Arguments),
    Explain(explain::Explain),
    Hardware(hardware::Arguments),
    History(history::Arguments),
    Log(log::Arguments),
    SshKnownHosts(known_hosts::Arguments),
    Watch(watch::Arguments),
    /// Print the names of hosts, for a shell that completes words
    #[command(hide = true)]
    Names,
}

/// List the times in which machines may be installed without being named.
#[derive(Debug, clap::Args)]
pub(crate) struct Window {
    #[command(subcommand)]
    command: WindowCommand,
}

#[derive(Debug, Subcommand)]
enum WindowCommand {
    /// List windows
    List {
        /// Answer in JSON
        #[arg(long)]
        json: bool,
    },
}

impl Reading {
    /// Runs it.
    ///
    /// # Errors
    /// What prevents the run, in one line.
    pub(crate) fn run(self) -> anyhow::Result<Exit> {
        if let Self::Show(arguments) = &self {
            arguments.refuse_file()?;
        }
        let store: Store = program::open_store()?;
        match self {
            Self::List(arguments) => list::run(&store, &arguments),
            Self::Show(arguments) => show::run(&store, &arguments),
            Self::Window(Window { command: WindowCommand::List { json } }) => window::list(&store, json),
            Self::Pending(arguments) => pending::run(&store, &arguments),
            Self::Explain(arguments) => explain::explain(&store, &arguments),
            // This program writes nothing, whoever starts it.
            Self::Hardware(arguments) if !arguments.only_reads() => {
                Err(Ended::error(Exit::Refused, "only root accepts changes: host-state hardware HOST --accept"))
            }
            Self::Hardware(arguments) => hardware::run(&store, &arguments),
            Self::History(arguments) => history::run(&store, &arguments),
            Self::Log(arguments) => log::run(&store, &arguments),
            Self::SshKnownHosts(arguments) => known_hosts::run(&store, &arguments),
            Self::Watch(arguments) => watch::run(&store, &arguments),
            Self::Names => {
                complete::labels(&store).iter().try_for_each(program::print)?;
                Ok(Exit::Done)
            }
        }
    }
}
