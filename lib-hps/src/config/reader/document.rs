// SPDX-License-Identifier: GPL-3.0-or-later
//! Where in the text a key and its value are.

use super::failure::{Failure, What};
use super::names::Names;
use super::path::{Path, Step};
use crate::config::parse_error::{ParseError, ParseErrors};
use crate::types::line_of;
use std::ops::Range;
use toml::Spanned;
use toml::de::{DeTable, DeValue};

/// The parsed file.
pub(super) struct Document<'a> {
    text: &'a str,
    root: Spanned<DeTable<'a>>,
}

/// A key or an element on the way to a path.
struct Found<'d> {
    /// Of a key, its name.
    name: Option<Range<usize>>,
    value: &'d Spanned<DeValue<'d>>,
}

impl<'a> Document<'a> {
    /// # Errors
    /// The first place that is not TOML. After it the parser guesses.
    pub(super) fn parse(text: &'a str) -> Result<Self, ParseErrors> {
        match DeTable::parse(text) {
            Ok(root) => Ok(Self { text, root }),
            Err(error) => {
                let problem = format!("not TOML: {}", error.message().replace('\n', " "));
                Err(ParseError::new(text, &error.span().unwrap_or_default(), problem).into())
            }
        }
    }

    pub(super) fn text(&self) -> &'a str {
        self.text
    }

    pub(super) fn root(&self) -> &DeTable<'a> {
        self.root.get_ref()
    }

    /// The keys and elements that lead to a path, as far as they exist.
    fn walk(&self, path: &Path, names: &Names) -> Vec<Found<'_>> {
        let mut found: Vec<Found<'_>> = Vec::new();
        let mut above = Path::default();
        for step in path.steps() {
            let table = match found.last().map(|found| found.value.get_ref()) {
                None => Some(self.root.get_ref()),
                Some(DeValue::Table(table)) => Some(table),
                Some(_) => None,
            };
            let next = match (step, table, found.last().map(|found| found.value.get_ref())) {
                (Step::Key(wanted), Some(table), _) => {
                    let is_it = |name: &str| names.read_as(&above, name) == wanted;
                    let entry = table.iter().find(|(name, _)| is_it(name.get_ref()));
                    entry.map(|(name, value)| Found { name: Some(name.span()), value })
                }
                (Step::Index(index), None, Some(DeValue::Array(list))) => {
                    list.get(*index).map(|value| Found { name: None, value })
                }
                _ => None,
            };
            let Some(next) = next else { break };
            found.push(next);
            above = match step {
                Step::Key(name) => above.key(name),
                Step::Index(index) => above.index(*index),
            };
        }
        found
    }

    fn find(&self, path: &Path, names: &Names) -> Option<Found<'_>> {
        let mut found = self.walk(path, names);
        if found.len() == path.steps().len() { found.pop() } else { None }
    }

    /// Whether the file has this key.
    pub(super) fn has(&self, path: &Path, names: &Names) -> bool {
        self.find(path, names).is_some()
    }

    /// Whether a key names a table, or several.
    pub(super) fn is_section(&self, path: &Path, names: &Names) -> bool {
        let is_table = |value: &Spanned<DeValue<'_>>| matches!(value.get_ref(), DeValue::Table(_));
        self.find(path, names).is_some_and(|found| match found.value.get_ref() {
            DeValue::Array(list) => list.iter().any(is_table),
            _ => is_table(found.value),
        })
    }

    /// The place of a mistake: the name of a key, a value, or the head of a table that lacks a key.
    pub(super) fn place(&self, failure: &Failure, names: &Names) -> Range<usize> {
        let found = self.walk(&failure.path, names);
        let Some(found) = found.last() else { return 0..0 };
        match (&failure.what, &found.name) {
            (What::UnknownKey(_) | What::BadKey(_), Some(name)) => name.clone(),
            _ => found.value.span(),
        }
    }

    /// The place of a setting; if it is missing, its table.
    pub(super) fn place_of_setting(&self, path: &Path, names: &Names) -> Option<Range<usize>> {
        self.walk(path, names).last().map(start)
    }
}

/// A short value; the name or the head for a table.
fn start(found: &Found<'_>) -> Range<usize> {
    let value = found.value.span();
    match found.value.get_ref() {
        DeValue::Table(_) | DeValue::Array(_) => found.name.clone().unwrap_or(value),
        _ => value,
    }
}

/// The line, from 1, of a key: `install.max_attempts`, `rule.0.serial`. If it is missing, the line of its table.
pub fn line_of_key(text: &str, key: &str) -> Option<usize> {
    let document = Document::parse(text).ok()?;
    let place = document.walk(&Path::from_dotted(key), &Names::default()).last().map(start)?;
    Some(line_of(text, Some(place)))
}
