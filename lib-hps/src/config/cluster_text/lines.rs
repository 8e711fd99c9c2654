// SPDX-License-Identifier: GPL-3.0-or-later
//! The lines of a generated cluster file: `key = value`, and a comment after it in one column.

use std::fmt::{Display, Write as _};

/// Collects the text. A key without a value is written as a comment, so that an administrator finds it.
pub(super) struct Lines(String);

impl Lines {
    pub(super) fn new() -> Self {
        Self(String::new())
    }

    pub(super) fn into_text(self) -> String {
        self.0
    }

    pub(super) fn line(&mut self, line: &str) {
        self.0.push_str(line);
        self.0.push('\n');
    }

    pub(super) fn table(&mut self, name: &str) {
        self.line("");
        self.line(&format!("[{name}]"));
    }

    /// One of several tables of the same name.
    pub(super) fn element(&mut self, name: &str) {
        self.line("");
        self.line(&format!("[[{name}]]"));
    }

    /// A number, a truth value or a list of numbers.
    pub(super) fn bare(&mut self, key: &str, value: impl Display, about: &str) {
        let assignment = format!("{key} = {value}");
        // Writing to a String cannot fail.
        let _infallible = writeln!(self.0, "{assignment:<44} # {about}");
    }

    pub(super) fn text(&mut self, key: &str, value: impl Display, about: &str) {
        self.bare(key, toml::Value::String(value.to_string()), about);
    }

    pub(super) fn option(&mut self, key: &str, value: Option<impl Display>, about: &str) {
        match value {
            Some(value) => self.text(key, value, about),
            None => self.line(&format!(
                "# {key} = \"\" {:>width$}# {about}",
                "",
                width = 36_usize.saturating_sub(key.len())
            )),
        }
    }

    pub(super) fn number(&mut self, key: &str, value: Option<u32>, about: &str) {
        match value {
            Some(value) => self.bare(key, value, about),
            None => self.line(&format!("{:<44} # {about}", format!("# {key} ="))),
        }
    }

    /// A key that explains itself and is left out if it has no value.
    pub(super) fn given(&mut self, key: &str, value: Option<impl Display>) {
        if let Some(value) = value {
            self.line(&format!("{key} = {}", toml::Value::String(value.to_string())));
        }
    }

    pub(super) fn list(&mut self, key: &str, values: &[impl Display], about: &str) {
        let items: Vec<toml::Value> = values.iter().map(|v| toml::Value::String(v.to_string())).collect();
        self.bare(key, toml::Value::Array(items), about);
    }
}
