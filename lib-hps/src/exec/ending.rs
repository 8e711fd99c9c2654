// SPDX-License-Identifier: GPL-3.0-or-later
//! How a program ended: how long its end may take, and its last words.

use super::error::ExecError;
use std::process::Output;
use std::time::Duration;

/// How long a program may clean up at its end: mmdebstrap removes what it has made.
pub(super) const STOP_TIMEOUT: Duration = Duration::from_secs(10);

/// The output of a program that ended well; otherwise how it ended.
pub(super) fn well(program: &'static str, output: Output) -> Result<Output, ExecError> {
    if output.status.success() {
        return Ok(output);
    }
    Err(ExecError::Failed { program, status: output.status.to_string(), said: last_words(&output) })
}

/// The last meaningful lines, joined into one; before them apt's message about the last file that it could not fetch.
pub(super) fn last_words(output: &Output) -> String {
    let text = if output.stderr.iter().all(u8::is_ascii_whitespace) { &output.stdout } else { &output.stderr };
    let text = String::from_utf8_lossy(text);
    let lines: Vec<&str> = text.lines().map(str::trim).filter(|l| !l.is_empty() && !l.starts_with("I: ")).collect();
    let fetched = lines.iter().zip(lines.iter().skip(1)).rfind(|(line, _)| line.starts_with("Err:"));
    let last = lines.get(lines.len().saturating_sub(3)..).unwrap_or_default();
    let said: Vec<&str> = fetched.map(|(_, why)| *why).into_iter().chain(last.iter().copied()).collect();
    let last = said.join("; ");
    let start = last.char_indices().rev().nth(599).map_or(0, |(at, _)| at);
    last.get(start..).unwrap_or_default().to_owned()
}
