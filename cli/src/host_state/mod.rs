// SPDX-License-Identifier: GPL-3.0-or-later
//! `host-state`: what this node knows about each host, and the operator's commands.

mod add;
mod address_use;
mod arm;
mod audit;
pub(crate) mod check;
mod complete;
mod completion;
mod console;
mod disarm;
mod discover;
mod discovered;
mod edit_words;
mod edits;
mod effective_permission;
pub(crate) mod elapsed;
mod erase;
mod erase_disks;
mod erase_end;
mod erase_protocol;
pub(crate) mod explain;
mod find;
mod grant;
pub(crate) mod hardware;
pub(crate) mod history;
mod host_word;
mod import;
mod known_host;
mod known_hosts;
mod known_type;
pub(crate) mod list;
mod list_format;
mod loader_cards;
pub(crate) mod log;
mod move_host;
mod node_task;
mod notify;
mod operator;
mod own_name;
mod package_sources;
pub(crate) mod pending;
mod permission_plan;
mod placed;
mod prune;
mod readers;
mod reading;
mod reinstall;
mod replace_machine;
mod replace_nic;
mod retire;
mod rm;
mod services_down;
mod set;
mod shim_reload;
pub(crate) mod show;
mod start;
mod stopped;
mod table;
mod unset;
pub(crate) mod view;
pub(crate) mod waiting;
pub(crate) mod watch;
mod watch_step;
mod window;

pub(crate) use find::{HostArgument, Hosts, completer};
pub(crate) use host_word::HostWord;
pub(crate) use import::{TakenOver, take_over};
pub(crate) use known_host::KnownHost;
pub(crate) use reading::Reading;
pub(crate) use view::describe_stalled;

use crate::program::{self, Exit};
use clap::{Parser, Subcommand};
use hps::store::Store;

/// Show hosts, change their records, and permit installations.
#[derive(Debug, Parser)]
#[command(
    name = "host-state",
    version = program::VERSION,
    after_help = program::after_help(
        "\
Examples:
  host-state list
  host-state arm 52:54:00:12:34:56 --type SCH --reason 'first storage host'
  host-state watch sch-001 --until INSTALLED
  host-state show sch-001 --json

HOST is a MAC, in any spelling, or a host name; where several are taken also a range of names, such as 'sch-[001-040]'.",
        &[]
    )
)]
pub struct Arguments {
    #[command(subcommand)]
    command: Command,
}

/// The text of each is with its arguments, and help shows all of it.
#[derive(Debug, Subcommand)]
enum Command {
    List(list::Arguments),
    Show(show::Arguments),
    Add(add::Arguments),
    Import(import::Arguments),
    Set(set::Arguments),
    Unset(unset::Arguments),
    ReplaceNic(replace_nic::Arguments),
    ReplaceMachine(replace_machine::Arguments),
    Move(move_host::Arguments),
    Retire(retire::Arguments),
    Erase(erase::Arguments),
    Rm(rm::Arguments),
    Arm(arm::Arguments),
    Reinstall(reinstall::Arguments),
    Window(window::Arguments),
    Pending(pending::Arguments),
    Explain(explain::Explain),
    Render(explain::Render),
    Disarm(disarm::Arguments),
    Discover(discover::Arguments),
    Discovered(discovered::Arguments),
    Hardware(hardware::Arguments),
    History(history::Arguments),
    Audit(audit::Arguments),
    Log(log::Arguments),
    Console(console::Arguments),
    SshKnownHosts(known_hosts::Arguments),
    Notify(notify::Arguments),
    Watch(watch::Arguments),
    Check(check::Arguments),
    Completion(completion::Arguments),
}

/// Runs the program.
///
/// # Errors
/// What prevents the run, in one line.
pub fn run(arguments: Arguments) -> anyhow::Result<Exit> {
    if let Command::Completion(arguments) = &arguments.command {
        return completion::run(arguments);
    }
    if is_for_readers(&arguments.command) {
        program::read_as_member(std::env::args_os().skip(1))?;
        return run_command(arguments.command).map_err(program::with_way_to_read);
    }
    run_command(arguments.command)
}

fn run_command(command: Command) -> anyhow::Result<Exit> {
    let store: Store = program::open_store()?;
    // A command that only reads must work on a full disk too.
    if changes(&command) && rustix::process::geteuid().is_root() {
        store.mark_upkeep().make_place_after_upgrade()?;
    }
    match command {
        Command::List(arguments) => list::run(&store, &arguments),
        Command::Show(arguments) => show::run(&store, &arguments),
        Command::Add(arguments) => add::run(&store, &arguments),
        Command::Import(arguments) => import::run(&store, &arguments),
        Command::Set(arguments) => set::run(&store, &arguments),
        Command::Unset(arguments) => unset::run(&store, &arguments),
        Command::ReplaceNic(arguments) => replace_nic::run(&store, &arguments),
        Command::ReplaceMachine(arguments) => replace_machine::run(&store, &arguments),
        Command::Move(arguments) => move_host::run(&store, &arguments),
        Command::Retire(arguments) => retire::run(&store, &arguments),
        Command::Erase(arguments) => erase::run(&store, &arguments),
        Command::Rm(arguments) => rm::run(&store, &arguments),
        Command::Arm(arguments) => arm::run(&store, &arguments),
        Command::Reinstall(arguments) => reinstall::run(&store, &arguments),
        Command::Window(arguments) => window::run(&store, &arguments),
        Command::Pending(arguments) => pending::run(&store, &arguments),
        Command::Explain(arguments) => explain::explain(&store, &arguments),
        Command::Render(arguments) => explain::render(&store, &arguments),
        Command::Disarm(arguments) => disarm::run(&store, &arguments),
        Command::Discover(arguments) => discover::run(&store, &arguments),
        Command::Discovered(arguments) => discovered::run(&store, &arguments),
        Command::Hardware(arguments) => hardware::run(&store, &arguments),
        Command::History(arguments) => history::run(&store, &arguments),
        Command::Audit(arguments) => audit::run(&store, &arguments),
        Command::Log(arguments) => log::run(&store, &arguments),
        Command::Console(arguments) => console::run(&store, &arguments),
        Command::SshKnownHosts(arguments) => known_hosts::run(&store, &arguments),
        Command::Notify(arguments) => notify::run(store, &arguments),
        Command::Watch(arguments) => watch::run(&store, &arguments),
        Command::Check(arguments) => check::run(&store, &arguments),
        Command::Completion(arguments) => completion::run(&arguments),
    }
}

/// Whether it can end or give a permission.
fn changes(command: &Command) -> bool {
    matches!(
        command,
        Command::Add(_)
            | Command::Import(_)
            | Command::Set(_)
            | Command::Unset(_)
            | Command::ReplaceNic(_)
            | Command::ReplaceMachine(_)
            | Command::Move(_)
            | Command::Retire(_)
            | Command::Erase(_)
            | Command::Rm(_)
            | Command::Arm(_)
            | Command::Reinstall(_)
            | Command::Window(_)
            | Command::Disarm(_)
            | Command::Discover(_)
            | Command::Discovered(_)
    )
}

/// Whether [`Reading`] has this command.
fn is_for_readers(command: &Command) -> bool {
    match command {
        Command::List(_)
        | Command::Show(_)
        | Command::Pending(_)
        | Command::Explain(_)
        | Command::History(_)
        | Command::Log(_)
        | Command::SshKnownHosts(_)
        | Command::Watch(_) => true,
        Command::Window(arguments) => arguments.only_lists(),
        Command::Hardware(arguments) => arguments.only_reads(),
        _ => false,
    }
}
