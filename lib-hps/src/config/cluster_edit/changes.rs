// SPDX-License-Identifier: GPL-3.0-or-later
//! What differs between two clusters, by their generated texts.

use super::{cut, section};
use std::fmt;

/// A table of the file: the names that lead to it. Of several `[[tables]]` of one name, the second is the `name` of the element.
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

/// One difference.
#[derive(Debug)]
pub(super) enum Change<'a> {
    /// A key has another value, or one at all.
    Set { table: TablePath, line: &'a Line<'a> },
    /// A key has none any more.
    Unset { table: TablePath, line: &'a Line<'a> },
    /// A further one of several tables.
    Add { table: TablePath },
    /// A table is gone, and those in it.
    Remove { table: TablePath },
}

impl<'a> Change<'a> {
    pub(super) fn between(old: &'a Generated<'a>, new: &'a Generated<'a>) -> Vec<Self> {
        let mut changes: Vec<Self> = Vec::new();
        for section in &old.0 {
            let is_covered =
                |change: &Self| matches!(change, Self::Remove { table } if section.path.starts_with(table));
            if new.section(&section.path).is_none() && !changes.iter().any(is_covered) {
                changes.push(Self::Remove { table: section.path.clone() });
            }
        }
        for section in &new.0 {
            let table = || section.path.clone();
            let before = old.section(&section.path);
            if before.is_none() && section.path.is_element {
                changes.push(Self::Add { table: table() });
                continue;
            }
            let old_line = |key: &str| before?.lines.iter().find(|line| line.key == key && line.value.is_some());
            for line in &section.lines {
                let was = old_line(line.key).and_then(|line| line.value.as_ref()).map(Line::written);
                match &line.value {
                    Some(value) if was.as_ref() != Some(&Line::written(value)) => {
                        changes.push(Self::Set { table: table(), line });
                    }
                    _ => {}
                }
            }
            for line in before.iter().flat_map(|before| &before.lines).filter(|line| line.value.is_some()) {
                if !section.lines.iter().any(|now| now.key == line.key && now.value.is_some()) {
                    changes.push(Self::Unset { table: table(), line });
                }
            }
        }
        changes
    }

    /// What messages call it.
    pub(super) fn key(&self) -> String {
        match self {
            Self::Set { table, line } | Self::Unset { table, line } if table.steps.is_empty() => line.key.to_owned(),
            Self::Set { table, line } | Self::Unset { table, line } => format!("{table}.{}", line.key),
            Self::Add { table } | Self::Remove { table } => table.to_string(),
        }
    }

    /// The text with this change; `None` where its place cannot be written.
    pub(super) fn apply(&self, text: &str, new: &Generated<'_>) -> Option<String> {
        match self {
            Self::Set { table, line } => cut::set(text, table, line, new),
            Self::Unset { table, line } => cut::unset(text, table, line, new),
            Self::Add { table } => section::add(text, new.section(table)?, new),
            Self::Remove { table } => section::remove(text, table),
        }
    }
}
