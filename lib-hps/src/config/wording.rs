// SPDX-License-Identifier: GPL-3.0-or-later
//! What the parser says of a file, in the words of whoever wrote it: the key, the value, and what is expected.

use super::cluster::line_of;
use std::ops::Range;
use toml::de::{DeArray, DeTable, DeValue, Error};

/// The longest value that is shown, and the longest list of keys.
const SHOWN: usize = 100;

/// The line and what is wrong there.
pub(super) fn of(text: &str, error: &Error) -> (usize, String) {
    let message = error.message().replace('\n', " ");
    let line = line_of(text, error.span());
    let (Ok(table), Some(span)) = (DeTable::parse(text), error.span()) else { return (line, message) };
    let mut path = Vec::new();
    descend(table.get_ref(), &span, &mut path);
    let key = path.join(".");
    if let Some(rest) = message.strip_prefix("unknown field ") {
        return (line, unknown_key(&path, rest));
    }
    if let Some(field) = message.strip_prefix("missing field ") {
        let field = field.trim_matches('`');
        let place = if key.is_empty() { "the file".to_owned() } else { format!("[{key}]") };
        return (line, format!("{place} has no {field}; it must"));
    }
    let value = shown(text, span, &key);
    let expected = match message.rsplit_once(", expected ") {
        Some((_, expected)) => format!("expected {}", in_words(expected)),
        None => match message.as_str() {
            "invalid IPv4 address syntax" => "expected an IPv4 address, such as 10.0.0.1".to_owned(),
            "invalid IP address syntax" => {
                "expected an IPv4 address and the length of its prefix, such as 10.0.0.1/24".to_owned()
            }
            other => other.to_owned(),
        },
    };
    if key.is_empty() {
        return (line, expected);
    }
    (line, format!("{key} is {value}: {expected}"))
}

/// The line, from 1, of a key: `install.max_attempts`, `rule.0.serial`. Where it is not there, that of its table.
pub fn line_of_key(text: &str, key: &str) -> Option<usize> {
    let table = DeTable::parse(text).ok()?;
    let mut found: Option<Range<usize>> = None;
    let parts = key.split('.');
    let mut table = table.get_ref();
    let mut list: Option<&DeArray<'_>> = None;
    for part in parts {
        let value = match list.take() {
            None => {
                let Some((name, value)) = table.iter().find(|(name, _)| name.get_ref() == part) else { break };
                found = Some(name.span());
                value
            }
            Some(values) => {
                let Some(value) = part.parse().ok().and_then(|n: usize| values.get(n)) else { break };
                found = Some(value.span());
                value
            }
        };
        match value.get_ref() {
            DeValue::Table(inner) => table = inner,
            DeValue::Array(values) => list = Some(values),
            _ => break,
        }
    }
    found.map(|span| line_of(text, Some(span)))
}

/// The keys that lead to a place.
fn descend(table: &DeTable<'_>, span: &Range<usize>, path: &mut Vec<String>) {
    for (name, value) in table {
        if holds(&name.span(), span) {
            path.push(name.get_ref().to_string());
            return;
        }
        let length = path.len();
        path.push(name.get_ref().to_string());
        if holds(&value.span(), span) || !matches!(value.get_ref(), DeValue::String(_)) {
            into_value(value.get_ref(), span, path);
            if holds(&value.span(), span) || path.len() > length + 1 {
                return;
            }
        }
        path.truncate(length);
    }
}

fn into_value(value: &DeValue<'_>, span: &Range<usize>, path: &mut Vec<String>) {
    match value {
        DeValue::Table(inner) => descend(inner, span, path),
        DeValue::Array(values) => {
            for value in values {
                // Which rule of several it is, the line says.
                if let DeValue::Table(inner) = value.get_ref() {
                    descend(inner, span, path);
                }
            }
        }
        _ => {}
    }
}

fn holds(outer: &Range<usize>, inner: &Range<usize>) -> bool {
    outer.start <= inner.start && inner.end <= outer.end
}

/// `x`, expected one of `a`, `b`
fn unknown_key(path: &[String], rest: &str) -> String {
    let mut names = rest.split('`').skip(1).step_by(2);
    let name = names.next().unwrap_or_default();
    let known: Vec<&str> = names.collect();
    let place = match path.split_last() {
        Some((_, above)) if !above.is_empty() => format!("[{}]", above.join(".")),
        _ => "the file".to_owned(),
    };
    let near = known
        .iter()
        .map(|k| (strsim::damerau_levenshtein(name, k), *k))
        .filter(|(distance, k)| *distance <= 1 + k.len() / 4)
        .min();
    let all = known.join(", ");
    let advice = match near {
        Some((_, k)) => format!("did you mean {k}?"),
        None if all.len() <= SHOWN => format!("its keys are {all}"),
        None => "docs/reference/cluster-file.md has all keys".to_owned(),
    };
    format!("{place} has no key {name}; {advice}")
}

/// The value as it was written. What the boot manager cannot read is on the screens of machines, so a secret stays here.
fn shown(text: &str, span: Range<usize>, key: &str) -> String {
    if key.ends_with("password_hash") {
        return "not shown".to_owned();
    }
    let value = text.get(span).unwrap_or_default().lines().next().unwrap_or_default().trim();
    match value.char_indices().nth(SHOWN) {
        Some((cut, _)) => format!("{}...", value.get(..cut).unwrap_or_default()),
        None => value.to_owned(),
    }
}

/// Types as serde calls them, and lists of words.
fn in_words(expected: &str) -> String {
    match expected {
        "u16" => "a whole number without quotes, up to 65535".to_owned(),
        "u8" | "i64" | "u32" | "u64" | "usize" => "a whole number without quotes".to_owned(),
        "a boolean" => "true or false, without quotes".to_owned(),
        "a sequence" => "a list, such as [\"...\"]".to_owned(),
        "a string" | "string" => "text in quotes".to_owned(),
        other if other.starts_with("struct") || other.starts_with("a map") => "a table".to_owned(),
        other => other.replace('`', "").replace("one of ", ""),
    }
}
