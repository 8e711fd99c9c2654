// SPDX-License-Identifier: GPL-3.0-or-later
//! One value of a report: bounded, on one line, without control characters.

use crate::types::Line;

/// Longer than any name that a vendor gives to a part.
const MAX_BYTES: usize = 96;

/// What firmware has in a field that its maker left empty.
const EMPTY: [&str; 19] = [
    "none",
    "n/a",
    "not specified",
    "not provided",
    "not available",
    "not present",
    "no dimm",
    "no module installed",
    "unknown",
    "unspecified",
    "default string",
    "to be filled by o.e.m.",
    "to be filled by o.e.m",
    "system serial number",
    "chassis serial number",
    "base board serial number",
    "empty",
    "<out of spec>",
    "0x00000000",
];

/// A text as a value; `None` if it says nothing.
pub(super) fn value(text: &str) -> Option<Line> {
    let text = text.trim();
    if EMPTY.contains(&text.to_ascii_lowercase().as_str()) {
        return None;
    }
    let mut cut = String::with_capacity(text.len().min(MAX_BYTES));
    for word in text.split_whitespace() {
        let gap = usize::from(!cut.is_empty());
        if gap == 1 && cut.len() < MAX_BYTES {
            cut.push(' ');
        }
        for c in word.chars() {
            if cut.len() + c.len_utf8() > MAX_BYTES {
                return kept(&cut);
            }
            cut.push(c);
        }
    }
    kept(&cut)
}

fn kept(text: &str) -> Option<Line> {
    let line = Line::lossy(text);
    (!line.as_str().is_empty()).then_some(line)
}

/// `key: value` of an indented output; the value may be empty.
pub(super) fn pair(line: &str) -> Option<(&str, &str)> {
    let (key, value) = line.split_once(':')?;
    Some((key.trim(), value.trim()))
}

/// Bytes in the unit that fits, with one digit behind the point.
pub(super) fn size(bytes: u64) -> String {
    let units = [("TiB", 1u64 << 40), ("GiB", 1 << 30), ("MiB", 1 << 20)];
    let fitting = units.iter().find(|(_, unit)| bytes >= *unit);
    fitting.map_or_else(
        || format!("{bytes} bytes"),
        |(name, unit)| format!("{}.{} {name}", bytes / unit, bytes % unit * 10 / unit),
    )
}
