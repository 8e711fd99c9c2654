// SPDX-License-Identifier: GPL-3.0-or-later
//! Whole lines from and to a terminal. The terminal itself edits a line (canonical mode of termios(3)), so its settings
//! are never changed and cannot be left wrong. Nothing but text is printed: no colour, and no escape sequence.

use super::exit::{Ended, Exit};
use super::output::{eprint, eprint_prompt};
use super::wrap::wrapped_sentences;
use anyhow::Context as _;
use rustix::termios::tcgetwinsize;
use std::io::{BufRead as _, Read as _};

/// More than a terminal gives in one line, which is 4,096 bytes.
const MAX_LINE_BYTES: u64 = 1 << 16;
/// A prompt leaves at least so much of its line for the answer.
const ROOM: usize = 20;

/// The columns of the terminal that text is printed to; 0 if it does not know.
fn columns() -> usize {
    tcgetwinsize(std::io::stderr()).map_or(0, |size| usize::from(size.ws_col))
}

/// Prints sentences, broken between words.
pub(crate) fn tell(title: &str, text: &str) {
    for line in wrapped_sentences(title, text, Some(columns())).lines() {
        eprint(line);
    }
}

/// Prints a question and reads its line, without its end.
///
/// # Errors
/// [`Exit::Failed`] at the end of the input; [`Exit::Usage`] if it is not text.
pub(crate) fn ask(question: &str, default: Option<&str>) -> anyhow::Result<String> {
    let default = default.map_or_else(String::new, |default| format!(" [{default}]"));
    let width = columns();
    let width = if width == 0 { 80 } else { width };
    if question.chars().count() + default.chars().count() + ROOM <= width || default.is_empty() {
        eprint_prompt(format_args!("{question}{default}: "));
    } else {
        tell("", question);
        eprint_prompt(format_args!("{}: ", default.trim_start()));
    }
    read_line()?.ok_or_else(|| {
        eprint("");
        Ended::error(Exit::Failed, "the input ended; nothing was written")
    })
}

/// The next line of the standard input, without its end; `None` at the end of the input.
///
/// # Errors
/// When it cannot be read; [`Exit::Usage`] if it is too long, or not text.
pub(crate) fn read_line() -> anyhow::Result<Option<String>> {
    let mut bytes = Vec::new();
    let read = std::io::stdin().lock().take(MAX_LINE_BYTES).read_until(b'\n', &mut bytes);
    match read {
        Ok(0) => return Ok(None),
        Ok(_) => {}
        // A terminal that is gone.
        Err(error) if error.raw_os_error() == Some(rustix::io::Errno::IO.raw_os_error()) => return Ok(None),
        Err(error) => return Err(error).context("the answer cannot be read"),
    }
    if bytes.len() as u64 == MAX_LINE_BYTES {
        return Err(Ended::error(Exit::Usage, "a line of the input is too long"));
    }
    let line = String::from_utf8(bytes).map_err(|_| Ended::error(Exit::Usage, "the answer is not UTF-8 text"))?;
    Ok(Some(line.trim_end_matches(['\n', '\r']).to_owned()))
}
