// SPDX-License-Identifier: GPL-3.0-or-later
//! `self-test`: whether this node can build machines now.
//!
//! It changes nothing and has no handlers for signals: what it makes, the kernel removes when the process ends.

mod check;
mod checks;
mod client;
mod context;
mod expected;
mod found;
mod list;
mod open;
mod stop;

use crate::program::{self, Exit};
use check::NEEDS_ROOT;
use clap::Parser;
use found::{Found, Row, Status};
use list::{CHECKS, DHCP_SERVERS};
use std::io::IsTerminal as _;

/// Check whether this node can build machines now.
///
/// Each check is one line: ok, warning, problem or unchecked, the name of the check, what was seen, and what to do.
/// On a terminal all lines are printed.
/// Otherwise, and with --quiet, only warnings and problems are: nothing if all is well.
/// A warning does not change the exit code: machines can still be built.
///
/// Only root can check everything.
/// It takes about 10 seconds, and longer if the cluster installs from trees, whose package lists it reads.
/// It changes nothing, and takes no lease.
///
/// On a bridge, a client in a network namespace of its own asks as machines do, and so tests the firewall too.
/// On another interface the node asks itself, which tests no firewall.
#[derive(Debug, Parser)]
#[command(
    name = "self-test",
    version = program::VERSION,
    after_help = program::after_help(
        "\
Examples:
  self-test                       all checks
  self-test --list                the names of the checks
  self-test --only dhcp,names     two of them
  self-test --json
  */10 * * * * root self-test     in /etc/cron.d: cron sends a mail if anything is wrong",
        &[
            (Exit::Done, "no problem; there may be warnings"),
            (Exit::Failed, "a problem"),
            (Exit::Refused, "no problem was found, but only root can check everything"),
            (Exit::NotFound, "HPS is not configured here"),
        ]
    )
)]
pub struct Arguments {
    /// Run only these checks
    #[arg(long, value_name = "NAME", value_delimiter = ',')]
    only: Vec<String>,
    /// Print the names of the checks, and what each one checks
    #[arg(long, conflicts_with_all = ["only", "quiet", "all", "json"])]
    list: bool,
    /// Print only warnings and problems, also on a terminal
    #[arg(long)]
    quiet: bool,
    /// Print all lines, also without a terminal
    #[arg(long, conflicts_with = "quiet")]
    all: bool,
    /// Answer in JSON
    #[arg(long, conflicts_with_all = ["quiet", "all"])]
    json: bool,
}

/// The answer in JSON. The names of the fields are an interface.
#[derive(Debug, serde::Serialize)]
struct Answer {
    checks: Vec<Row>,
}

/// Runs the program.
///
/// # Errors
/// A name that is no check; no configuration; stdout that is closed.
pub fn run(arguments: Arguments) -> anyhow::Result<Exit> {
    if arguments.list {
        for check in &CHECKS {
            program::print(format_args!("{:14}  {}", check.name, check.about))?;
        }
        return Ok(Exit::Done);
    }
    let wanted = list::chosen(&arguments.only)?;
    let all = arguments.all || (!arguments.quiet && std::io::stdout().is_terminal());
    let opened = open::open()?;
    let mut rows = Vec::new();
    let mut lacks_root = false;
    let mut add = |name: &'static str, found: Vec<Found>| -> anyhow::Result<()> {
        for Found { status, text, advice } in found {
            lacks_root |= text == NEEDS_ROOT;
            let row = Row { name, status, text, advice };
            if !arguments.json && (all || row.status.is_wrong()) {
                program::print(&row)?;
            }
            rows.push(row);
        }
        Ok(())
    };
    if let Err(failed) = &opened
        && !wanted.iter().any(|check| check.name == failed.check)
    {
        add(failed.check, failed.found.clone())?;
    }
    if let Ok(context) = &opened
        && wanted.iter().any(|check| check.name == DHCP_SERVERS)
    {
        context.begin_to_listen();
    }
    for check in wanted {
        program::eprint_progress("self-test", format_args!("checking {}", check.name));
        let found = match &opened {
            Ok(context) => check.run(context),
            Err(failed) if failed.check == check.name => failed.found.clone(),
            Err(failed) => vec![Found::unchecked(format!("see {}", failed.check), "")],
        };
        add(check.name, found)?;
    }
    let has_problem = rows.iter().any(|row| row.status == Status::Problem);
    if arguments.json {
        program::print_json(&Answer { checks: rows })?;
    }
    Ok(match (has_problem, lacks_root) {
        (true, _) => Exit::Failed,
        (false, true) => {
            program::eprint("self-test: only root can check everything; try again with sudo");
            Exit::Refused
        }
        (false, false) => Exit::Done,
    })
}
