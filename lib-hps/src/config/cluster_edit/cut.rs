// SPDX-License-Identifier: GPL-3.0-or-later
//! A key in a text: its value is replaced, its line is added, or made a comment.

use super::generated::{Generated, Line, TablePath};
use super::spans::{inserted, line_end, line_start, replaced, table_at};
use super::{inline, list, section};
use std::ops::Range;
use toml_edit::{Document, Table};

pub(super) fn set(text: &str, path: &TablePath, line: &Line<'_>, new: &Generated<'_>) -> Option<String> {
    let value = line.value.as_ref()?;
    let document = Document::parse(text).ok()?;
    let root = document.as_item();
    if let Some(there) = inline::value_at(root, path, line.key) {
        let written = match (there.as_array(), value.as_array()) {
            (Some(there), Some(list)) => list::merged(text, there, list)?,
            _ => Line::written(value),
        };
        return replaced(text, there.span()?, &written);
    }
    if let Some(table) = table_at(root, path) {
        return put_line(text, table, path, line, new);
    }
    if inline::is_inline(root, path) {
        return inline::insert(text, path, line.key, value);
    }
    section::begin(text, path, line, new)
}

/// Adds a line to a table: at the comment of the key in a generated file, otherwise after the key that precedes it in a
/// generated file.
fn put_line(text: &str, table: &Table, path: &TablePath, line: &Line<'_>, new: &Generated<'_>) -> Option<String> {
    if let Some(range) = comment_of(text, table, path, line.key) {
        return replaced(text, range, line.text);
    }
    let written = format!("{}\n", line.text);
    let section = new.section(path)?;
    let before = section.lines.iter().take_while(|other| other.key != line.key);
    let behind = before.filter_map(|other| table.get(other.key)?.as_value()?.span()).last();
    let header = table.span().filter(|_| !path.steps.is_empty());
    let at = match behind.or(header) {
        Some(span) => line_end(text, span.end),
        None => 0,
    };
    inserted(text, at, &written)
}

/// The comment for a key without a value in a generated file: `# gateway = "" ...`.
fn comment_of(text: &str, table: &Table, path: &TablePath, key: &str) -> Option<Range<usize>> {
    let begin = table.span().filter(|_| !path.steps.is_empty()).map_or(0, |span| span.end);
    let mut at = line_start(text, begin);
    for line in text.get(at..)?.split_inclusive('\n') {
        let words = line.trim_end();
        if at > begin && words.starts_with('[') {
            return None;
        }
        let rest = words.strip_prefix("# ").and_then(|rest| rest.strip_prefix(key));
        // `key =` or `key = ""`, then its purpose. A line that an administrator commented out has a value and does not
        // match.
        let is_empty = |rest: &str| {
            let rest = rest.trim_start().strip_prefix("\"\"").unwrap_or(rest).trim_start();
            rest.strip_prefix("1500").unwrap_or(rest).trim_start().starts_with("# ")
        };
        if rest.and_then(|rest| rest.strip_prefix(" =")).is_some_and(is_empty) {
            return Some(at..at + words.len());
        }
        at += line.len();
    }
    None
}

/// Removes a value: a generated line becomes the comment of a generated file, and an administrator's line is kept as a
/// comment.
pub(super) fn unset(text: &str, path: &TablePath, line: &Line<'_>, new: &Generated<'_>) -> Option<String> {
    let document = Document::parse(text).ok()?;
    let Some(table) = table_at(document.as_item(), path) else { return inline::remove(text, path, line.key) };
    let (key, item) = table.get_key_value(line.key)?;
    let range = line_start(text, key.span()?.start)..line_end(text, item.span()?.end);
    let lines = text.get(range.clone())?;
    let words = |line: &str| line.split_whitespace().collect::<Vec<_>>().join(" ");
    let comment = new.section(path).and_then(|s| s.lines.iter().find(|l| l.key == line.key && l.value.is_none()));
    match comment {
        Some(comment) if words(lines) == words(line.text) => {
            let end = lines.get(lines.trim_end().len()..)?;
            replaced(text, range, &format!("{}{end}", comment.text))
        }
        _ => replaced(text, range, &lines.split_inclusive('\n').map(|line| format!("# {line}")).collect::<String>()),
    }
}
