// SPDX-License-Identifier: GPL-3.0-or-later
//! A key in a text: its value is replaced, its line is added, or made a comment.

use super::changes::{Generated, Line, TablePath};
use super::{inline, list, section};
use std::ops::Range;
use toml_edit::{Document, Item, Table};

/// The item at a path of a text.
pub(super) fn item_at<'a>(root: &'a Item, path: &TablePath) -> Option<&'a Item> {
    let mut item = root;
    if path.is_element {
        let [table, name] = path.steps.as_slice() else { return None };
        let list = root.get(table)?;
        let count = list.as_array_of_tables().map(|t| t.len()).or(list.as_array().map(|a| a.len()))?;
        return (0..count).find(|at| is_named(list, *at, name)).map(|_| list);
    }
    for step in &path.steps {
        item = item.get(step)?;
    }
    Some(item)
}

/// Whether the element of a list has this name.
pub(super) fn is_named(list: &Item, at: usize, name: &str) -> bool {
    let table = list.as_array_of_tables().and_then(|tables| tables.get(at)?.get("name")?.as_str());
    let inline = list.as_array().and_then(|array| array.get(at)?.as_inline_table()?.get("name")?.as_str());
    table.or(inline) == Some(name)
}

/// The table at a path, where it has a header of its own, or is the whole file.
pub(super) fn table_at<'a>(root: &'a Item, path: &TablePath) -> Option<&'a Table> {
    let table = match (item_at(root, path)?, path.steps.last()) {
        (Item::ArrayOfTables(tables), Some(name)) => {
            tables.iter().find(|t| t.get("name").and_then(Item::as_str) == Some(name))?
        }
        (item, _) => item.as_table()?,
    };
    (!table.is_dotted() && !table.is_implicit()).then_some(table)
}

/// The end of the line in which this place is, behind its end of line.
pub(super) fn line_end(text: &str, at: usize) -> usize {
    text.get(at..).and_then(|rest| rest.find('\n')).map_or(text.len(), |end| at + end + 1)
}

/// Where the line begins in which this place is.
pub(super) fn line_start(text: &str, at: usize) -> usize {
    text.get(..at).and_then(|before| before.rfind('\n')).map_or(0, |end| end + 1)
}

/// The text with something else in this range.
pub(super) fn replaced(text: &str, range: Range<usize>, with: &str) -> Option<String> {
    Some(format!("{}{with}{}", text.get(..range.start)?, text.get(range.end..)?))
}

/// Whole lines put in at the beginning of a line. They end as the lines of the file do.
pub(super) fn inserted(text: &str, at: usize, lines: &str) -> Option<String> {
    let end = if text.contains("\r\n") { "\r\n" } else { "\n" };
    let before = text.get(..at)?;
    let open = if before.is_empty() || before.ends_with('\n') { "" } else { end };
    replaced(text, at..at, &format!("{open}{}", lines.replace('\n', end)))
}

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

/// Adds a line to a table: where a generated file has the key as a comment; else behind the key that a generated file has before it.
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

/// The comment that a generated file has in the place of a key: `# gateway = "" ...`.
fn comment_of(text: &str, table: &Table, path: &TablePath, key: &str) -> Option<Range<usize>> {
    let begin = table.span().filter(|_| !path.steps.is_empty()).map_or(0, |span| span.end);
    let mut at = line_start(text, begin);
    for line in text.get(at..)?.split_inclusive('\n') {
        let words = line.trim_end();
        if at > begin && words.starts_with('[') {
            return None;
        }
        let rest = words.strip_prefix("# ").and_then(|rest| rest.strip_prefix(key));
        // `key =` or `key = ""`, and then what it is for: what an administrator keeps there has a value of its own.
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

/// Takes a value away: a generated line becomes the comment that a generated file has, and an administrator's line is kept as a comment.
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
