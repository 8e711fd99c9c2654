// SPDX-License-Identifier: GPL-3.0-or-later
//! A generated cluster file, as tables and lines.

use std::fmt;

/// A table of the file: the names that lead to it. For several `[[tables]]` of one name, the second is the `name` of
/// the element.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct TablePath {
    pub(super) steps: Vec<String>,
    pub(super) is_element: bool,
}

impl TablePath {
    pub(super) fn starts_with(&self, other: &Self) -> bool {
        self.steps.starts_with(&other.steps)
    }
}

/// As in `types.SCH.disks`.
impl fmt::Display for TablePath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.steps.join("."))
    }
}

/// A key of a generated text: one line. A key without a value is a comment there.
#[derive(Debug)]
pub(super) struct Line<'a> {
    pub(super) key: &'a str,
    pub(super) value: Option<toml_edit::Value>,
    pub(super) text: &'a str,
}

/// A table of a generated text.
#[derive(Debug)]
pub(super) struct Section<'a> {
    pub(super) path: TablePath,
    pub(super) lines: Vec<Line<'a>>,
}

/// A generated text, in its order.
#[derive(Debug)]
pub(super) struct Generated<'a>(pub(super) Vec<Section<'a>>);

impl<'a> Generated<'a> {
    pub(super) fn read(text: &'a str) -> Self {
        let mut sections =
            vec![Section { path: TablePath { steps: Vec::new(), is_element: false }, lines: Vec::new() }];
        for text in text.lines() {
            if text.starts_with('[') {
                let steps = text.trim_matches(['[', ']']).split('.').map(str::to_owned).collect();
                let path = TablePath { steps, is_element: text.starts_with("[[") };
                sections.push(Section { path, lines: Vec::new() });
            } else if let (Some(line), Some(section)) = (Line::read(text), sections.last_mut()) {
                if section.path.is_element && line.key == "name" {
                    section.path.steps.extend(line.value.as_ref().and_then(|name| name.as_str()).map(str::to_owned));
                }
                section.lines.push(line);
            }
        }
        Self(sections)
    }

    pub(super) fn section(&self, path: &TablePath) -> Option<&Section<'a>> {
        self.0.iter().find(|section| section.path == *path)
    }
}

impl<'a> Line<'a> {
    fn read(text: &'a str) -> Option<Self> {
        let is_name = |key: &str| !key.is_empty() && key.bytes().all(|b| b.is_ascii_lowercase() || b == b'_');
        let (key, _) = text.strip_prefix("# ").unwrap_or(text).split_once(" =").filter(|(key, _)| is_name(key))?;
        let mut table = text.parse::<toml_edit::DocumentMut>().ok()?;
        Some(Self { key, value: table.remove(key).and_then(|item| item.into_value().ok()), text })
    }

    /// The value alone.
    pub(super) fn written(value: &toml_edit::Value) -> String {
        value.clone().decorated("", "").to_string()
    }
}
