// SPDX-License-Identifier: GPL-3.0-or-later
//! Mistakes that make a text no TOML, in words: a value without quotes, a key that stands twice. If the mistake is known
//! and is of one line, that line is left out, and the rest of the file is read.

use super::path::Path;
use crate::config::parse_error::{HIDDEN, ParseError, has_secret, shortened};
use std::ops::Range;
use toml::de::{DeTable, DeValue};

/// A text that is TOML, and what was wrong in it.
#[derive(Debug)]
pub(super) struct Syntax {
    /// Lines with mistakes are blank, so that every other place stays where it is.
    pub(super) text: String,
    pub(super) mistakes: Vec<ParseError>,
    /// The keys of the lines that were left out.
    pub(super) left_out: Vec<Path>,
}

/// What is wrong with a line.
struct Fault {
    place: Range<usize>,
    problem: String,
    /// The key whose value is missing then. `None`: the mistake is not known, so the rest cannot be read.
    recovery: Option<Option<Path>>,
}

impl Syntax {
    /// Reads a text, and leaves out at most `most` lines.
    ///
    /// # Errors
    /// The mistakes up to the first one after which the rest has no certain meaning.
    pub(super) fn read(text: &str, most: usize) -> Result<Self, Vec<ParseError>> {
        let mut read = Self { text: text.to_owned(), mistakes: Vec::new(), left_out: Vec::new() };
        loop {
            let (message, span) = match DeTable::parse(&read.text) {
                Ok(_) => return Ok(read),
                Err(error) => (error.message().replace('\n', " "), error.span().unwrap_or_default()),
            };
            let fault = fault(&read.text, &message, &span);
            read.mistakes.push(ParseError::new(text, &fault.place, fault.problem));
            match fault.recovery {
                Some(path) if read.mistakes.len() < most => {
                    read.left_out.extend(path);
                    read.blank(fault.place.start);
                }
                _ => return Err(read.mistakes),
            }
        }
    }

    /// Blanks the line with this byte.
    fn blank(&mut self, at: usize) {
        let line = line_around(&self.text, at);
        self.text.replace_range(line.clone(), &" ".repeat(line.len()));
    }
}

/// The bytes of the line with this byte, without its end.
fn line_around(text: &str, at: usize) -> Range<usize> {
    let at = at.min(text.len());
    let start = text.as_bytes().iter().take(at).rposition(|byte| *byte == b'\n').map_or(0, |end| end + 1);
    let end = text.as_bytes().iter().skip(start).position(|byte| *byte == b'\n').map_or(text.len(), |n| start + n);
    start..end
}

fn fault(text: &str, message: &str, span: &Range<usize>) -> Fault {
    let range = line_around(text, span.start);
    let line = text.get(range.clone()).unwrap_or_default();
    let column = |part: &str| range.start + line.find(part).unwrap_or_default();
    let known =
        |at: usize, problem: String, path: Option<Path>| Fault { place: at..range.end, problem, recovery: Some(path) };
    let trimmed = line.trim();
    if let Some(at) = conflict(text) {
        let problem = "a mark of a merge conflict: keep one of the two sides, and remove the marks".to_owned();
        return Fault { place: at..at, problem, recovery: None };
    }
    let assignment = trimmed.split_once('=').map(|(key, value)| (key.trim(), without_comment(value).trim()));
    match assignment {
        Some((key, _)) if message.starts_with("duplicate key") && is_key(key) => {
            let problem = format!("{} stands twice: remove one of the lines", path_of(text, &range, key));
            known(column(key), problem, None)
        }
        Some((key, value)) if is_key(key) => match unquoted(key, value) {
            Some(expected) => {
                let path = path_of(text, &range, key);
                let at = if value.is_empty() { key } else { value };
                known(column(at), format!("{path} {expected}"), Some(path))
            }
            None => unknown(message, span),
        },
        None if message.starts_with("duplicate key") && trimmed.starts_with('[') => Fault {
            place: range.clone(),
            problem: format!("{} stands twice: put the keys of both into one", without_comment(trimmed).trim()),
            recovery: None,
        },
        _ => unknown(message, span),
    }
}

fn unknown(message: &str, span: &Range<usize>) -> Fault {
    Fault { place: span.clone(), problem: format!("not TOML: {message}"), recovery: None }
}

/// What git and diff3 leave.
fn conflict(text: &str) -> Option<usize> {
    let starts = text.match_indices("<<<<<<< ").map(|(at, _)| at);
    let mut starts = starts.filter(|at| *at == 0 || text.as_bytes().get(at - 1) == Some(&b'\n'));
    starts.next().filter(|_| text.contains("\n=======") && text.contains("\n>>>>>>> "))
}

fn is_key(key: &str) -> bool {
    !key.is_empty() && key.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_' || b == b'-')
}

/// Up to a `#` that is not in quotes. A value with quotes is not the fault that is looked for.
fn without_comment(value: &str) -> &str {
    if value.contains(['"', '\'']) { value } else { value.split('#').next().unwrap_or_default() }
}

/// What is expected, if the value is a word without quotes.
fn unquoted(key: &str, value: &str) -> Option<String> {
    if value.is_empty() {
        return Some("has no value: write one, or remove the line".to_owned());
    }
    if value.starts_with(['"', '\'', '[', '{']) || DeValue::parse(value).is_ok() {
        return None;
    }
    let shown = if key.ends_with("password_hash") || has_secret(value) { HIDDEN.to_owned() } else { shortened(value) };
    Some(match value.to_ascii_lowercase().as_str() {
        "true" => format!("is {shown}: expected true, without quotes and in small letters"),
        "false" => format!("is {shown}: expected false, without quotes and in small letters"),
        "yes" | "on" => format!("is {shown}: expected true, without quotes, or text in quotes"),
        "no" | "off" => format!("is {shown}: expected false, without quotes, or text in quotes"),
        _ if value.contains(['"', '\'']) => return None,
        _ if shown == HIDDEN => format!("is {HIDDEN}: text needs quotes"),
        _ => format!("is {shown}: text needs quotes: {key} = \"{shown}\""),
    })
}

/// The path of a key in the table whose head is above it.
fn path_of(text: &str, line: &Range<usize>, key: &str) -> Path {
    let above = text.get(..line.start).unwrap_or_default();
    let heads: Vec<&str> = above.lines().map(str::trim).filter(|line| line.starts_with('[')).collect();
    let Some(head) = heads.last() else { return Path::default().key(key) };
    let name = head.trim_start_matches('[').split(']').next().unwrap_or_default().trim();
    let table = Path::from_dotted(name);
    if head.starts_with("[[") {
        let same = heads.iter().filter(|other| *other == head).count();
        return table.index(same.saturating_sub(1)).key(key);
    }
    table.key(key)
}

#[cfg(test)]
#[path = "syntax_tests.rs"]
mod tests;
