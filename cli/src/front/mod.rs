// SPDX-License-Identifier: GPL-3.0-or-later
//! `hps`: the front command. Alone it shows how the site stands; with the name of a program it runs that program from
//! its own folder.

pub(crate) mod gather;
mod lines;
mod start_program;
pub(crate) mod status;

use crate::program::{self, Ended, Exit, Shell, completion_script};
use crate::programs::PROGRAMS;
use clap::{CommandFactory as _, Parser, Subcommand};
use std::ffi::OsString;
use std::io::Write as _;

/// Show how the site stands, or run a program of HPS.
///
/// Without a program hps shows the active cluster, its interface and address, the services, the hosts by state,
/// what failed or is stalled, and which images and trees are missing.
/// Each line that needs attention ends with the command that helps; the exit code is then 1.
/// self-test and host-state check look closer.
///
/// hps PROGRAM is the same as PROGRAM, which is in the folder of hps.
#[derive(Debug, Parser)]
#[command(
    name = "hps",
    version = program::VERSION,
    override_usage = "hps [OPTIONS]\n       hps PROGRAM [ARGUMENTS]\n       hps completion SHELL [PROGRAM]",
    disable_help_subcommand = true,
    after_help = after_help()
)]
pub struct Arguments {
    /// Answer in JSON
    #[arg(long)]
    json: bool,
    #[command(subcommand)]
    command: Option<Command>,
}

#[derive(Debug, Subcommand)]
enum Command {
    Completion(Completion),
    /// A program and its arguments.
    #[command(external_subcommand)]
    Program(Vec<OsString>),
}

/// Print a script that completes the arguments of a program in a shell.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  hps completion bash > /etc/bash_completion.d/hps
  hps completion zsh host-state > /usr/local/share/zsh/site-functions/_host-state
  hps completion fish reload > /etc/fish/completions/reload.fish")]
struct Completion {
    /// The shell
    shell: Shell,
    /// The program
    #[arg(default_value = "hps")]
    program: String,
}

fn after_help() -> String {
    let width = PROGRAMS.iter().map(|program| program.name.len()).max().unwrap_or_default();
    let programs = PROGRAMS.map(|program| format!("  {:width$}  {}", program.name, program.about())).join("\n");
    let text = format!(
        "\
Examples:
  hps                        how the site stands
  hps host-state list        the same as: host-state list
  hps reload --dry-run
  hps --json

Programs:
{programs}"
    );
    program::after_help(
        &text,
        &[
            (Exit::Failed, "failed, or something needs attention"),
            (Exit::Usage, "wrong usage, or a word that is no program"),
            (Exit::NotFound, "HPS is not configured here, or the program is not installed"),
        ],
    )
}

/// The command with the programs below it, for a shell that completes words.
pub fn with_programs() -> clap::Command {
    PROGRAMS.iter().fold(Arguments::command(), |command, program| command.subcommand(program.command()))
}

/// Runs the program.
///
/// # Errors
/// What prevents the run, in one line.
pub fn run(arguments: Arguments) -> anyhow::Result<Exit> {
    match arguments.command {
        None => {
            let words = ["status", "--json"].into_iter().take(if arguments.json { 2 } else { 1 });
            program::read_as_member(words.map(OsString::from))?;
            show(arguments.json).map_err(program::with_way_to_read)
        }
        Some(Command::Completion(wanted)) => {
            if wanted.program != "hps" && PROGRAMS.iter().all(|known| known.name != wanted.program) {
                return Err(start_program::unknown(&wanted.program));
            }
            std::io::stdout().lock().write_all(&completion_script(wanted.shell, &wanted.program)?)?;
            Ok(Exit::Done)
        }
        Some(Command::Program(_)) if arguments.json => {
            Err(Ended::error(Exit::Usage, "--json belongs behind the program: hps PROGRAM --json"))
        }
        Some(Command::Program(words)) => start_program::start(words),
    }
}

/// Prints how the site stands.
///
/// # Errors
/// When the configuration or a record cannot be read.
pub(crate) fn show(json: bool) -> anyhow::Result<Exit> {
    let site = program::load_site()?;
    let store = hps::store::Store::open(&site.conf)?;
    let status = gather::gather(&site, &store)?;
    if json {
        program::print_json(&status)?;
    } else {
        for line in lines::lines(&status) {
            program::print_text(line)?;
        }
    }
    Ok(if status.attention { Exit::Failed } else { Exit::Done })
}
