// SPDX-License-Identifier: GPL-3.0-or-later
//! The script by which a shell asks a program what may come next, and the answer.
//!
//! The script calls the program with [`VARIABLE`] set, so that options are never behind the program, and host names are
//! current.

use anyhow::Context as _;
use clap_complete::CompleteEnv;
use clap_complete::env::Shells;
use std::ffi::OsString;

/// Only the script sets it; its value is the shell's name.
const VARIABLE: &str = "HPS_COMPLETE";

/// bash splits words at `:` and `=`, which occur in MACs and KEY=VALUE. The script joins them for the function that
/// asks, and cuts from its answers the part that bash treats as another word.
const WHOLE_WORDS: &str = r#"
_NAME_whole_words() {
    local line="${COMP_LINE:0:COMP_POINT}" words cut
    read -ra words <<< "$line"
    [[ $line == *[[:space:]] ]] && words+=("")
    local COMP_WORDS=("${words[@]}") COMP_CWORD=$((${#words[@]} - 1))
    local typed="${words[COMP_CWORD]}"
    _clap_complete_NAME "$1" "$typed" "${words[COMP_CWORD - 1]}"
    cut="${typed%"${typed##*[:=]}"}"
    COMPREPLY=("${COMPREPLY[@]#"$cut"}")
}
complete -o nospace -o bashdefault -F _NAME_whole_words PROGRAM
"#;

/// A shell.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum Shell {
    /// bash(1).
    Bash,
    /// zsh(1).
    Zsh,
    /// fish(1).
    Fish,
}

/// The script for a program.
///
/// # Errors
/// When the engine of the completion has none for this shell.
pub fn completion_script(shell: Shell, program: &str) -> anyhow::Result<Vec<u8>> {
    let name = match shell {
        Shell::Bash => "bash",
        Shell::Zsh => "zsh",
        Shell::Fish => "fish",
    };
    let shells = Shells::builtins();
    let completer = shells.completer(name).with_context(|| format!("no completion for {name}"))?;
    let mut script = Vec::new();
    completer.write_registration(VARIABLE, program, program, program, &mut script)?;
    if shell == Shell::Bash {
        let whole = WHOLE_WORDS.replace("NAME", &program.replace('-', "_")).replace("PROGRAM", program);
        script.extend_from_slice(whole.as_bytes());
    }
    Ok(script)
}

/// Answers a shell that asks what may come next, by the commands of the program. Returns whether a shell asked.
pub fn answer_shell(commands: fn() -> clap::Command, arguments: impl IntoIterator<Item = OsString>) -> bool {
    CompleteEnv::with_factory(commands)
        .var(VARIABLE)
        .try_complete(arguments, std::env::current_dir().ok().as_deref())
        .unwrap_or(true)
}
