// SPDX-License-Identifier: GPL-3.0-or-later
//! Tables with a header of their own: written, added and removed.

use super::generated::{Generated, Line, Section, TablePath};
use super::inline;
use super::spans::{inserted, item_at, line_end, line_start, replaced, table_at};
use std::ops::Range;
use toml_edit::{Document, Item, Table};

/// Begins a table with its first key.
pub(super) fn begin(text: &str, path: &TablePath, line: &Line<'_>, new: &Generated<'_>) -> Option<String> {
    put(text, path, &format!("\n[{path}]\n{}\n", line.text), new)
}

/// Adds one of several tables of a name.
pub(super) fn add(text: &str, section: &Section<'_>, new: &Generated<'_>) -> Option<String> {
    let list = section.path.steps.first()?;
    let document = Document::parse(text).ok()?;
    if document.get(list).is_some_and(Item::is_value) {
        let values: Vec<_> = section.lines.iter().filter_map(|line| Some((line.key, line.value.as_ref()?))).collect();
        return inline::push(text, list, &values);
    }
    let lines: String = section.lines.iter().map(|line| format!("{}\n", line.text)).collect();
    put(text, &section.path, &format!("\n[[{list}]]\n{lines}"), new)
}

/// Puts a table after the one that precedes it in a generated file; at the end of the file if none of those exists.
fn put(text: &str, path: &TablePath, lines: &str, new: &Generated<'_>) -> Option<String> {
    let document = Document::parse(text).ok()?;
    let before =
        new.0.iter().take_while(|section| section.path != *path).filter(|section| !section.path.steps.is_empty());
    let behind = before.filter_map(|section| headed(document.as_item(), &section.path)).last();
    let at = behind.map_or(text.len(), |table| end_of(text, table));
    inserted(text, at, lines)
}

/// A table of the file with a header, or the first inner one that has one.
fn headed<'a>(root: &'a Item, path: &TablePath) -> Option<&'a Table> {
    table_at(root, path).filter(|table| table.span().is_some())
}

/// The end of a table with all its content: after the last line of a value, and the comments directly below.
fn end_of(text: &str, table: &Table) -> usize {
    let mut ends = Vec::new();
    collect_ends(table, &mut ends);
    let mut end = line_end(text, ends.into_iter().max().unwrap_or_default());
    while text.get(end..).is_some_and(|rest| rest.starts_with('#')) {
        end = line_end(text, end);
    }
    end
}

fn collect_ends(table: &Table, ends: &mut Vec<usize>) {
    ends.extend(table.span().filter(|_| !table.is_implicit()).map(|span| span.end));
    for (_, item) in table {
        match item {
            Item::Table(inner) => collect_ends(inner, ends),
            Item::ArrayOfTables(tables) => tables.iter().for_each(|inner| collect_ends(inner, ends)),
            other => ends.extend(other.span().map(|span| span.end)),
        }
    }
}

/// Removes a table and its inner tables, with the comments directly above their headers.
pub(super) fn remove(text: &str, path: &TablePath) -> Option<String> {
    let document = Document::parse(text).ok()?;
    let mut ranges = Vec::new();
    let item = item_at(document.as_item(), path)?;
    match (item, path.steps.last()) {
        (Item::ArrayOfTables(tables), Some(name)) => {
            let table = tables.iter().find(|t| t.get("name").and_then(Item::as_str) == Some(name))?;
            headers(text, table, &mut ranges);
        }
        (Item::Table(table), _) if !table.is_dotted() => headers(text, table, &mut ranges),
        _ => return inline::remove_table(text, path),
    }
    ranges.sort_by_key(|range| std::cmp::Reverse(range.start));
    let mut text = text.to_owned();
    for range in ranges {
        text = replaced(&text, range, "")?;
    }
    Some(text)
}

/// The lines of a table and its inner tables, each from the comment above its header to its last value.
fn headers(text: &str, table: &Table, ranges: &mut Vec<Range<usize>>) {
    let mut end = table.span().map(|span| span.end).filter(|_| !table.is_implicit());
    for (_, item) in table {
        match item {
            Item::Table(inner) if !inner.is_dotted() => headers(text, inner, ranges),
            Item::ArrayOfTables(tables) => tables.iter().for_each(|inner| headers(text, inner, ranges)),
            Item::Table(dotted) => {
                let mut ends = Vec::new();
                collect_ends(dotted, &mut ends);
                end = end.max(ends.into_iter().max());
            }
            other => end = end.max(other.span().map(|span| span.end)),
        }
    }
    let (Some(span), Some(end)) = (table.span().filter(|_| !table.is_implicit()), end) else { return };
    let mut start = line_start(text, span.start);
    loop {
        let above = line_start(text, start.saturating_sub(1));
        let line = text.get(above..start).unwrap_or_default();
        if start == 0 || !(line.starts_with('#')) {
            // One empty line goes with it.
            start = if line.trim().is_empty() { above } else { start };
            break;
        }
        start = above;
    }
    ranges.push(start..line_end(text, end));
}
