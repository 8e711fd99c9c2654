// SPDX-License-Identifier: GPL-3.0-or-later
//! The answer of the program: nothing under cron, a line on a terminal, the list of a dry run, or JSON.

use super::arguments::Arguments;
use super::recipient::Recipient;
use super::remote::FOLDER;
use super::site_files::SiteFiles;
use crate::program;
use hps::exec::rsync::Change;
use hps::types::PlainPath;

/// What was copied, or would be.
#[derive(Debug, serde::Serialize)]
pub(super) struct Answer<'a> {
    host: &'a str,
    folder: &'static str,
    /// The name of the new copy.
    copy: Option<String>,
    dry_run: bool,
    /// The contents of a copy.
    paths: Vec<&'a PlainPath>,
    /// What was sent or removed, or would be; stored for an answer that lists it.
    changes: Vec<Change>,
    #[serde(skip)]
    json: bool,
}

impl<'a> Answer<'a> {
    pub(super) fn new(arguments: &Arguments, recipient: &'a Recipient, files: &'a SiteFiles) -> Self {
        Self {
            host: &recipient.label,
            folder: FOLDER,
            copy: None,
            dry_run: arguments.dry_run,
            paths: files.all().collect(),
            changes: Vec::new(),
            json: arguments.json,
        }
    }

    /// Notes a change.
    pub(super) fn changed(&mut self, change: Change) {
        if self.json || self.dry_run {
            self.changes.push(change);
        }
    }

    /// Notes that a copy of this name is complete.
    pub(super) fn copied(&mut self, name: String) {
        self.copy = Some(name);
    }

    /// Whether a dry run has found a change.
    pub(super) fn has_changes(&self) -> bool {
        !self.changes.is_empty()
    }

    pub(super) fn print(&self) -> anyhow::Result<()> {
        if self.json {
            return program::print_json(self);
        }
        if self.dry_run {
            for change in &self.changes {
                program::print(change)?;
            }
        }
        if let Some(name) = self.copy.as_ref().filter(|_| program::on_terminal()) {
            program::print(format_args!("{}: {FOLDER}/{name} is a complete copy", self.host))?;
        }
        Ok(())
    }
}
