// SPDX-License-Identifier: GPL-3.0-or-later
//! `hps-read`: what the members of the group of readers may start by sudo, as the web server's user.
//!
//! The rule of sudo permits any argument, so this program must be harmless with all of them:
//!
//! - It has no command that writes, starts a program that a caller chooses, or waits for a lock.
//! - It reads the configuration of this node alone, never one that its caller names.
//! - It opens no file that its caller names: that user may read secrets, and a message about a bad line would quote it.
//! - It prints no answer file, no boot script and no line of a file of settings, which can have secrets.

use crate::front;
use crate::host_state::Reading;
use crate::program::{self, Ended, Exit};
use clap::{Parser, Subcommand};

/// Read what HPS knows of hosts, for members of the group hps-read.
///
/// host-state and hps start it by sudo when a member runs one of these commands; nobody needs to type it.
#[derive(Debug, Parser)]
#[command(name = "hps-read", version = program::VERSION)]
pub struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    #[command(flatten)]
    Reading(Reading),
    /// Show how the site stands, as hps does
    Status {
        /// Answer in JSON
        #[arg(long)]
        json: bool,
    },
}

/// Runs the program.
///
/// # Errors
/// What prevents the run, in one line.
pub fn run(arguments: Arguments) -> anyhow::Result<Exit> {
    // sudo removes it; a rule that keeps variables must not let a member choose the files.
    if std::env::var_os("HPS_CONFIG").is_some() {
        let line = "HPS_CONFIG is set, and readers see only the configuration of this node; unset it";
        return Err(Ended::error(Exit::Refused, line));
    }
    match arguments.command {
        Command::Reading(reading) => reading.run(),
        Command::Status { json } => front::show(json),
    }
}
