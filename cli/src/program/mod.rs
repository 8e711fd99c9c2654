// SPDX-License-Identifier: GPL-3.0-or-later
//! What all programs do in the same way: exit codes, errors in one line, output that survives a closed pipe.

mod completion;
mod confirm;
mod exit;
mod input;
mod node_name;
mod output;
pub(crate) mod password;
mod readers;
mod signals;
mod site;
pub(crate) mod terminal;
mod words;
mod wrap;

pub use completion::{Shell, answer_shell, completion_script};
pub use confirm::{can_ask, confirm, needs_yes};
pub use exit::{Ended, Exit, after_help, is_denied, need_root};
pub(crate) use exit::{error_lines, exit_of};
pub use input::{MAX_INPUT_BYTES, open_input, read_input};
pub use node_name::node_name;
pub use output::{Tone, eprint, eprint_progress, eprint_prompt, on_terminal, print, print_bytes, print_heading};
pub use output::{print_json, print_json_line, print_text, print_toned};
pub use readers::{host_names_for_member, read_as_member, with_way_to_read};
pub use signals::interrupted;
pub use site::{Site, check_folders, conf_path, load_site, open_store};
pub use words::in_any_case;
pub use wrap::{terminal_width, wrapped, wrapped_sentences};

use exit::{ONLY_ROOT, is_broken_pipe, is_for_root};
use hps::types::Timestamp;
use std::process::ExitCode;

/// The version, with the commit that it was built from. scripts/build gives both; without it, the version alone.
pub const VERSION: &str = match option_env!("HPS_VERSION") {
    Some(version) => version,
    None => env!("CARGO_PKG_VERSION"),
};

/// Runs a program, or answers a shell that completes its arguments. An error of the program becomes one line on stderr, or a line for each mistake of a file; a closed pipe ends it
/// quietly.
pub fn main_of<Arguments: clap::Parser>(run: fn(Arguments) -> anyhow::Result<Exit>) -> ExitCode {
    if answer_shell(Arguments::command, std::env::args_os()) {
        return ExitCode::SUCCESS;
    }
    let error = match run(Arguments::parse()) {
        Ok(exit) => return ExitCode::from(exit.code()),
        Err(error) => error,
    };
    if is_broken_pipe(&error) {
        return ExitCode::SUCCESS;
    }
    let name = Arguments::command().get_name().to_owned();
    for line in error_lines(&error) {
        // A line end in a message would look like another error; eprint makes it a blank.
        match is_for_root(&error) {
            true => eprint(format_args!("{name}: {ONLY_ROOT} ({line})")),
            false => eprint(format_args!("{name}: {line}")),
        }
    }
    ExitCode::from(exit_of(&error).code())
}

/// The person who runs this program, for the history of hosts: the one behind sudo, if any.
pub fn operator() -> String {
    ["SUDO_USER", "LOGNAME", "USER"]
        .into_iter()
        .find_map(|name| std::env::var(name).ok().filter(|value| !value.is_empty()))
        .unwrap_or_else(|| match rustix::process::getuid() {
            user if user.is_root() => "root".to_owned(),
            user => format!("uid {}", user.as_raw()),
        })
}

/// Now.
pub fn now() -> Timestamp {
    Timestamp::now()
}
