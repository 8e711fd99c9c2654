// SPDX-License-Identifier: GPL-3.0-or-later
//! Where tables, keys and lines are in the text of a cluster file.

use super::generated::TablePath;
use std::ops::Range;
use toml_edit::{Item, Table};

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

/// The table at a path, if it has a header of its own or is the whole file.
pub(super) fn table_at<'a>(root: &'a Item, path: &TablePath) -> Option<&'a Table> {
    let table = match (item_at(root, path)?, path.steps.last()) {
        (Item::ArrayOfTables(tables), Some(name)) => {
            tables.iter().find(|t| t.get("name").and_then(Item::as_str) == Some(name))?
        }
        (item, _) => item.as_table()?,
    };
    (!table.is_dotted() && !table.is_implicit()).then_some(table)
}

/// The end of the line of this place, after its line end.
pub(super) fn line_end(text: &str, at: usize) -> usize {
    text.get(at..).and_then(|rest| rest.find('\n')).map_or(text.len(), |end| at + end + 1)
}

/// The beginning of the line of this place.
pub(super) fn line_start(text: &str, at: usize) -> usize {
    text.get(..at).and_then(|before| before.rfind('\n')).map_or(0, |end| end + 1)
}

/// The text with a replacement for this range.
pub(super) fn replaced(text: &str, range: Range<usize>, with: &str) -> Option<String> {
    Some(format!("{}{with}{}", text.get(..range.start)?, text.get(range.end..)?))
}

/// Whole lines, inserted at the beginning of a line. They end like the lines of the file.
pub(super) fn inserted(text: &str, at: usize, lines: &str) -> Option<String> {
    let end = if text.contains("\r\n") { "\r\n" } else { "\n" };
    let before = text.get(..at)?;
    let open = if before.is_empty() || before.ends_with('\n') { "" } else { end };
    replaced(text, at..at, &format!("{open}{}", lines.replace('\n', end)))
}
