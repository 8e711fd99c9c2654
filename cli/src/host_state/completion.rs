// SPDX-License-Identifier: GPL-3.0-or-later
//! `host-state completion`: the script by which a shell asks this program what may come next.
//!
//! The script calls the program with [`VARIABLE`] set, so that host names are current.

use crate::program::Exit;
use anyhow::Context as _;
use clap_complete::CompleteEnv;
use clap_complete::env::Shells;
use std::ffi::OsString;

/// Only the script sets it; its value is the shell's name.
const VARIABLE: &str = "HPS_COMPLETE";

/// bash splits words at `:` and `=`, which occur in MACs and KEY=VALUE. The script joins them for the function that
/// asks, and cuts from its answers the part that bash treats as another word.
const WHOLE_WORDS: &str = r#"
_host_state_whole_words() {
    local line="${COMP_LINE:0:COMP_POINT}" words cut
    read -ra words <<< "$line"
    [[ $line == *[[:space:]] ]] && words+=("")
    local COMP_WORDS=("${words[@]}") COMP_CWORD=$((${#words[@]} - 1))
    local typed="${words[COMP_CWORD]}"
    _clap_complete_host_state "$1" "$typed" "${words[COMP_CWORD - 1]}"
    cut="${typed%"${typed##*[:=]}"}"
    COMPREPLY=("${COMPREPLY[@]#"$cut"}")
}
complete -o nospace -o bashdefault -F _host_state_whole_words host-state
"#;

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

#[derive(Debug, Clone, Copy, clap::ValueEnum)]
enum Shell {
    Bash,
    Zsh,
    Fish,
}

pub(super) fn run(arguments: &Arguments) -> anyhow::Result<Exit> {
    let name = match arguments.shell {
        Shell::Bash => "bash",
        Shell::Zsh => "zsh",
        Shell::Fish => "fish",
    };
    let shells = Shells::builtins();
    let completer = shells.completer(name).with_context(|| format!("no completion for {name}"))?;
    let mut script = Vec::new();
    completer.write_registration(VARIABLE, "host-state", "host-state", "host-state", &mut script)?;
    if let Shell::Bash = arguments.shell {
        script.extend_from_slice(WHOLE_WORDS.as_bytes());
    }
    std::io::Write::write_all(&mut std::io::stdout().lock(), &script)?;
    Ok(Exit::Done)
}

/// Answers a shell that asks what may come next, by the commands of the program. Returns whether a shell asked.
pub(super) fn answer(commands: fn() -> clap::Command, arguments: impl IntoIterator<Item = OsString>) -> bool {
    CompleteEnv::with_factory(commands)
        .var(VARIABLE)
        .try_complete(arguments, std::env::current_dir().ok().as_deref())
        .unwrap_or(true)
}
