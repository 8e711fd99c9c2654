// SPDX-License-Identifier: GPL-3.0-or-later
//! `host-state completion`: the script by which a shell asks this program what may come next.

use crate::program::{Exit, Shell, completion_script};
use std::io::Write as _;

/// Print a script that completes commands, options and host names in a shell.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  host-state completion bash > /etc/bash_completion.d/host-state
  host-state completion zsh > /usr/local/share/zsh/site-functions/_host-state
  host-state completion fish > /etc/fish/completions/host-state.fish
  source <(host-state completion bash)      for this shell alone")]
pub(super) struct Arguments {
    /// The shell
    shell: Shell,
}

pub(super) fn run(arguments: &Arguments) -> anyhow::Result<Exit> {
    std::io::stdout().lock().write_all(&completion_script(arguments.shell, "host-state")?)?;
    Ok(Exit::Done)
}
