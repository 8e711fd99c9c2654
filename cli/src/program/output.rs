// SPDX-License-Identifier: GPL-3.0-or-later
//! What a program prints: the answer to stdout, everything else to stderr. File names and messages contain text of
//! others. So a line end in them becomes a blank, and a terminal's control character becomes `?`.

use hps::types::{printable, printable_json, printable_line};
use std::io::{self, IsTerminal as _, Write as _};

/// Prints exactly one line of the answer.
///
/// # Errors
/// When stdout is closed or full.
pub fn print(line: impl std::fmt::Display) -> io::Result<()> {
    writeln!(io::stdout().lock(), "{}", printable_line(&line.to_string()))
}

/// What a line is about, for a person who looks for it among many.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tone {
    /// Nothing to see.
    Plain,
    /// Something goes on: yellow.
    Busy,
    /// Something failed: red.
    Bad,
}

impl Tone {
    /// The line in its colour (ECMA-48, SGR), on a terminal that has colours and whose user wants them (no-color.org).
    fn paint(self, line: &str) -> String {
        let code = match self {
            Self::Plain => return line.to_owned(),
            Self::Busy => "33",
            Self::Bad => "31",
        };
        let set = |name: &str| std::env::var_os(name).is_some_and(|value| !value.is_empty());
        let dumb = std::env::var_os("TERM").is_none_or(|term| term.is_empty() || term == "dumb");
        if dumb || set("NO_COLOR") || !io::stdout().is_terminal() {
            return line.to_owned();
        }
        format!("\u{1b}[{code}m{line}\u{1b}[0m")
    }
}

/// Prints exactly one line of the answer, in the colour of its tone if stdout is a terminal.
///
/// # Errors
/// When stdout is closed or full.
pub fn print_toned(line: impl std::fmt::Display, tone: Tone) -> io::Result<()> {
    writeln!(io::stdout().lock(), "{}", tone.paint(&printable_line(&line.to_string())))
}

/// Prints a text of several lines with line ends of our own: a diff, a script, lines from [`super::wrapped`].
///
/// # Errors
/// When stdout is closed or full.
pub fn print_text(text: impl std::fmt::Display) -> io::Result<()> {
    writeln!(io::stdout().lock(), "{}", printable(&text.to_string()))
}

/// Prints an empty line, and a heading.
///
/// # Errors
/// When stdout is closed or full.
pub fn print_heading(heading: &str) -> io::Result<()> {
    writeln!(io::stdout().lock(), "\n{}", printable_line(heading))
}

/// Prints an answer unchanged; on a terminal as [`print_text`] does.
///
/// # Errors
/// When stdout is closed or full.
pub fn print_bytes(bytes: &[u8]) -> io::Result<()> {
    let mut out = io::stdout().lock();
    if out.is_terminal() {
        return out.write_all(printable(&String::from_utf8_lossy(bytes)).as_bytes());
    }
    out.write_all(bytes)
}

/// Prints an answer as JSON.
///
/// # Errors
/// When stdout is closed or full.
pub fn print_json(value: &impl serde::Serialize) -> anyhow::Result<()> {
    print_text(printable_json(&serde_json::to_string_pretty(value)?))?;
    Ok(())
}

/// Prints a part of an answer as JSON in one line, at once: for what comes while somebody reads.
///
/// # Errors
/// When stdout is closed or full.
pub fn print_json_line(value: &impl serde::Serialize) -> anyhow::Result<()> {
    let mut out = io::stdout().lock();
    writeln!(out, "{}", printable_json(&serde_json::to_string(value)?))?;
    Ok(out.flush()?)
}

/// Prints exactly one line to stderr. A closed or full stderr does not end the program.
pub fn eprint(line: impl std::fmt::Display) {
    let _closed_or_full = writeln!(io::stderr().lock(), "{}", printable_line(&line.to_string()));
}

/// Prints a line for a person who waits, and nothing under cron.
pub fn eprint_progress(name: &str, line: impl std::fmt::Display) {
    if on_terminal() {
        eprint(format_args!("{name}: {line}"));
    }
}

/// Whether a person watches: only then is progress shown.
pub fn on_terminal() -> bool {
    io::stderr().is_terminal()
}

/// Prints a question to stderr; the answer is typed on the same line.
pub fn eprint_prompt(text: impl std::fmt::Display) {
    let mut err = io::stderr().lock();
    let _closed_or_full = write!(err, "{}", printable_line(&text.to_string())).and_then(|()| err.flush());
}
