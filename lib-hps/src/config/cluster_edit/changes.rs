// SPDX-License-Identifier: GPL-3.0-or-later
//! The differences between two clusters, by their generated texts.

use super::generated::{Generated, Line, TablePath};
use super::{cut, section};

/// One difference.
#[derive(Debug)]
pub(super) enum Change<'a> {
    /// A key has another value, or a value for the first time.
    Set { table: TablePath, line: &'a Line<'a> },
    /// A key has no value any more.
    Unset { table: TablePath, line: &'a Line<'a> },
    /// A further one of several tables.
    Add { table: TablePath },
    /// A table is gone, with those in it.
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

    /// Its name in messages.
    pub(super) fn key(&self) -> String {
        match self {
            Self::Set { table, line } | Self::Unset { table, line } if table.steps.is_empty() => line.key.to_owned(),
            Self::Set { table, line } | Self::Unset { table, line } => format!("{table}.{}", line.key),
            Self::Add { table } | Self::Remove { table } => table.to_string(),
        }
    }

    /// The text with this change; `None` if its place cannot be written.
    pub(super) fn apply(&self, text: &str, new: &Generated<'_>) -> Option<String> {
        match self {
            Self::Set { table, line } => cut::set(text, table, line, new),
            Self::Unset { table, line } => cut::unset(text, table, line, new),
            Self::Add { table } => section::add(text, new.section(table)?, new),
            Self::Remove { table } => section::remove(text, table),
        }
    }
}
