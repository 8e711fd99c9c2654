// SPDX-License-Identifier: GPL-3.0-or-later
//! Whether a person can be asked, and single questions with yes or no.

use super::exit::{Ended, Exit};
use super::terminal;
use std::io::IsTerminal as _;

/// Whether a person can be asked.
pub fn can_ask() -> bool {
    std::io::stdin().is_terminal() && std::io::stderr().is_terminal()
}

/// A yes or a no; Enter is no.
///
/// # Errors
/// At the end of the input.
pub fn confirm(question: &str) -> anyhow::Result<bool> {
    loop {
        let answer = terminal::ask(&format!("{question}? yes or no"), Some("no"))?;
        match answer.trim().to_ascii_lowercase().as_str() {
            "" | "n" | "no" => return Ok(false),
            "y" | "yes" => return Ok(true),
            _ => terminal::tell("", "Type yes or no."),
        }
    }
}

/// No person can be asked, and the command line does not confirm.
pub fn needs_yes() -> anyhow::Error {
    let line = "this needs a confirmation, and no terminal is connected; nothing was changed; look with --dry-run, then give --yes";
    Ended::error(Exit::Usage, line)
}
