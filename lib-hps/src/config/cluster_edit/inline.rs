// SPDX-License-Identifier: GPL-3.0-or-later
//! Tables in one line, `disks = { system = "smallest" }`, and dotted keys, `disks.system = "smallest"`: `toml_edit` writes them.

use super::generated::TablePath;
use super::spans::{is_named, item_at};
use toml_edit::{DocumentMut, InlineTable, Item, Table, TableLike, Value};

/// The value of a key of a table, in any form of writing.
pub(super) fn value_at<'a>(root: &'a Item, path: &TablePath, key: &str) -> Option<&'a Value> {
    let item = item_at(root, path)?;
    if !path.is_element {
        return item.as_table_like()?.get(key)?.as_value();
    }
    let name = path.steps.last()?;
    let tables = item.as_array_of_tables().into_iter().flatten();
    let in_tables =
        tables.filter(|t| t.get("name").and_then(Item::as_str) == Some(name)).find_map(|t| t.get(key)?.as_value());
    let inline = item.as_array().into_iter().flatten().filter_map(Value::as_inline_table);
    in_tables
        .or_else(|| inline.filter(|t| t.get("name").and_then(Value::as_str) == Some(name)).find_map(|t| t.get(key)))
}

/// Whether a table, or its parent, is written in one line or with dotted keys.
pub(super) fn is_inline(root: &Item, path: &TablePath) -> bool {
    let mut item = root;
    for step in &path.steps {
        let is_array = item.as_array().is_some();
        let Some(next) = item.get(step).filter(|_| !is_array) else { break };
        item = next;
    }
    item.as_array().is_some() || item.is_inline_table() || item.as_table().is_some_and(Table::is_dotted)
}

pub(super) fn insert(text: &str, path: &TablePath, key: &str, value: &Value) -> Option<String> {
    change(text, path, |table| {
        // Items in one line have no comment.
        table.insert(key, Item::Value(plain(value)));
        Some(())
    })
}

pub(super) fn remove(text: &str, path: &TablePath, key: &str) -> Option<String> {
    change(text, path, |table| table.remove(key).map(drop))
}

/// Removes a table that has no header of its own.
pub(super) fn remove_table(text: &str, path: &TablePath) -> Option<String> {
    let mut document: DocumentMut = text.replace("\r\n", "\n").parse().ok()?;
    let (last, above) = path.steps.split_last()?;
    let mut item = document.as_item_mut();
    for step in above {
        item = item.get_mut(step)?;
    }
    if path.is_element {
        let at = (0..item.as_array()?.len()).find(|at| is_named(item, *at, last))?;
        item.as_array_mut()?.remove(at);
    } else {
        item.as_table_like_mut()?.remove(last)?;
    }
    Some(as_before(text, &document))
}

/// Adds an element to a list of tables in one line.
pub(super) fn push(text: &str, list: &str, values: &[(&str, &Value)]) -> Option<String> {
    let mut document: DocumentMut = text.replace("\r\n", "\n").parse().ok()?;
    let array = document.get_mut(list)?.as_array_mut()?;
    let table: InlineTable = values.iter().map(|(key, value)| (*key, plain(value))).collect();
    array.push(table);
    Some(as_before(text, &document))
}

fn change(text: &str, path: &TablePath, edit: impl FnOnce(&mut dyn TableLike) -> Option<()>) -> Option<String> {
    let mut document: DocumentMut = text.replace("\r\n", "\n").parse().ok()?;
    if path.is_element {
        let [list, name] = path.steps.as_slice() else { return None };
        let list = document.get_mut(list)?;
        let at = (0..list.as_array()?.len()).find(|at| is_named(list, *at, name))?;
        edit(list.as_array_mut()?.get_mut(at)?.as_inline_table_mut()?)?;
        return Some(as_before(text, &document));
    }
    let mut item = document.as_item_mut();
    for step in &path.steps {
        let inner = match &*item {
            Item::Table(_) => Item::Table(dotted()),
            _ => Item::Value(Value::InlineTable(InlineTable::new())),
        };
        item = item.as_table_like_mut()?.entry(step).or_insert(inner);
    }
    edit(item.as_table_like_mut()?)?;
    Some(as_before(text, &document))
}

/// A value with the spaces that `toml_edit` gives it.
fn plain(value: &Value) -> Value {
    let mut value = value.clone();
    value.decor_mut().clear();
    value
}

fn dotted() -> Table {
    let mut table = Table::new();
    table.set_dotted(true);
    table
}

/// The document with the line ends of the text.
fn as_before(text: &str, document: &DocumentMut) -> String {
    let written = document.to_string();
    if text.contains("\r\n") { written.replace('\n', "\r\n") } else { written }
}
