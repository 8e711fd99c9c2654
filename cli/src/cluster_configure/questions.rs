// SPDX-License-Identifier: GPL-3.0-or-later
//! Whether a person can be asked, and single questions with yes or no.

use super::terminal;
use std::io::IsTerminal as _;

/// Whether a person can be asked.
pub(super) fn can_ask() -> bool {
    std::io::stdin().is_terminal() && std::io::stderr().is_terminal()
}

/// A yes or a no; Enter is no.
pub(super) fn confirm(question: &str) -> anyhow::Result<bool> {
    loop {
        let answer = terminal::ask(&format!("{question}? yes or no"), Some("no"))?;
        match answer.trim().to_ascii_lowercase().as_str() {
            "" | "n" | "no" => return Ok(false),
            "y" | "yes" => return Ok(true),
            _ => terminal::tell("", "Type yes or no."),
        }
    }
}
