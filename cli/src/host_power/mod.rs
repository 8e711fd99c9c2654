// SPDX-License-Identifier: GPL-3.0-or-later
//! `host-power`: switches hosts on and off, and lets them boot from the network once.

mod address;
mod credentials;
mod record;
mod set;
mod show;
mod switch;
mod unset;

use crate::program::{self, Exit};
use clap::{Parser, Subcommand};
use hps::store::Store;

/// Switch hosts on and off, and let them boot from the network once.
///
/// HPS switches a host by Redfish, IPMI, wake-on-LAN or a program of the site.
/// host-power set stores which of them, host-power credentials set the user and the password of a BMC.
/// Each change is in the history of the host, with the person who made it.
#[derive(Debug, Parser)]
#[command(
    name = "host-power",
    version = program::VERSION,
    after_help = program::after_help(
        "\
Examples:
  host-power credentials set rack7
  host-power set sch-001 redfish://10.0.9.7 --credentials rack7
  host-power status 'sch-[001-040]'
  host-power boot-once sch-001 --now
HOST is a MAC, in any spelling, a host name or an address; where several are taken also a range of names, such as 'sch-[001-040]'.",
        &[
            (Exit::Failed, "a host was not switched; each has its line"),
            (Exit::Refused, "refused: a certificate was not accepted, or only root may do this"),
            (Exit::NotFound, "a host or credentials are not known"),
        ]
    )
)]
pub struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    Status(switch::Status),
    On(switch::On),
    Off(switch::Off),
    Cycle(switch::Cycle),
    BootOnce(switch::BootOnce),
    Set(set::Arguments),
    Unset(unset::Arguments),
    Show(show::Arguments),
    Credentials(credentials::Arguments),
    Record(record::Arguments),
}

/// Runs the program.
///
/// # Errors
/// What prevents the run, in one line.
pub fn run(arguments: Arguments) -> anyhow::Result<Exit> {
    program::need_root()?;
    let store: Store = program::open_store()?;
    let stop = program::interrupted()?;
    match arguments.command {
        Command::Status(arguments) => switch::status(&store, &arguments, stop),
        Command::On(arguments) => switch::on(&store, &arguments, stop),
        Command::Off(arguments) => switch::off(&store, &arguments, stop),
        Command::Cycle(arguments) => switch::cycle(&store, &arguments, stop),
        Command::BootOnce(arguments) => switch::boot_once(&store, &arguments, stop),
        Command::Set(arguments) => set::run(&store, &arguments, stop),
        Command::Unset(arguments) => unset::run(&store, &arguments),
        Command::Show(arguments) => show::run(&store, &arguments),
        Command::Record(_) => record::run(store, &stop),
        Command::Credentials(arguments) => credentials::run(&store, &arguments, &stop),
    }
}
