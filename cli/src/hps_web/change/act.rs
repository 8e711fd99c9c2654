// SPDX-License-Identifier: GPL-3.0-or-later
//! The command behind a change: `host-state` or `host-power` itself, in a process of its own, which the helper starts. So
//! its locks, its checks and its exit code are those that a person gets.

use crate::program::{self, Ended, Exit};
use crate::{host_power, host_state};
use clap::Parser;

/// Run a command for the helper of changes.
#[derive(Debug, clap::Args)]
pub(in crate::hps_web) struct Act {
    /// The program and its arguments
    #[arg(trailing_var_arg = true, allow_hyphen_values = true, required = true)]
    words: Vec<String>,
}

pub(in crate::hps_web) fn act(Act { words }: &Act) -> anyhow::Result<Exit> {
    program::need_root()?;
    match words.first().map(String::as_str) {
        Some("host-state") => host_state::run(parsed(words)?),
        Some("host-power") => host_power::run(parsed(words)?),
        _ => Err(Ended::error(Exit::Usage, "no such command")),
    }
}

fn parsed<Arguments: Parser>(words: &[String]) -> anyhow::Result<Arguments> {
    Arguments::try_parse_from(words).map_err(|error| {
        let line = error.to_string().lines().next().unwrap_or_default().trim_start_matches("error: ").to_owned();
        Ended::error(Exit::Usage, line)
    })
}
