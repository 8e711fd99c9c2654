// SPDX-License-Identifier: GPL-3.0-or-later
//! A list whose elements change: those that stay keep their lines and comments.

use super::generated::Line;
use toml_edit::{Array, Value};

/// An element as it is written.
struct Element<'a> {
    /// The text before it, from the end of the previous line.
    lead: &'a str,
    value: &'a Value,
    /// The text after it in its line, after the comma.
    tail: &'a str,
}

/// The text of the list with these elements.
pub(super) fn merged(text: &str, there: &Array, wanted: &Array) -> Option<String> {
    let elements = elements(text, there)?;
    let end = end_of(text, there)?;
    let new_lead = elements.last().map_or("", |last| last.lead);
    let new_lead = if new_lead.contains('#') { new_lead.get(new_lead.rfind('\n')?..)? } else { new_lead };
    let spaced = if new_lead.is_empty() && wanted.len() > 1 { " " } else { "" };
    let mut out = String::from("[");
    for (at, value) in wanted.iter().enumerate() {
        let old = elements.iter().find(|element| is_same(element.value, value));
        let lead = old.map_or(new_lead, |old| old.lead);
        // In a list of one line, the first one follows the bracket.
        let lead = match (at, lead.contains('\n')) {
            (0, false) => elements.first().map_or("", |first| first.lead),
            (_, false) if lead.trim().is_empty() && lead.is_empty() => spaced,
            _ => lead,
        };
        out.push_str(lead);
        match old {
            Some(old) => out.push_str(text.get(old.value.span()?)?),
            None => out.push_str(&Line::written(value)),
        }
        let tail = old.map_or("", |old| old.tail);
        let is_last = at + 1 == wanted.len();
        // A comment must not hide the comma.
        if !is_last || there.trailing_comma() || tail.contains('#') {
            out.push(',');
        }
        out.push_str(tail);
    }
    out.push_str(end);
    out.push(']');
    Some(out)
}

fn is_same(one: &Value, other: &Value) -> bool {
    match (one.as_str(), other.as_str()) {
        (Some(one), Some(other)) => one == other,
        _ => Line::written(one) == Line::written(other),
    }
}

fn elements<'a>(text: &'a str, there: &'a Array) -> Option<Vec<Element<'a>>> {
    let spans: Vec<_> = there.iter().map(Value::span).collect::<Option<_>>()?;
    let mut begin = there.span()?.start + 1;
    let mut elements = Vec::new();
    for (at, value) in there.iter().enumerate() {
        let span = spans.get(at)?;
        let end = spans.get(at + 1).map_or(there.span()?.end - 1, |next| next.start);
        let rest = text.get(span.end..end)?;
        let tail = tail_of(rest);
        elements.push(Element { lead: text.get(begin..span.start)?, value, tail });
        begin = span.end + rest.len() - rest_behind(rest).len();
    }
    Some(elements)
}

/// The text between two elements: after the comma and the rest of the first line.
fn rest_behind(rest: &str) -> &str {
    let behind = rest.trim_start_matches([' ', '\t']).strip_prefix(',').unwrap_or(rest);
    match behind.find('\n') {
        Some(end) => behind.get(end..).unwrap_or_default(),
        None => behind,
    }
}

/// The text after the comma in the line of an element; empty if the next element is in the same line.
fn tail_of(rest: &str) -> &str {
    let behind = rest.trim_start_matches([' ', '\t']).strip_prefix(',').unwrap_or(rest);
    match behind.find('\n') {
        Some(end) => behind.get(..end).unwrap_or_default(),
        None => "",
    }
}

/// The text before the closing bracket.
fn end_of<'a>(text: &'a str, there: &Array) -> Option<&'a str> {
    let span = there.span()?;
    match there.iter().last() {
        Some(last) => text.get(last.span()?.end..span.end - 1).map(rest_behind),
        None => text.get(span.start + 1..span.end - 1),
    }
}
