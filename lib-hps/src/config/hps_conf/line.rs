// SPDX-License-Identifier: GPL-3.0-or-later
//! One line of `hps.conf`: `[export] NAME=value`.

use std::path::PathBuf;

/// Why a line is refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(super) enum LineError {
    #[error("{0:?} is not NAME=\"value\"")]
    NoAssignment(String),
    #[error("{0:?} is not a variable name")]
    NoName(String),
    #[error("the value of {0} is not plain: write it out, in one pair of quotes, without $, ` or \\")]
    NotPlain(String),
    #[error("{name} is {value:?}: expected an absolute path of letters, digits and /._-+@, without ..")]
    NoPath { name: String, value: String },
}

/// `[export] NAME=value`, with the value bare or in one pair of quotes.
pub(super) fn assignment(line: &str) -> Result<(&str, &str), LineError> {
    let line = line.strip_prefix("export ").map_or(line, str::trim_start);
    let (name, raw) = line.split_once('=').ok_or_else(|| LineError::NoAssignment(shown(line)))?;
    if name.is_empty() || !name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_') {
        return Err(LineError::NoName(shown(name)));
    }
    let quoted = |quote: char| raw.strip_prefix(quote).and_then(|rest| rest.strip_suffix(quote));
    let value = quoted('"').or_else(|| quoted('\'')).unwrap_or(raw);
    let expands = value.contains(['$', '`', '\\', '"', '\'', ';', '&', '|', '<', '>', '(', ')']);
    if expands || (value.len() == raw.len() && value.contains(char::is_whitespace)) || value.contains(char::is_control)
    {
        return Err(LineError::NotPlain(name.to_owned()));
    }
    Ok((name, value))
}

/// An absolute path of harmless characters, fit for the configuration of every service.
pub(super) fn plain_path(value: &str, name: &str) -> Result<PathBuf, LineError> {
    let harmless = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'/' | b'.' | b'_' | b'-' | b'+' | b'@');
    if !value.starts_with('/') || !value.bytes().all(harmless) || value.split('/').any(|part| part == "..") {
        return Err(LineError::NoPath { name: name.to_owned(), value: shown(value) });
    }
    Ok(PathBuf::from(value))
}

fn shown(text: &str) -> String {
    text.chars().take(80).collect()
}
