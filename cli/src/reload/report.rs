// SPDX-License-Identifier: GPL-3.0-or-later
//! What `reload` reports: its answer in JSON, and lines for people.

use crate::program;

/// The answer in JSON. The names of the fields are an interface.
#[derive(Default, serde::Serialize)]
pub(super) struct Answer {
    pub(super) changed: Vec<String>,
    pub(super) restarted: Vec<&'static str>,
    pub(super) stopped: Vec<&'static str>,
    /// Files whose permissions were repaired.
    pub(super) mended: Vec<String>,
    /// Problems for a person.
    pub(super) problems: Vec<String>,
    /// Notes.
    pub(super) notes: Vec<String>,
    pub(super) dry_run: bool,
}

/// Prints problems and repairs.
pub(super) fn report(lines: &[String]) {
    for line in lines {
        program::eprint(format_args!("reload: {line}"));
    }
}

/// Prints notes for a person who waits: cron would send them again and again.
pub(super) fn report_notes(notes: &[String]) {
    for line in notes {
        program::eprint_progress("reload", format_args!("note: {line}"));
    }
}
